package session

import (
	"encoding/json"
	"fmt"

	"nbterm/engine/wire"
)

// Call is a message to a comm, ready for Host.Send, that comes from the widgets of the
// cell with this key: what its callbacks print is shown there.
func (s *Session) Call(key uint64, content any) (*wire.Message, error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("write a message to a widget: %w", err)
	}
	m := &wire.Message{Channel: wire.Shell, Header: wire.Header{MsgID: s.Host.NewID(), MsgType: wire.TypeCommMsg}, Content: raw}
	s.callers[m.Header.MsgID] = key
	return m, nil
}

// called gives the cell that the callback of a widget speaks to, and notes its end.
func (s *Session) called(m *wire.Message, f *Folded) (*cell, uint64) {
	key, ok := s.callers[m.Parent.MsgID]
	if !ok {
		return nil, 0
	}
	if m.Type() == wire.TypeStatus {
		f.Done = append(f.Done, m.Parent.MsgID)
		return nil, 0
	}
	if s.cells[key] == nil && s.Doc.Index(key) >= 0 {
		s.cells[key] = &cell{}
	}
	return s.cells[key], key
}

// unplug says that no kernel listens to the widgets any more.
func (s *Session) unplug() {
	s.Widgets.Ended()
	clear(s.callers)
}
