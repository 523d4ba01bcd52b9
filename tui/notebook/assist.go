package notebook

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/wire"
	"nbterm/render"
	"nbterm/tui/dialog"
	"nbterm/tui/editor"
)

// assistTime is how long the kernel may take to answer; a busy one does not answer
// at all before it is free.
const assistTime = 2 * time.Second

// assistMsg is what the kernel knows about the text at the cursor.
type assistMsg struct {
	from    *Screen
	ed      *editor.Editor
	version uint64 // of the text that was asked about
	err     error

	complete *wire.CompleteReply // one of the two is set
	inspect  *wire.InspectReply
}

// ask sends a request about the cursor of the code cell that is edited.
func (s *Screen) ask(do func(ctx context.Context, h session.Host, code string, cursor int, m *assistMsg) error) tea.Cmd {
	ed, h := s.view.ed, s.ses.Host
	i := s.Doc.Index(s.view.editing)
	switch {
	case ed == nil || i < 0 || s.Doc.Cell(i).Kind() != notebook.Code:
		return nil
	case h == nil || s.lost:
		s.say("There is no kernel to ask.")
		return nil
	case s.Busy():
		s.say("The kernel is busy; it can be asked when it is free.")
		return nil
	}
	code := ed.Value()
	// The protocol counts code points, we count bytes.
	cursor := utf8.RuneCountInString(code[:ed.CursorOffset()])
	m, ctx := assistMsg{from: s, ed: ed, version: ed.Version()}, s.ctx
	return func() tea.Msg {
		wait, cancel := context.WithTimeout(ctx, assistTime)
		defer cancel()
		m.err = do(wait, h, code, cursor, &m)
		return m
	}
}

// complete asks the kernel what may stand at the cursor.
func (s *Screen) complete() tea.Cmd {
	return s.ask(func(ctx context.Context, h session.Host, code string, cursor int, m *assistMsg) error {
		reply, err := h.Request(ctx, wire.Shell, "complete_request", wire.CompleteRequest{Code: code, CursorPos: cursor})
		if err != nil {
			return err
		}
		return reply.Decode(&m.complete)
	})
}

// inspect asks the kernel about the name at the cursor.
func (s *Screen) inspect() tea.Cmd {
	return s.ask(func(ctx context.Context, h session.Host, code string, cursor int, m *assistMsg) error {
		reply, err := h.Request(ctx, wire.Shell, "inspect_request", wire.InspectRequest{Code: code, CursorPos: cursor})
		if err != nil {
			return err
		}
		return reply.Decode(&m.inspect)
	})
}

// assist shows an answer, unless the text it is about has changed meanwhile.
func (s *Screen) assist(m assistMsg) tea.Cmd {
	switch {
	case m.ed != s.view.ed || m.ed.Version() != m.version:
		return nil
	case m.err != nil:
		s.say("The kernel did not answer: " + clean(m.err.Error()) + ".")
		return nil
	case m.inspect != nil:
		return s.explain(m.inspect)
	}
	return s.offer(m.complete)
}

// explain shows documentation to read.
func (s *Screen) explain(r *wire.InspectReply) tea.Cmd {
	b, err := mime.Parse(r.Data)
	if !r.Found || err != nil || b.Len() == 0 {
		s.say("The kernel knows nothing about this.")
		return nil
	}
	text, _ := b.Text("text/plain")
	ctx := s.view.context()
	ctx.Width = max(s.size.w-4, 1)
	return dialog.Open(&dialog.Text{Title: "j k scroll · esc closes", Lines: render.Stream("stdout", text, ctx).Lines})
}

// offer puts in what all matches share, and lets the user choose among them.
func (s *Screen) offer(r *wire.CompleteReply) tea.Cmd {
	code := s.view.ed.Value()
	start, end := byteAt(code, r.CursorStart), byteAt(code, r.CursorEnd)
	if len(r.Matches) == 0 || start > end {
		s.say("Nothing completes this.")
		return nil
	}
	common := r.Matches[0]
	for _, m := range r.Matches[1:] {
		common = sharedPrefix(common, m)
	}
	if len(r.Matches) == 1 {
		s.put(start, end, common)
		return nil
	}
	if len(common) > end-start && strings.HasPrefix(common, code[start:end]) {
		s.put(start, end, common)
		end = start + len(common)
	}
	ed := s.view.ed
	entries := make([]dialog.Entry, 0, len(r.Matches))
	for i, match := range r.Matches {
		entries = append(entries, dialog.Entry{Text: clean(match), Keys: kindOf(r.Metadata, i), Do: func() tea.Cmd {
			if s.view.ed == ed {
				s.put(start, end, match)
			}
			return nil
		}})
	}
	return dialog.Open(dialog.NewPalette("type to narrow · ⏎ takes it · esc closes", entries))
}

// put replaces bytes [start, end) of the edited text.
func (s *Screen) put(start, end int, text string) {
	s.view.ed.Replace(start, end, text)
	s.reveal()
}

// kindOf is what ipykernel says of match i: "function", "instance", ...
func kindOf(metadata json.RawMessage, i int) string {
	var m struct {
		Types []struct {
			Type string `json:"type"`
		} `json:"_jupyter_types_experimental"`
	}
	if json.Unmarshal(metadata, &m) != nil || i >= len(m.Types) || m.Types[i].Type == "<unknown>" {
		return ""
	}
	return clean(m.Types[i].Type)
}

// byteAt turns a position in code points into one in bytes.
func byteAt(s string, points int) int {
	for i := range s {
		if points <= 0 {
			return i
		}
		points--
	}
	return len(s)
}

func sharedPrefix(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return a[:n]
}
