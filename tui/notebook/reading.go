package notebook

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/tui/screen"
)

// readOutput opens the outputs of the selected cell as a text with search. Text goes
// as it was printed, so that the pager wraps it; what is drawn goes as it is drawn
// here, without its pictures.
func (s *Screen) readOutput() tea.Cmd {
	c := s.cell()
	if c.Kind() != notebook.Code || !c.HasOutputs() {
		s.say("This cell has no output to read.")
		return nil
	}
	outs, ctx := c.Outputs(), s.view.context()
	ctx.Caps = render.Caps{Colors: render.TrueColor, Hyperlinks: true}
	title := fmt.Sprintf("output of cell %d · %s", s.sel.at+1, s.Name)
	return func() tea.Msg {
		var body strings.Builder
		for _, out := range outs {
			text := ""
			switch out.Kind() {
			case notebook.Stream:
				text = out.Text()
			case notebook.Failure:
				_, _, traceback := out.Error()
				text = strings.Join(traceback, "\n")
			}
			if text == "" {
				text = strings.Join(render.Output(out, ctx).Lines, "\n")
			}
			body.WriteString(text)
			if !strings.HasSuffix(text, "\n") {
				body.WriteByte('\n')
			}
		}
		return screen.OpenMsg{Target: screen.Target{Kind: screen.Text, Title: title, Body: body.String()}}
	}
}
