package render

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/displaywidth"

	"nbterm/render/ink"
	"nbterm/render/term"
)

// para is a paragraph of styled text, to be filled to a width: its first row
// starts with first, the rows below with rest, which is as wide.
type para struct {
	first, rest string
	text        string
	solid       bool // spaces count: preformatted, cut instead of filled
}

// rows fills the paragraph. Escapes in text must be our own.
func (p para) rows(ctx Context) []string {
	room := ctx
	room.Width = max(ctx.Width-ansi.StringWidth(p.first), 1)
	text := p.text
	if !p.solid {
		text = ansi.Wrap(text, room.Width, "")
	}
	rows := term.Lines(text, room.options())
	if len(rows) == 0 {
		rows = []string{""}
	}
	if room.Width+ansi.StringWidth(p.first) > ctx.Width {
		return rows // no room for a prefix at all
	}
	return prefixed(rows, p.first, p.rest)
}

// prefixed puts first before the first row and rest before the others. Before
// empty rows blanks are left out.
func prefixed(rows []string, first, rest string) []string {
	prefix := first
	for i, row := range rows {
		if row == "" {
			prefix = strings.TrimRight(prefix, " ")
		}
		rows[i] = prefix + row
		prefix = rest
	}
	return rows
}

// piece is a part of running text in one look. Its text holds no controls but line
// breaks, which are kept.
type piece struct {
	text  string
	style ink.Style
	url   string // "" or what plainURL gave
}

// flow is running text that is filled to a width as a whole, so that a word whose
// letters differ in look stays together.
type flow struct {
	spans []piece
}

func (f *flow) add(text string, s ink.Style, url string) {
	if text != "" {
		f.spans = append(f.spans, piece{text, s, url})
	}
}

// rows fills the text to ctx.Width.
func (f *flow) rows(ctx Context) []string {
	return term.Lines(f.fill(ctx), ctx.options())
}

// line is the text on a single line, for a cell of a table.
func (f *flow) line(ctx Context) string {
	ctx.Width = 1 << 30
	return strings.ReplaceAll(f.fill(ctx), "\n", " ")
}

// blank reports text of nothing but blanks.
func (f *flow) blank() bool {
	for _, s := range f.spans {
		if strings.TrimSpace(s.text) != "" {
			return false
		}
	}
	return true
}

// fill breaks the text into lines of at most ctx.Width cells where words allow.
func (f *flow) fill(ctx Context) string {
	w := filler{ctx: ctx, start: true}
	for _, s := range f.spans {
		s.style = s.style.Within(ctx.Caps.Colors)
		w.take(s)
	}
	w.flush()
	w.look(piece{})
	return string(w.out)
}

// filler writes lines. A word is held back until it is whole, since only then is
// known whether it fits.
type filler struct {
	ctx     Context
	out     []byte
	now     piece // look of the end of out
	used    int   // cells of the line
	start   bool  // nothing is on the line
	word    []piece
	cells   int   // of word
	blank   piece // the blank before word
	isBlank bool
}

func (w *filler) take(s piece) {
	text := s.text
	for text != "" {
		n := 0
		for n < len(text) && text[n] > ' ' && text[n] < 0x7f {
			n++
		}
		if n > 0 && n < len(text) && text[n] >= 0x7f {
			n-- // a mark may follow
		}
		if n > 0 {
			w.hold(piece{text[:n], s.style, s.url}, n)
			text = text[n:]
			continue
		}
		switch c := text[0]; c {
		case '\n':
			w.flush()
			w.newline()
			text = text[1:]
		case ' ', '\t':
			w.flush()
			if !w.start {
				w.blank, w.isBlank = piece{" ", s.style, s.url}, true
			}
			text = text[1:]
		default:
			g := displaywidth.StringGraphemes(text)
			g.Next()
			if c >= utf8.RuneSelf && g.Width() == 2 { // such scripts break anywhere
				w.flush()
				w.hold(piece{g.Value(), s.style, s.url}, 2)
				w.flush()
			} else {
				w.hold(piece{g.Value(), s.style, s.url}, g.Width())
			}
			text = text[len(g.Value()):]
		}
	}
}

func (w *filler) hold(s piece, cells int) {
	w.word = append(w.word, s)
	w.cells += cells
}

// flush writes the held word, on a new line when it does not fit.
func (w *filler) flush() {
	if len(w.word) == 0 {
		return
	}
	gap := 0
	if w.isBlank {
		gap = 1
	}
	if !w.start && w.used+gap+w.cells > w.ctx.Width {
		w.newline()
		gap = 0
	}
	if gap > 0 {
		w.write(w.blank)
		w.used++
	}
	for _, s := range w.word {
		w.write(s)
	}
	w.used += w.cells
	if w.used > w.ctx.Width { // cut hard, later
		w.used %= w.ctx.Width
	}
	w.word, w.cells, w.start, w.isBlank = w.word[:0], 0, false, false
}

func (w *filler) newline() {
	w.out = append(w.out, '\n')
	w.used, w.start, w.isBlank = 0, true, false
}

func (w *filler) write(s piece) {
	w.look(s)
	w.out = append(w.out, s.text...)
}

func (w *filler) look(s piece) {
	if s.url != w.now.url {
		if w.now.url != "" {
			w.out = append(w.out, "\x1b]8;;\x1b\\"...)
		}
		if s.url != "" {
			w.out = append(append(append(w.out, "\x1b]8;;"...), s.url...), "\x1b\\"...)
		}
	}
	w.out = ink.AppendChange(w.out, w.now.style, s.style)
	w.now = s
}

// scrub removes controls from text that will be styled by us, so that an escape
// found there later is ours; line breaks and tabs stay.
func scrub(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] >= 0x20 && s[i] < 0x7f || s[i] == '\n' || s[i] == '\t' || s[i] > 0xc2
	}
	if clean && !strings.ContainsRune(s, '\ufffd') {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f {
			return '\ufffd'
		}
		return r
	}, s)
}

// paint writes text in one colour of the palette.
func (ctx Context) paint(s ink.Style, text string) string { return s.Paint(text, ctx.Caps.Colors) }

// rule is a thin line.
func (ctx Context) rule(char string, width int) string {
	return ctx.paint(ink.Style{Fg: ink.Of(ctx.Palette.Faint)}, strings.Repeat(char, max(width, 1)))
}

// href starts and ends a link as far as the terminal can: an OSC 8 sequence, or
// the target written behind the text.
func (ctx Context) href(url string) (start, end string) {
	url = plainURL(url)
	switch {
	case url == "":
		return "", ""
	case !ctx.Caps.Hyperlinks:
		return "", ctx.muted(" <" + url + ">")
	}
	return "\x1b]8;;" + url + "\x1b\\", "\x1b]8;;\x1b\\"
}

// plainURL gives an http(s) URL in printable ASCII, "" for anything else.
func plainURL(url string) string {
	lower := strings.ToLower(url[:min(len(url), 8)])
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") || len(url) > 2000 {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(url); i++ {
		if c := url[i]; c > 0x20 && c < 0x7f {
			b.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
