package registry_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/spec"
)

func TestASpareIsClaimedOnceAndKeepsItsID(t *testing.T) {
	t.Parallel()
	d := dirs(t)
	lock, err := d.Create(registry.Entry{ID: "warm", Spare: "k", Spec: spec.Spec{Name: "python3"}, Started: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if of, all := d.Spares("k"); of != 1 || all != 1 {
		t.Fatalf("%d of the kind, %d in all", of, all)
	}
	if _, ok := d.Claim(registry.Entry{ID: "x", Spare: "other"}); ok {
		t.Fatal("a spare of another kind was given")
	}
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if h, ok := d.Claim(registry.Entry{ID: "x", Spare: "k", Notebook: "/n.ipynb"}); ok {
				won.Add(1)
				if h.ID != "warm" || h.Notebook != "/n.ipynb" || h.Spec.Name != "python3" {
					t.Errorf("claimed %+v", h.Entry)
				}
			}
		}()
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d claimed it", won.Load())
	}
	if of, all := d.Spares("k"); of != 0 || all != 0 {
		t.Errorf("still counted: %d, %d", of, all)
	}
	h, err := d.Get("warm")
	if err != nil || h.Notebook != "/n.ipynb" || h.Spare != "" {
		t.Errorf("on disk: %+v, %v", h.Entry, err)
	}
}

func TestWhatATerminalSaysOfItselfMakesNoOtherKind(t *testing.T) {
	t.Parallel()
	s := spec.Spec{Name: "python3", Argv: []string{"python3"}}
	base := registry.SpareKey(s, "/a", []string{"HOME=/h", "TERM=xterm", "TMUX=1", "SSH_TTY=x"})
	if registry.SpareKey(s, "/a", []string{"TERM=foot", "HOME=/h"}) != base {
		t.Error("another terminal is another kind")
	}
	for name, other := range map[string]string{
		"another folder":   registry.SpareKey(s, "/b", []string{"HOME=/h"}),
		"another variable": registry.SpareKey(s, "/a", []string{"HOME=/h", "VIRTUAL_ENV=/v"}),
		"another kernel":   registry.SpareKey(spec.Spec{Name: "ir"}, "/a", []string{"HOME=/h"}),
	} {
		if other == base {
			t.Errorf("%s is the same kind", name)
		}
	}
}
