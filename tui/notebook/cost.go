package notebook

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/kit"
)

// Cost is what the kernel uses.
type Cost struct {
	Memory int64   // resident bytes of it and all it started; 0 is not known
	CPU    float64 // percent of one processor
}

// costEvery is how often the kernel's cost is looked at while the notebook is shown.
const costEvery = 2 * time.Second

// costMsg says that it is time to look, or brings what was seen.
type costMsg struct {
	known bool
	cost  Cost
}

// pricing is what is known of the kernel's cost.
type pricing struct {
	cost  Cost
	shown bool // the screen is on top
	busy  bool // a look or the wait for one is under way
}

// price looks at what the kernel uses, unless nobody sees it or there is none here.
func (s *Screen) price() tea.Cmd {
	if s.Cost == nil || s.pricing.busy || !s.pricing.shown {
		return nil
	}
	s.pricing.busy = true
	pid, cost := 0, s.Cost
	if k := s.ses.Kernel.Info; k != nil && k.Info != nil {
		pid = k.Info.PID
	}
	return func() tea.Msg {
		if pid == 0 {
			return costMsg{known: true}
		}
		return costMsg{true, cost(pid)}
	}
}

// priced takes a look in, and waits for the next.
func (s *Screen) priced(m costMsg) tea.Cmd {
	if !m.known {
		s.pricing.busy = false
		return s.price()
	}
	s.pricing.cost = m.cost
	return tea.Tick(costEvery, func(time.Time) tea.Msg { return costMsg{} })
}

// costText is the end of the title: memory, and the processor where it matters. A
// narrow title has no room for it.
func (s *Screen) costText() string {
	c := s.pricing.cost
	if c.Memory == 0 || s.size.w < 76 {
		return ""
	}
	text := " · " + kit.Bytes(c.Memory)
	if c.CPU >= 5 {
		text += fmt.Sprintf(" · %.0f %% cpu", c.CPU)
	}
	return text
}
