package js

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

const program = `
let out; globalThis.answer = () => out; const due = [];
globalThis.tick = () => { const d = due.splice(0); d.forEach((f) => f()); return d.length; };
globalThis.echo = (s) => { out = s; };
globalThis.later = (s) => { Promise.resolve(s).then((v) => due.push(() => { out = v + '!'; })); };
globalThis.spin = () => { for (;;) {} };
globalThis.forever = () => { const f = () => { due.push(f); }; f(); };
globalThis.eat = () => { const a = []; for (;;) { a.push('x'.repeat(1 << 20) + a.length); } };
globalThis.deep = () => { const f = () => f() + 1; f(); };
globalThis.reach = () => { out = [typeof require, typeof std, typeof os, typeof fetch, typeof XMLHttpRequest, typeof scriptArgs].join(); };
globalThis.fail = () => { throw new Error('no'); };
`

func machine(t *testing.T) *Machine {
	m := New(Program{Source: func() (string, error) { return program, nil }}, Bounds{Memory: 32 << 20, Time: 300 * time.Millisecond})
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func TestCallsAnswerAfterPromisesAndTimers(t *testing.T) {
	t.Parallel()
	m := machine(t)
	for call, want := range map[string]string{"echo": "zß水", "later": "zß水!"} {
		if got, err := m.Call(call, "zß水"); err != nil || got != want {
			t.Errorf("%s: %q %v", call, got, err)
		}
	}
}

func TestBoundsHoldAndTheMachineComesBack(t *testing.T) {
	t.Parallel()
	m := machine(t)
	for _, call := range []string{"spin", "forever", "eat"} {
		start := time.Now()
		if _, err := m.Call(call); !errors.Is(err, ErrBound) {
			t.Errorf("%s: %v", call, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", call, took)
		}
		if got, err := m.Call("echo", "x"); err != nil || got != "x" {
			t.Errorf("after %s: %q %v", call, got, err)
		}
	}
	for _, call := range []string{"deep", "fail", "nothing"} {
		if _, err := m.Call(call); err == nil {
			t.Errorf("%s did not fail", call)
		}
	}
}

func TestProgramsReachNothingOutside(t *testing.T) {
	t.Parallel()
	got, err := machine(t).Call("reach")
	if err != nil || strings.Trim(got, "undefi,") != "" {
		t.Errorf("%q %v", got, err)
	}
}

func TestGoroutinesTakeTurns(t *testing.T) {
	t.Parallel()
	m := machine(t)
	var wg sync.WaitGroup
	for _, s := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			for range 20 {
				if got, err := m.Call("echo", s); err != nil || got != s {
					t.Errorf("%q for %q: %v", got, s, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestCompiledProgramsAreKept(t *testing.T) {
	t.Parallel()
	p := Program{Source: func() (string, error) { return program, nil }, Cache: t.TempDir() + "/new", Key: "test", Name: "program"}
	run := func(p Program) error {
		m := New(p, Bounds{Memory: 32 << 20, Time: time.Second})
		got, err := m.Call("echo", "x")
		if err == nil && got != "x" {
			t.Errorf("it said %q", got)
		}
		return errors.Join(err, m.Close())
	}
	if err := run(p); err != nil {
		t.Fatal(err)
	}
	p.Source = func() (string, error) { return "", errors.New("not to be read again") }
	if err := run(p); err != nil {
		t.Fatal(err)
	}
	other := p
	other.Key = "another"
	if err := run(other); err == nil {
		t.Error("another program was taken for it")
	}
	newer := p
	newer.Source, newer.Key = func() (string, error) { return program, nil }, "newer"
	if err := run(newer); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(p.Cache); err != nil || len(left) != 1 {
		t.Errorf("%v are kept, %v", left, err)
	}
	p.Key = "newer"
	if err := os.Truncate(p.path(), 1000); err != nil {
		t.Fatal(err)
	}
	if err := run(p); err == nil {
		t.Error("a damaged file was run")
	}
}
