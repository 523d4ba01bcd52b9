package notebook

import (
	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host"
	"nbterm/engine/session"
	"nbterm/tui/dialog"
)

// queue hands cells to the kernel.
func (s *Screen) queue(keys []uint64) {
	if s.ses.Host == nil && !s.lost {
		s.early = append(s.early, keys...)
		return
	}
	if s.lost {
		s.shout("There is no kernel to run this: 00 starts one.")
		return
	}
	if err := s.ses.Run(keys, session.Options{}); err != nil {
		s.shout("There is no kernel to run this: 00 starts one.")
	}
}

// run is Ctrl-Enter: the selected cells run and stay selected.
func (s *Screen) run() tea.Cmd {
	s.leave()
	s.queue(s.selectedKeys())
	return nil
}

// runAdvance is Shift-Enter: run and go on below; at the end a new cell is made
// and edited.
func (s *Screen) runAdvance() tea.Cmd {
	s.run()
	_, to := s.sel.span()
	if to+1 < s.Doc.Len() {
		s.choose(to + 1)
		return nil
	}
	s.insert(to + 1)
	s.edit()
	return nil
}

// runInsert is Alt-Enter: run and edit a new cell below.
func (s *Screen) runInsert() tea.Cmd {
	s.run()
	_, to := s.sel.span()
	s.insert(to + 1)
	s.edit()
	return nil
}

func (s *Screen) runRange(from, to int) tea.Cmd {
	s.leave()
	s.queue(s.keys(from, to))
	return nil
}

// runStale runs, in order, the cells whose source is not what ran.
func (s *Screen) runStale() tea.Cmd {
	s.leave()
	keys := s.stale()
	if keys == nil {
		s.say("No cell was edited since it ran.")
	}
	s.queue(keys)
	return nil
}

// restart starts another kernel; what is queued afterwards runs in it.
func (s *Screen) restart() {
	if err := s.ses.Host.Restart(); err != nil {
		s.say(err.Error())
		return
	}
	s.setNotice(notice{})
}

// reconnect looks for a host in the place of one that is gone.
func (s *Screen) reconnect() tea.Cmd {
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
		s.restart()
		return nil
	}
	return dialog.Open(dialog.Choice{
		Title: "Restart the kernel? Its variables are lost; outputs stay.",
		Options: []dialog.Option{
			{Key: "y", Text: "restart", Do: func() tea.Cmd { s.restart(); return nil }},
			{Key: "a", Text: "restart and run all cells", Do: func() tea.Cmd {
				s.restart()
				return s.runRange(0, s.Doc.Len()-1)
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
				s.restart()
				return s.runRange(0, s.Doc.Len()-1)
			}},
			{Key: "esc", Text: "leave it running"},
		},
	})
}
