package browser

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/render/term"
	"nbterm/tui/theme"
)

// Bounds of a preview.
const (
	previewMost = 4 << 20 // bytes read of a notebook or an image; larger ones are not shown until opened
	textMost    = 64 << 10
	previewRows = 200
	previewKept = 32
	// lookDelay is how long the cursor rests before what it is on is read.
	lookDelay = 80 * time.Millisecond
)

// preview is what is known of a file.
type preview struct {
	about []string // facts, one row each; fit for the terminal
	rows  []string // the head of its content
	fault string
}

// peekKey names one drawing of one content.
type peekKey struct {
	url      string
	size     int64
	modified time.Time
	width    int
	theme    theme.Theme
}

// peek is the preview that is shown and those that were.
type peek struct {
	at     peekKey
	cache  map[peekKey]preview
	kept   []peekKey // oldest first
	asked  int
	cancel context.CancelFunc
}

type lookDue struct {
	asked int
	entry Entry
}

type peeked struct {
	key  peekKey
	view preview
}

// look asks for the preview of what the cursor is on, a moment later: a cursor that
// runs over a list reads nothing on its way.
func (s *Screen) look() tea.Cmd {
	e, ok := s.under()
	width := s.previewWidth()
	var key peekKey // of a folder nothing is read
	if ok && !e.Dir && width > 0 {
		key = peekKey{e.URL, e.Size, e.Modified, width, s.Theme}
	}
	if key == s.peek.at {
		return nil
	}
	s.peek.at = key
	s.peek.asked++ // what is due for where the cursor was comes too late
	if s.peek.cancel != nil {
		s.peek.cancel()
		s.peek.cancel = nil
	}
	if _, ok := s.peek.cache[key]; ok || key == (peekKey{}) {
		return nil
	}
	due := lookDue{s.peek.asked, e}
	return tea.Tick(lookDelay, func(time.Time) tea.Msg { return due })
}

func (s *Screen) lookNow(m lookDue) tea.Cmd {
	if m.asked != s.peek.asked {
		return nil
	}
	ctx, cancel := context.WithCancel(s.ctx)
	s.peek.cancel = cancel
	key, read := s.peek.at, s.Reader.Read
	return func() tea.Msg {
		defer cancel()
		limit := int64(textMost)
		if k := kindOf(m.entry.Name); k == isNotebook || k == isPicture {
			if limit = previewMost; m.entry.Size > limit {
				return peeked{key, preview{about: []string{"too large to be looked at from here; ⏎ opens it"}}}
			}
		}
		data, whole, err := read(ctx, m.entry.URL, limit)
		if err != nil {
			return peeked{key, preview{fault: clean(err.Error())}}
		}
		return peeked{key, draw(m.entry, data, whole, key)}
	}
}

func (s *Screen) takePeeked(m peeked) {
	p := &s.peek
	if _, ok := p.cache[m.key]; !ok {
		p.kept = append(p.kept, m.key)
	}
	p.cache[m.key] = m.view
	if len(p.kept) > previewKept {
		delete(p.cache, p.kept[0])
		p.kept = p.kept[1:]
	}
}

type kind int

const (
	isOther kind = iota
	isNotebook
	isPicture
	isMarkdown
	isCode
)

func kindOf(name string) kind {
	switch strings.ToLower(path.Ext(name)) {
	case ".ipynb":
		return isNotebook
	case ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp", ".tif", ".tiff":
		return isPicture
	case ".md", ".markdown":
		return isMarkdown
	}
	if language(name) != "" {
		return isCode
	}
	return isOther
}

// language of a source file, by its name.
func language(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".py":
		return "python"
	case ".r":
		return "r"
	case ".jl":
		return "julia"
	case ".sh", ".bash":
		return "bash"
	case ".sql":
		return "sql"
	case ".json", ".jsonl":
		return "json"
	case ".go":
		return "go"
	case ".toml":
		return "toml"
	case ".yaml", ".yml":
		return "yaml"
	case ".js", ".ts":
		return "javascript"
	}
	return ""
}

// draw makes the preview of a file. It runs in the background.
func draw(e Entry, data []byte, whole bool, key peekKey) preview {
	ctx := render.Context{
		Width: key.width, MaxRows: 16, Palette: key.theme.Palette,
		Caps: render.Caps{Colors: render.TrueColor},
	}
	switch kindOf(e.Name) {
	case isNotebook:
		return drawNotebook(data, ctx, key.theme)
	case isPicture:
		if b, ok := picture(e.Name, data); ok {
			return preview{rows: render.Bundle(b, ctx).Lines}
		}
	case isMarkdown:
		return preview{rows: head(render.Markdown(string(data), ctx).Lines)}
	case isCode:
		return preview{rows: head(render.Code(text(data, whole), language(e.Name), ctx).Lines)}
	case isOther:
	}
	if !readable(data) {
		return preview{about: []string{"not text"}}
	}
	return preview{rows: head(term.Lines(text(data, whole), term.Options{Width: key.width}))}
}

