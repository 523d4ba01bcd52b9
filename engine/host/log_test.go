package host_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/wire"
)

// journaled is a rig whose host keeps its events in dir.
func journaled(t *testing.T, script kerneltest.Script, limit int64) (*rig, string) {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	launch := kerneltest.Launcher(script, nil)
	h := host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) { return launch(ctx, kernel.Options{}) },
		Stamp:  stamp(), Now: time.Now, Journal: j, Cap: limit,
	})
	t.Cleanup(func() { _ = h.Close(); _ = j.Close() })
	return &rig{Host: h, t: t}, dir
}

// chatter says n lines of about a kilobyte, numbered.
func chatter(n int) kerneltest.Script {
	return func(c *kerneltest.ScriptCell) {
		for range n {
			c.Stdout(strings.Repeat("x", 1000) + "\n")
		}
	}
}

func TestALateClientReadsFromTheJournalWhatMemoryForgot(t *testing.T) {
	t.Parallel()
	r, dir := journaled(t, chatter(20_000), 0)
	now := r.attach(1)
	r.queue("talk")
	first := r.until(now, ended("talk"))
	late := r.until(r.attach(1), ended("talk"))
	if len(first) != len(late) {
		t.Fatalf("late client saw %d events, the first %d", len(late), len(first))
	}
	for i := range late {
		if late[i].Seq != uint64(i+1) || late[i].Kind != first[i].Kind || late[i].Exec != first[i].Exec {
			t.Fatalf("event %d is %+v, was %+v", i+1, late[i], first[i])
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	count := 0
	host.Replay(j, func(events []host.Event) {
		for _, e := range events {
			if e.Kind == host.Said && e.Message.Type() == "stream" {
				count++
			}
		}
	})
	if count != 20_000 {
		t.Errorf("after the host's end the journal holds %d lines", count)
	}
}

func TestAFullJournalDropsOutputButNoEnd(t *testing.T) {
	t.Parallel()
	r, _ := journaled(t, chatter(3000), 1<<20)
	f := r.attach(1)
	r.queue("talk", "more")
	events := r.until(f, ended("more"))
	if gaps, lines := losses(t, events, "limit of 1 MB"); gaps != 2 || lines == 0 || lines >= 6000 {
		t.Errorf("%d gaps, %d lines", gaps, lines)
	}
	if got := story(events); !strings.HasSuffix(got, "gap, ok talk, running more, gap, ok more") {
		t.Errorf("the ends are missing: …%s", got[max(0, len(got)-80):])
	}
}

// losses counts gaps, which must say why, and lines said.
func losses(t *testing.T, events []host.Event, why string) (gaps, lines int) {
	t.Helper()
	for _, e := range events {
		switch {
		case e.Kind == host.Gap:
			gaps++
			if !strings.Contains(e.Reason, why) {
				t.Errorf("the gap says %q", e.Reason)
			}
		case e.Kind == host.Said && e.Message.Type() == "stream":
			lines++
		}
	}
	return gaps, lines
}

func TestAFullDiskDropsOutputButNoEndAndIsForgivenWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=3m,mode=700"); err != nil {
		t.Skipf("a small filesystem can only be mounted by root: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	launch := kerneltest.Launcher(chatter(3000), nil)
	var clock atomic.Int64
	h := host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) { return launch(ctx, kernel.Options{}) },
		Stamp:  stamp(), Now: func() time.Time { return time.Unix(clock.Load(), 0) }, Journal: j,
	})
	t.Cleanup(func() { _ = h.Close(); _ = j.Close() })
	r := &rig{Host: h, t: t}
	f := r.attach(1)
	for i := range 100 { // far more than the ends of these may take
		r.queue(fmt.Sprint("talk", i))
	}
	events := r.until(f, ended("talk99"))
	if gaps, lines := losses(t, events, "no space left"); gaps != 100 || lines == 0 || lines > 2000 {
		t.Errorf("%d gaps, %d lines", gaps, lines)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	clock.Add(5)
	r.queue("again")
	last := r.until(f, ended("again"))
	if _, lines := losses(t, last, "no space left"); lines < 400 {
		t.Errorf("with room again %d lines are kept", lines)
	}
	other, err := journal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var replayed []host.Event
	host.Replay(other, func(batch []host.Event) { replayed = append(replayed, batch...) })
	if got, want := story(replayed), story(append(events, last...)); !strings.HasPrefix(got, want) {
		t.Errorf("the journal tells another story: %d events, %d were heard", len(replayed), len(events)+len(last))
	}
}

func TestEventsSurviveTheirEncoding(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_700_000_000, 123_456_789)
	exec := host.Execution{ID: "e", Code: "x = 'é'", Cell: host.CellRef{ID: "c", Index: 3, Hash: "h"}, KeepGoing: true, NoStdin: true}
	for _, e := range []host.Event{
		{Kind: host.Queued, Exec: "e", Execution: &exec},
		{Kind: host.Finished, Exec: "e", Outcome: host.Died, Reason: "killed"},
		{Kind: host.Changed, State: host.Idle, Info: &kernel.Info{Name: "python3", PID: 7, Reply: []byte(`{"a":1}`)}},
		{Kind: host.Changed, State: host.Dead, Exit: &kernel.Exit{Code: -1, Signal: 9, Stderr: "oops"}},
		{Kind: host.Changed, State: host.Dead, Failure: "no python"},
		{Kind: host.Gap, Reason: "lost"},
		{Kind: host.Said, Exec: "e", Message: &wire.Message{
			Channel: wire.IOPub, Header: wire.Header{MsgID: "m", MsgType: "display_data"}, Parent: wire.Header{MsgID: "e"},
			Metadata: []byte(`{}`), Content: []byte(`{"data":{"x":NaN}}`), Buffers: [][]byte{{}, {0, 1, 255}},
		}},
	} {
		e.Seq, e.Time = 42, at
		for _, version := range []int{1, 2} {
			back, err := host.DecodeEvent(42, e.EncodeAs(version))
			if err != nil {
				t.Fatal(err)
			}
			if !back.Time.Equal(e.Time) {
				t.Errorf("time %v, was %v", back.Time, e.Time)
			}
			back.Time = e.Time
			if !reflect.DeepEqual(back, e) {
				t.Errorf("came back as %+v\nwas %+v", back, e)
			}
		}
	}
}

// The file was written by the first version; it must stay readable.
func TestAJournalOfTheFirstVersionTellsItsStory(t *testing.T) {
	t.Parallel()
	j, err := journal.Open(filepath.Join("testdata", "version-1"))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var all []host.Event
	host.Replay(j, func(events []host.Event) { all = append(all, events...) })
	want := `starting, queued a, idle, busy, running a, said "one\n", said "two\n", error a, dropped b, idle, dead`
	if got := story(all); got != want {
		t.Errorf("it tells %s\nwant %s", got, want)
	}
	if all[1].Execution.Cell.ID != "c1" || all[2].Info.Name != "python3" || !all[5].Time.Equal(time.Unix(1_700_000_005, 0)) {
		t.Errorf("%+v", all)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	e := host.Event{Kind: host.Said, Message: &wire.Message{Content: []byte("{}"), Buffers: [][]byte{{1}}}}
	f.Add(e.EncodeAs(1))
	f.Add(e.EncodeAs(2))
	f.Add([]byte{1, 0})
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = host.DecodeEvent(1, data)
	})
}
