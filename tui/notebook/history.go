package notebook

import "nbterm/engine/notebook"

// step changes the document and returns the step that takes it back.
type step func(*Screen) step

// history is one timeline of what was done to the cells.
type history struct {
	undo, redo []step
	count      uint64 // grows with whatever is done or taken back
}

// did remembers how to take back what was just done.
func (h *history) did(back step) {
	h.undo, h.redo = append(h.undo, back), nil
	h.count++
}

// change is a step of the document. Taking back an edit of a cell leaves outputs
// that came later alone; see notebook.Change. The cursor goes to cell at.
func change(c notebook.Change, at int) step {
	return func(s *Screen) step {
		back := s.Doc.Apply(c)
		s.choose(at)
		return change(back, at)
	}
}

// back undoes or redoes one step and says whether there was one.
func (s *Screen) back(from, to *[]step) bool {
	n := len(*from)
	if n == 0 {
		return false
	}
	do := (*from)[n-1]
	*from = (*from)[:n-1]
	s.history.count++
	*to = append(*to, do(s))
	return true
}

// together is several steps as one; they are taken back in reverse order.
func together(steps []step) step {
	return func(s *Screen) step {
		back := make([]step, 0, len(steps))
		for i := len(steps) - 1; i >= 0; i-- {
			back = append(back, steps[i](s))
		}
		return together(back)
	}
}
