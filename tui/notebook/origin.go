package notebook

import (
	"strings"

	"nbterm/engine/notebook"
	"nbterm/render"
)

// toOrigin goes to where the exception of the selected cell was raised: the
// innermost line of a cell that its traceback names, in the editor where the cell
// may be edited. Cells are known by their execution count, so one that ran again
// since is not found.
func (s *Screen) toOrigin() {
	for _, out := range s.cell().Outputs() {
		if out.Kind() != notebook.Failure {
			continue
		}
		_, _, traceback := out.Error()
		frames := render.Frames(traceback)
		for i := len(frames) - 1; i >= 0; i-- {
			if at := s.counted(frames[i].Count); at >= 0 {
				s.goToLine(at, frames[i].Line)
				return
			}
		}
		s.say("The traceback names no line of a cell that is as it was.")
		return
	}
	s.say("This cell raised no exception.")
}

// counted finds the cell with an execution count, -1 when there is none.
func (s *Screen) counted(count int) int {
	for i := range s.Doc.Len() {
		if n, ok := s.Doc.Cell(i).Count(); ok && n == count && s.Doc.Cell(i).Kind() == notebook.Code {
			return i
		}
	}
	return -1
}

// goToLine selects a cell and puts the cursor of its editor on a line, from 1.
func (s *Screen) goToLine(at, line int) {
	s.choose(at)
	if s.ReadOnly || line < 1 {
		return
	}
	s.edit()
	offset := 0
	for text := range strings.Lines(s.view.ed.Value()) {
		if line--; line == 0 {
			offset += len(text) - len(strings.TrimLeft(text, " \t"))
			break
		}
		offset += len(text)
	}
	s.view.ed.SetCursorOffset(offset)
	s.show()
}