// Text is a file drawn whole, as a text for a pager; false for what is no text. A
// notebook is none.
func Text(name string, data []byte, whole bool, ctx render.Context) (string, bool) {
	var rows []string
	switch kindOf(name) {
	case isPicture:
		b, ok := picture(name, data)
		if !ok {
			return "", false
		}
		rows = render.Bundle(b, ctx).Lines
	case isMarkdown:
		rows = render.Markdown(string(data), ctx).Lines
	case isCode:
		ctx.Width = 1000
		rows = render.Code(text(data, whole), language(name), ctx).Lines
	case isNotebook, isOther:
		return text(data, whole), readable(data)
	}
	return strings.Join(rows, "\n"), true
}

// readable tells text from other bytes by its beginning.
func readable(data []byte) bool {
	data = data[:min(len(data), 8<<10)]
	if bytes.IndexByte(data, 0) >= 0 {
		return false
	}
	for n := 0; n < utf8.UTFMax && len(data) > 0; n++ { // the last character may be cut
		if utf8.Valid(data) {
			return true
		}
		data = data[:len(data)-1]
	}
	return len(data) == 0
}

// text is the bytes without the line that was cut.
func text(data []byte, whole bool) string {
	if i := bytes.LastIndexByte(data, '\n'); !whole && i > 0 {
		data = data[:i]
	}
	return strings.ToValidUTF8(string(data), "�")
}

func head(rows []string) []string { return rows[:min(len(rows), previewRows)] }

func picture(name string, data []byte) (mime.Bundle, bool) {
	typ := map[string]string{
		".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".svg": "image/svg+xml",
		".webp": "image/webp", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
	}[strings.ToLower(path.Ext(name))]
	if typ == "" {
		return mime.Bundle{}, false
	}
	if typ == "image/svg+xml" {
		return mime.FromEntries(mime.TextEntry(typ, string(data))), true
	}
	return mime.FromEntries(mime.TextEntry(typ, base64.StdEncoding.EncodeToString(data))), true
}

// drawNotebook is its facts and its first cells.
func drawNotebook(data []byte, ctx render.Context, t theme.Theme) preview {
	doc, err := notebook.Parse(data)
	if err != nil {
		return preview{fault: clean(err.Error())}
	}
	p := preview{about: about(doc, t)}
	for i := 0; i < doc.Len() && len(p.rows) < previewRows; i++ {
		p.rows = append(p.rows, drawCell(doc.Cell(i), doc.Language(), ctx, t)...)
		p.rows = append(p.rows, "")
	}
	p.rows = head(p.rows)
	return p
}

// about is what one wants to know of a notebook before opening it.
func about(doc *notebook.Notebook, t theme.Theme) []string {
	kernel := clean(doc.KernelName())
	if kernel == "" {
		kernel = "no kernel named"
	}
	rows := []string{t.Muted(fmt.Sprintf("%s · %s", kernel, plural(doc.Len(), "cell")))}
	if names := parameters(doc); names != "" {
		rows = append(rows, t.Muted("parameters  ")+t.Text(names))
	}
	if ran := lastRun(doc, t); ran != "" {
		rows = append(rows, t.Muted("last run    ")+ran)
	}
	return rows
}

// cellIndent is the gutter of a cell in a preview.
const cellIndent = 6

func drawCell(c *notebook.Cell, lang string, ctx render.Context, t theme.Theme) []string {
	if c.Kind() == notebook.Markdown {
		return render.Markdown(c.Source(), ctx).Lines
	}
	ctx.Width = max(ctx.Width-cellIndent, 1)
	label := "    "
	if n, ok := c.Count(); ok {
		label = fmt.Sprintf("%4d", n)
	}
	var rows []string
	wide := ctx // a line that is too long is cut, not wrapped: this is a glance
	wide.Width = 500
	source := render.Code(strings.TrimRight(c.Source(), "\n "), lang, wide).Lines
	for i, r := range source[:min(len(source), 12)] {
		if i > 0 {
			label = "    "
		}
		rows = append(rows, t.Muted(label)+t.Faint("│ ")+r)
	}
	if len(source) > 12 {
		rows = append(rows, t.Muted(fmt.Sprintf("    … %s", plural(len(source)-12, "line"))))
	}
	for _, o := range c.Outputs() {
		lines := render.Output(o, ctx).Lines
		for _, r := range lines[:min(len(lines), ctx.MaxRows)] {
			rows = append(rows, strings.Repeat(" ", cellIndent)+r)
		}
		if len(lines) > ctx.MaxRows {
			rows = append(rows, t.Muted(fmt.Sprintf("      … %s", plural(len(lines)-ctx.MaxRows, "line"))))
		}
	}
	return rows
}
