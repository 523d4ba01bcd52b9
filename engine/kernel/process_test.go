package kernel_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/kernel"
)

func shell(t *testing.T, script string) *kernel.Process {
	t.Helper()
	p, err := kernel.StartProcess(exec.Command("/bin/sh", "-c", script))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.End(0) })
	return p
}

func TestAProcessTellsHowItEnded(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]kernel.Exit{
		"exit 0":                     {},
		"echo a; echo b >&2; exit 3": {Code: 3, Stderr: "a\nb\n"},
		"kill -SEGV $$":              {Code: -1, Signal: syscall.SIGSEGV},
	} {
		p := shell(t, script)
		<-p.Done()
		if got := p.Exit(); got != want {
			t.Errorf("%s: %+v, want %+v", script, got, want)
		}
		if err := p.Signal(syscall.SIGINT); !errors.Is(err, kernel.ErrDead) {
			t.Errorf("%s: signal: %v", script, err)
		}
	}
}

func TestOnlyTheLastWordsAreKept(t *testing.T) {
	t.Parallel()
	p := shell(t, "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done")
	<-p.Done()
	words := p.Exit().Stderr
	if len(words) > 8<<10 || !strings.HasSuffix(words, "line 19999\n") || p.Exit().LastWords() != "line 19999" {
		t.Errorf("%d bytes, ending in %q", len(words), words[max(0, len(words)-30):])
	}
}

func TestANoteOfOursIsTheLastWord(t *testing.T) {
	t.Parallel()
	p := shell(t, "exec sleep 600")
	p.Note("we ended it")
	p.End(0)
	if got := p.Exit(); got.LastWords() != "we ended it" || got.Signal == 0 {
		t.Errorf("%+v", got)
	}
}

func TestTheWholeGroupIsSignalled(t *testing.T) {
	t.Parallel()
	// The shell outlives its child only when the signal does not reach the child.
	p := shell(t, "trap 'exit 9' INT; echo up; sleep 600; exit 1")
	for !strings.Contains(p.Tail(), "up") && !p.Ended() {
		p.Await(context.Background(), time.Millisecond)
	}
	// A signal between echo and sleep reaches no sleep: it is sent again.
	for begun := time.Now(); !p.Ended() && time.Since(begun) < time.Minute; {
		if err := p.Signal(syscall.SIGINT); err != nil && !errors.Is(err, kernel.ErrDead) {
			t.Fatal(err)
		}
		p.Await(t.Context(), 100*time.Millisecond)
	}
	if !p.Ended() || p.Exit().Code != 9 {
		t.Errorf("%+v", p.Exit())
	}
}

func TestEndKillsWhatIgnoresTheRequest(t *testing.T) {
	t.Parallel()
	p := shell(t, "trap '' TERM INT; echo up; while :; do sleep 1; done")
	for !strings.Contains(p.Tail(), "up") && !p.Ended() {
		p.Await(context.Background(), time.Millisecond)
	}
	p.Asked()
	p.End(20 * time.Millisecond)
	if got := p.Exit(); got.Signal != syscall.SIGKILL || !got.Asked {
		t.Errorf("%+v", got)
	}
}

func TestAChildThatKeepsThePipesDoesNotHideADeath(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	p := shell(t, "setsid sleep 30 & exit 4")
	<-p.Done()
	if took := time.Since(begun); p.Exit().Code != 4 || took > 20*time.Second {
		t.Errorf("%+v after %v", p.Exit(), took)
	}
}

func TestAwaitHeedsItsContextAndItsPatience(t *testing.T) {
	t.Parallel()
	p := shell(t, "exec sleep 600")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p.Await(ctx, time.Hour) || p.Await(t.Context(), time.Millisecond) {
		t.Error("it has ended")
	}
}

func TestAnEndIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	killed := kernel.Exit{Code: -1, Signal: syscall.SIGKILL, Stderr: "x\n\n last \n\n"}
	for want, err := range map[string]error{
		`start kernel "k": it was killed (SIGKILL); its last words: last`: &kernel.StartError{Kernel: "k", Exit: killed},
		`start kernel "k": it ended with exit status 1 without a word`:    &kernel.StartError{Kernel: "k", Exit: kernel.Exit{Code: 1}},
		`start kernel "k": it did not answer within 2s without a word`:    &kernel.StartError{Kernel: "k", Silent: 2 * time.Second},
	} {
		if err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
