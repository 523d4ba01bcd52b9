package editor

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"nbterm/render/highlight"
)

// eagerLimit is the size in bytes up to which a text without a lexer of ours is
// coloured when it is first drawn: a few milliseconds.
const eagerLimit = 2 << 10

// Coloured tells that the tokens of a whole text were found, in the background.
type Coloured struct {
	of      *Editor
	version uint64
	lines   [][]highlight.Token
}

// whole holds the tokens of a text whose language is only known to a slow lexer of
// whole texts. An edit moves them along until the lexer has looked again.
type whole struct {
	language string
	lines    [][]highlight.Token // nil before the first look
	version  uint64              // of the text when the lexer looked
	asked    bool                // it is looking now
}

// changed moves the tokens along with an edit.
func (w *whole) changed(c change) {
	if w.lines == nil {
		return
	}
	if c.del == 1 && c.ins == 1 {
		w.lines[c.at] = moved(w.lines[c.at], c)
		return
	}
	w.lines = slices.Replace(w.lines, c.at, c.at+c.del, make([][]highlight.Token, c.ins)...)
}

// moved gives the tokens of a line after an edit within it: one that the edit is
// in, or at the end of, grows with it.
func moved(tokens []highlight.Token, c change) []highlight.Token {
	out := make([]highlight.Token, 0, len(tokens))
	was := c.col + c.cut // where the bytes that stayed behind the edit began
	for _, t := range tokens {
		if t.Start >= was && t.Start >= c.col {
			t.Start += c.grow
		} else {
			t.Start = min(t.Start, c.col)
		}
		if t.End >= was {
			t.End += c.grow
		} else {
			t.End = min(t.End, c.col)
		}
		if t.End > t.Start {
			out = append(out, t)
		}
	}
	return out
}

// look colours a short text at once when it was never coloured.
func (e *Editor) look() {
	w := e.v.lexing.whole
	if w == nil || w.lines != nil {
		return
	}
	if text := e.Value(); len(text) <= eagerLimit {
		w.lines, w.version = highlight.Highlight(text, w.language), e.b.version
	}
}

// Prepare lays the text out and colours all of it: work that drawing would do, or
// leave undone, for an editor made ahead and away from the program's goroutine.
func (e *Editor) Prepare(width int) {
	e.v.fit(width)
	if w := e.v.lexing.whole; w != nil && w.lines == nil {
		w.lines, w.version = highlight.Highlight(e.Value(), w.language), e.b.version
	}
}

// colour gives the command that finds the tokens of the text as it is now, nil
// when they are known, being found, or the lexer of the language needs no such
// help. Its message is Coloured, for Update.
func (e *Editor) colour() tea.Cmd {
	w := e.v.lexing.whole
	if w == nil || w.asked || w.lines != nil && w.version == e.b.version {
		return nil
	}
	w.asked = true
	text, version, language := e.Value(), e.b.version, w.language
	return func() tea.Msg {
		return Coloured{of: e, version: version, lines: highlight.Highlight(text, language)}
	}
}

// coloured takes the tokens found, unless the text went on meanwhile: then the
// lexer has to look again.
func (e *Editor) coloured(m Coloured) tea.Cmd {
	w := e.v.lexing.whole
	if m.of != e || w == nil {
		return nil
	}
	w.asked = false
	if m.version != e.b.version {
		return e.colour()
	}
	w.lines, w.version = m.lines, m.version
	return nil
}
