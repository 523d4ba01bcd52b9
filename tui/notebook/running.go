package notebook

import (
	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host"
	"nbterm/tui/dialog"
)

// run is Ctrl-Enter: the selected cells run and stay selected.
func (s *Screen) run() tea.Cmd {
	s.leave()
	return s.queue(s.selectedKeys())
}

// runAdvance is Shift-Enter: run and go on below; at the end a new cell is made
// and edited.
func (s *Screen) runAdvance() tea.Cmd {
	run := s.run()
	_, to := s.sel.span()
	if to+1 < s.Doc.Len() {
		s.choose(to + 1)
		return run
	}
	s.insert(to + 1)
	s.edit()
	return run
}

// runInsert is Alt-Enter: run and edit a new cell below.
func (s *Screen) runInsert() tea.Cmd {
	run := s.run()
	_, to := s.sel.span()
	s.insert(to + 1)
	s.edit()
	return run
}

func (s *Screen) runRange(from, to int) tea.Cmd {
	s.leave()
	return s.queue(s.keys(from, to))
}

// runStale runs, in order, the cells whose source is not what ran.
func (s *Screen) runStale() tea.Cmd {
	s.leave()
	keys := s.stale()
	if keys == nil {
		s.say("No cell was edited since it ran.")
	}
	return s.queue(keys)
}

// reconnect looks for a host in the place of one that is gone.
func (s *Screen) reconnect() tea.Cmd {
	if s.connecting {
		return nil
	}
	s.ses.Kernel.State = host.Starting
	s.say("Starting a kernel …")
	return s.connect()
}

// askRestart asks once where variables would be lost.
func (s *Screen) askRestart() tea.Cmd {
	if s.lost {
		return s.reconnect()
	}
	if s.ses.Host == nil {
		return nil // one is coming
	}
	if k := s.ses.Kernel; k.State == host.Dead {
		return s.restart()
	}
	return dialog.Open(dialog.Choice{
		Title: "Restart the kernel? Its variables are lost; outputs stay.",
		Options: []dialog.Option{
			{Key: "y", Text: "restart", Do: s.restart},
			{Key: "a", Text: "restart and run all cells", Do: func() tea.Cmd {
				return tea.Batch(s.restart(), s.runRange(0, s.Doc.Len()-1))
			}},
			{Key: "esc", Text: "leave it running"},
		},
	})
}

func (s *Screen) restartRunAll() tea.Cmd {
	if s.lost {
		return s.reconnect()
	}
	if s.ses.Host == nil {
		return s.runRange(0, s.Doc.Len()-1)
	}
	return dialog.Open(dialog.Choice{
		Title: "Restart the kernel and run all cells? Its variables are lost.",
		Options: []dialog.Option{
			{Key: "y", Text: "restart and run all", Do: func() tea.Cmd {
				return tea.Batch(s.restart(), s.runRange(0, s.Doc.Len()-1))
			}},
			{Key: "esc", Text: "leave it running"},
		},
	})
}
