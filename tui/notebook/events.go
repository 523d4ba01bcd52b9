package notebook

import (
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/tui/editor"
	"nbterm/tui/list"
)

// interruptTime bounds an interrupt, which a busy kernel may take a moment for.
const interruptTime = 10 * time.Second

// frame is the least time between two foldings of events: what a kernel says in
// between reaches the screen as one message.
const frame = 33 * time.Millisecond

// eventsMsg is what a kernel host told since the last one.
type eventsMsg struct {
	from   *Screen
	feed   host.Feed // late ones of a feed that was let go are dropped
	events []host.Event
	err    error
}

// doneMsg is the end of a command that only has an error to tell.
type doneMsg struct {
	from *Screen
	what string
	err  error
}

// tickMsg moves the running time on.
type tickMsg struct{ from *Screen }

// listen waits for events, but not before a frame has passed since the last.
func (s *Screen) listen() tea.Cmd {
	feed, ctx := s.feed, s.ctx
	wait := frame - s.Now().Sub(s.pace)
	return func() tea.Msg {
		if wait > 0 {
			pause := time.NewTimer(wait)
			defer pause.Stop()
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
		}
		events, err := feed.Next(ctx)
		return eventsMsg{s, feed, events, err}
	}
}

// fold takes a batch of events and asks for the next.
func (s *Screen) fold(m eventsMsg) tea.Cmd {
	if m.feed != s.feed {
		return nil
	}
	if m.err != nil {
		s.hostEnded(m.err)
		return nil
	}
	s.pace = s.Now()
	follow := s.watching()
	f := s.ses.Fold(m.events)
	for _, g := range f.Gaps {
		s.alarm(gapAlarm, "Output may be missing: "+g+".")
	}
	if f.Input {
		s.askInput()
	}
	if f.Kernel {
		s.tellKernel(m.events)
		s.forgetTelling(m.events)
	}
	if f.Widgets {
		s.tookWidgets()
	}
	heard := s.heard(f.Done)
	if !s.ReadOnly {
		for _, text := range f.Inserts {
			s.insertNext(text)
		}
	}
	s.layout()
	if i := s.Doc.Index(s.ses.Kernel.Running); s.Follow && s.ses.Kernel.Running != 0 && i >= 0 && i != s.sel.at {
		s.choose(i)
	}
	s.follow(follow)
	return tea.Batch(s.listen(), s.tick(), heard)
}

// watching is true when the end of the selected cell is on the screen, below its
// beginning: whoever looks at it wants to see what comes next.
func (s *Screen) watching() bool {
	if s.size.w == 0 || s.sel.at >= s.Doc.Len() {
		return false
	}
	row := s.view.Height(s.sel.at) - gap - 1
	if s.view.ed != nil {
		row, _ = s.view.ed.Cursor(s.view.textWidth())
	}
	_, end := s.list.Y(list.Pos{Item: s.sel.at, Row: row})
	_, begin := s.list.Y(list.Pos{Item: s.sel.at})
	return end && (begin || s.view.ed != nil)
}

// follow scrolls to what was watched and has grown or been pushed away; a cell
// that is taller than the screen stays where it begins.
func (s *Screen) follow(watched bool) {
	if watched && s.sel.at < s.Doc.Len() {
		s.reveal()
	}
}

// hostEnded tells that there is nobody left to run cells: the session was ended
// elsewhere, or its process was killed.
func (s *Screen) hostEnded(err error) {
	if s.ctx.Err() != nil {
		return // we are leaving
	}
	s.lost = true
	s.ses.Lost()
	s.view.prompt = nil
	if s.ReadOnly {
		s.say("The session has ended; this is what it left.")
		return
	}
	how := "The session was ended from elsewhere."
	if !errors.Is(err, host.ErrClosed) {
		how = "The session's process has ended unexpectedly."
	}
	s.alarm(kernelAlarm, how+" Outputs are kept, variables are gone; 00 starts a new one.")
}

// connectedMsg is the end of looking for a host.
type connectedMsg struct {
	from *Screen
	conn Connection
	err  error
}

func (s *Screen) connect() tea.Cmd {
	connect, ctx, was := s.Connect, s.ctx, s.saving.was
	s.connecting = true
	return func() tea.Msg {
		c, err := connect(ctx, was)
		return connectedMsg{s, c, err}
	}
}

// connected begins to work with a host.
func (s *Screen) connected(m connectedMsg) tea.Cmd {
	s.connecting = false
	if m.err != nil {
		s.lost, s.early = true, nil
		s.ses.Lost()
		if s.ReadOnly {
			s.say(clean(m.err.Error()))
			return nil
		}
		s.alarm(kernelAlarm, "There is no kernel: "+clean(m.err.Error())+" · 00 tries again")
		return nil
	}
	if s.feed != nil {
		s.feed.Close()
	}
	s.alarm(kernelAlarm, "")
	if s.lost {
		s.say("") // that one is starting
	}
	s.lost, s.lane = false, lane{}
	s.ses.Rehost(m.conn.Host, m.conn.Holds)
	s.feed = m.conn.Host.Attach(1)
	if m.conn.Notice != "" {
		s.say(m.conn.Notice)
	}
	early := s.early
	s.early = nil
	return tea.Batch(s.listen(), s.queue(early))
}

// tick redraws once a second while a cell runs, for its running time.
func (s *Screen) tick() tea.Cmd {
	if s.ticking || s.ses.Kernel.Running == 0 {
		return nil
	}
	s.ticking = true
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return tickMsg{s} })
}

// askInput opens or closes the field for an input() that waits. The selection
// stays where it is: run-and-advance has moved on already.
func (s *Screen) askInput() {
	in := s.ses.Kernel.Input
	if in == nil || s.ReadOnly {
		s.view.prompt = nil
		return
	}
	if s.view.ed != nil {
		s.leave()
	}
	s.view.prompt = editor.NewInput(clean(in.Prompt), in.Password, s.Theme.Palette)
	s.reveal()
}

// tellKernel says loudly that a kernel has ended, and takes it back when another
// is there.
func (s *Screen) tellKernel(events []host.Event) {
	for i := range events {
		e := &events[i]
		if e.Kind != host.Changed {
			continue
		}
		switch {
		case e.Info != nil:
			s.alarm(kernelAlarm, "")
		case e.State == host.Dead && s.ReadOnly && (e.Exit == nil || e.Exit.Asked):
			s.say("The session has ended.") // as one does whose run is done; nothing to mend for a reader
		case e.State == host.Dead && s.ReadOnly:
			s.alarm(kernelAlarm, "The kernel "+clean(e.Exit.String())+lastWords(e)+".")
		case e.State == host.Dead && e.Exit != nil:
			s.alarm(kernelAlarm, "The kernel "+clean(e.Exit.String())+lastWords(e)+". Outputs are kept, variables are gone; 00 starts a new one.")
		case e.State == host.Dead:
			s.alarm(kernelAlarm, "The kernel did not start: "+clean(e.Failure)+" (00 tries again).")
		}
	}
}

func lastWords(e *host.Event) string {
	if words := clean(e.Exit.LastWords()); words != "" && !e.Exit.Asked {
		return fmt.Sprintf(" (%s)", words)
	}
	return ""
}

// insertNext puts a cell that the kernel asked for below the current one.
func (s *Screen) insertNext(text string) {
	at := s.sel.at + 1
	s.history.did(change(s.Doc.Insert(at, notebook.NewCell(notebook.Code, text)), s.sel.at))
}
