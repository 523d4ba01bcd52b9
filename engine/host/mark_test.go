package host_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel"
)

func TestTheMarkOfAFileIsThatOfWhoeverWroteItLast(t *testing.T) {
	t.Parallel()
	before, after := []byte("before"), []byte("after")
	m := host.Mark{Seq: 3, Revision: "r1", Open: []string{"a"}, Next: &host.Mark{Seq: 9, Revision: host.Content(after), Open: []string{"b"}}}
	for name, c := range map[string]struct {
		data     []byte
		revision string
		want     host.Mark
		ok       bool
	}{
		"not written yet":       {before, "r1", m, true},
		"written, not marked":   {after, "r2", host.Mark{Seq: 9, Revision: "r2", Open: []string{"b"}}, true},
		"changed by a stranger": {[]byte("theirs"), "r2", m, false},
	} {
		if got, ok := m.Of(c.data, c.revision); ok != c.ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, ok)
		}
	}
}

func TestAMarkFollowsItsFile(t *testing.T) {
	t.Parallel()
	var kept host.Mark
	h := host.New(host.Options{
		Launch: func(context.Context) (kernel.Kernel, error) { return nil, errors.New("none is wanted") },
		Now:    time.Now, Mark: host.Mark{Seq: 1, Revision: "r1"}, Marked: func(m host.Mark) { kept = m },
	})
	defer func() { _ = h.Close() }()
	next := host.Mark{Seq: 5, Revision: "content"}
	for i, step := range []struct {
		do   func() error
		want host.Mark
	}{
		{func() error { return h.Intend(next) }, host.Mark{Seq: 1, Revision: "r1", Next: &next}},
		{func() error { return h.Moved("r0", "r2") }, host.Mark{Seq: 1, Revision: "r1", Next: &next}}, // somebody is late
		{func() error { return h.Moved("r1", "r2") }, host.Mark{Seq: 1, Revision: "r2", Next: &next}},
		{func() error { return h.SetMark(host.Mark{Seq: 5, Revision: "r3"}) }, host.Mark{Seq: 5, Revision: "r3"}},
		{func() error { return h.SetMark(host.Mark{}) }, host.Mark{}},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := h.Status().Mark; !reflect.DeepEqual(got, step.want) {
			t.Errorf("step %d: %+v", i, got)
		}
		if i != 1 && !reflect.DeepEqual(kept, step.want) {
			t.Errorf("step %d: kept %+v", i, kept)
		}
	}
}
