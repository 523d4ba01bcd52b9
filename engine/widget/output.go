package widget

import (
	"slices"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/engine/wire"
)

// capture says that an Output takes what is said in answer to a message. The one that
// was entered last has it, as nested "with out:" blocks mean it.
type capture struct {
	model string
	msgID string
}

// redirect follows the msg_id of an Output; "" ends its capture.
func (s *Set) redirect(model, msgID string) {
	s.release(model)
	if msgID != "" {
		s.capture = append(s.capture, capture{model, msgID})
	}
}

func (s *Set) release(model string) {
	s.capture = slices.DeleteFunc(s.capture, func(c capture) bool { return c.model == model })
}

// captured folds an output into the Output that captures it, if one does.
func (s *Set) captured(m *wire.Message) bool {
	for _, c := range slices.Backward(s.capture) {
		if c.msgID != m.Parent.MsgID {
			continue
		}
		if model := s.models[c.model]; model != nil {
			return s.take(model, m)
		}
	}
	return false
}

// take folds one output into an Output.
func (s *Set) take(model *Model, m *wire.Message) bool {
	next := *model
	switch m.Type() {
	case wire.TypeClearOutput:
		var v wire.ClearOutput
		if m.Decode(&v) != nil {
			return false
		}
		if next.clear = v.Wait; !v.Wait {
			next.outputs = nil
		}
	case wire.TypeStream:
		var v wire.Stream
		if m.Decode(&v) != nil {
			return false
		}
		next.fresh()
		next.stream(v.Name, v.Text)
	default:
		out := outputOf(m)
		if out == nil {
			return false
		}
		next.fresh()
		next.outputs = append(slices.Clip(next.outputs), out)
	}
	// Whoever reads the attribute must not find what was told before.
	next.state = next.with(func(n *Model) { delete(n.state, "outputs") }).state
	s.put(&next)
	return true
}

// fresh carries out a clear_output(wait=True) that waited for this output.
func (m *Model) fresh() {
	if m.clear {
		m.clear, m.outputs = false, nil
	}
}

// stream appends text to the last output if that is the same stream.
func (m *Model) stream(name, text string) {
	if n := len(m.outputs); n > 0 {
		if last := m.outputs[n-1]; last.Kind() == notebook.Stream && last.StreamName() == name {
			m.outputs = slices.Clone(m.outputs)
			m.outputs[n-1] = last.AppendText(text)
			return
		}
	}
	m.outputs = append(slices.Clip(m.outputs), notebook.NewStream(name, text))
}

// outputOf makes an output of a display, a result or an error; nil of anything else.
func outputOf(m *wire.Message) *notebook.Output {
	switch m.Type() {
	case wire.TypeDisplayData, wire.TypeExecuteResult:
		var v wire.DisplayData
		if m.Decode(&v) != nil {
			return nil
		}
		b, err := mime.Parse(v.Data)
		if err != nil {
			return nil
		}
		return notebook.NewDisplay(b, v.Metadata, v.Transient.DisplayID)
	case wire.TypeError:
		var v wire.ErrorContent
		if m.Decode(&v) != nil {
			return nil
		}
		return notebook.NewError(v.EName, v.EValue, v.Traceback)
	}
	return nil
}

// redisplay folds update_display_data into the Outputs that show that display.
func (s *Set) redisplay(m *wire.Message) {
	out := (*notebook.Output)(nil)
	var v wire.DisplayData
	if m.Decode(&v) != nil || v.Transient.DisplayID == "" {
		return
	}
	for _, model := range s.models {
		for i, old := range model.outputs {
			if old.DisplayID() != v.Transient.DisplayID {
				continue
			}
			if out == nil {
				b, err := mime.Parse(v.Data)
				if err != nil {
					return
				}
				out = notebook.NewDisplay(b, v.Metadata, v.Transient.DisplayID)
			}
			next := *model
			next.outputs = slices.Clone(model.outputs)
			next.outputs[i] = out
			model = &next
			s.put(model)
		}
	}
}
