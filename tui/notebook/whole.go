package notebook

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/notebook"
	"nbterm/tui/screen"
)

// openOutput shows the outputs of the selected cell on the whole screen.
func (s *Screen) openOutput() tea.Cmd {
	c := s.cell()
	if c.Kind() != notebook.Code || !c.HasOutputs() {
		s.say("This cell has no output.")
		return nil
	}
	return screen.Open(screen.Target{
		Kind: screen.Output, Path: s.Path, Title: fmt.Sprintf("%s cell %d", s.Name, s.sel.at+1), Cell: s.sel.at + 1, Outputs: c.Outputs(),
	})
}
