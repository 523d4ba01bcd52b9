// Package js runs JavaScript that is ours, on data that is not, in QuickJS: no
// files, no network, no clock but Date, bounds on time and memory. A machine that
// ran into a bound is thrown away and made anew.
package js

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"modernc.org/quickjs"
)

// Bounds are the limits of one machine.
type Bounds struct {
	Memory int           // bytes
	Time   time.Duration // of one call
}

// ErrBound is wrapped when a call took more time or memory than it may.
var ErrBound = errors.New("it took more time or memory than it may")

// Machine is a program that is loaded on first use. It may be used by several
// goroutines, one call at a time.
type Machine struct {
	program Program
	bounds  Bounds

	mu     sync.Mutex
	vm     *quickjs.VM // nil before the first call and after a bound was met
	closed bool
}

// New makes a machine, which costs nothing before the first call.
func New(p Program, bounds Bounds) *Machine {
	return &Machine{program: p, bounds: bounds}
}

// maxTurns bounds how often promises and timers are run after a call.
const maxTurns = 10_000

// Call calls a global function of the program with text, lets promises and timers
// run, and returns what the global function answer says then.
func (m *Machine) Call(function string, args ...string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ready(); err != nil {
		return "", err
	}
	start := time.Now()
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	if _, err := m.vm.Call(function, list...); err != nil {
		return "", m.failed(start, err)
	}
	for turn := 0; ; turn++ {
		jobs, err := m.vm.ExecutePendingJobs()
		if err != nil {
			return "", m.failed(start, err)
		}
		due, err := m.vm.Call("tick")
		if err != nil {
			return "", m.failed(start, err)
		}
		if jobs == 0 && fmt.Sprint(due) == "0" {
			break
		}
		if turn >= maxTurns || time.Since(start) > m.bounds.Time {
			return "", m.failed(start, ErrBound)
		}
	}
	out, err := m.vm.Call("answer")
	if err != nil {
		return "", m.failed(start, err)
	}
	text, ok := out.(string)
	if !ok {
		return "", m.failed(start, errors.New("it gave no answer"))
	}
	return text, nil
}

// ready loads the program.
func (m *Machine) ready() error {
	switch {
	case m.closed:
		return errors.New("run JavaScript: the machine is closed")
	case m.vm != nil:
		return nil
	}
	vm, err := quickjs.NewVM()
	if err != nil {
		return fmt.Errorf("start JavaScript: %w", err)
	}
	vm.SetMemoryLimit(uintptr(m.bounds.Memory))
	err = vm.SetEvalTimeout(m.bounds.Time)
	if err == nil {
		err = m.program.load(vm)
	}
	if err != nil {
		_ = vm.Close()
		return fmt.Errorf("load the program: %w", err)
	}
	m.vm = vm
	return nil
}

// failed throws the machine away: after a bound its state is unknown.
func (m *Machine) failed(start time.Time, err error) error {
	_ = m.vm.Close()
	m.vm = nil
	if !errors.Is(err, ErrBound) && time.Since(start) >= m.bounds.Time || err.Error() == "InternalError: out of memory" {
		err = fmt.Errorf("%w: %w", ErrBound, err)
	}
	return fmt.Errorf("run JavaScript: %w", err)
}

// Reset throws away all that the program holds; it is loaded anew for the next call.
func (m *Machine) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.vm != nil {
		_ = m.vm.Close()
		m.vm = nil
	}
}

// Close ends the machine. It may be closed again.
func (m *Machine) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.vm == nil {
		return nil
	}
	err := m.vm.Close()
	m.vm = nil
	return err
}
