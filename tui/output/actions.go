package output

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/screen"
)

// maxZoom is how often a picture can be enlarged.
const maxZoom = 4

// actions are all that the screen can do.
func (s *Screen) actions() map[string]kit.Action {
	page := func() int { return max(kit.BodyHeight(s.size.Height, true)-1, 1) }
	const step = 8 // columns
	return map[string]kit.Action{
		keymap.ListUp:       kit.Plain(func() { s.scroll(-1) }),
		keymap.ListDown:     kit.Plain(func() { s.scroll(1) }),
		keymap.ListPageUp:   kit.Plain(func() { s.scroll(-page()) }),
		keymap.ListPageDown: kit.Plain(func() { s.scroll(page()) }),
		keymap.ListFirst:    kit.Plain(func() { s.top, s.left, s.cols = 0, 0, 0 }),
		keymap.ListLast:     kit.Plain(func() { s.scroll(1 << 30) }),
		keymap.ListLeft:     kit.Plain(func() { s.sideways(-step) }),
		keymap.ListRight:    kit.Plain(func() { s.sideways(step) }),

		keymap.OutputForm:     {Do: func() tea.Cmd { s.turn(1); return nil }, Why: s.oneForm},
		keymap.OutputFormBack: {Do: func() tea.Cmd { s.turn(-1); return nil }, Why: s.oneForm},
		keymap.OutputNext:     {Do: func() tea.Cmd { s.step(1); return nil }, Why: s.oneOutput},
		keymap.OutputPrevious: {Do: func() tea.Cmd { s.step(-1); return nil }, Why: s.oneOutput},
		keymap.OutputSave:     {Do: s.save},
		keymap.OutputPlay:     {Do: s.play, Why: s.still},

		keymap.OutputIn:  kit.Plain(func() { s.zoom = min(s.zoom+1, maxZoom) }),
		keymap.OutputOut: kit.Plain(func() { s.zoom = max(s.zoom-1, 0) }),
		keymap.OutputFit: kit.Plain(func() { s.zoom, s.top, s.left = 0, 0, 0 }),

		keymap.ListBack: {Do: func() tea.Cmd { return screen.Done }},
		keymap.Close:    {Do: func() tea.Cmd { return screen.Done }},
		keymap.Quit:     {Do: func() tea.Cmd { return screen.Quit }},
	}
}

// sideways moves over what is wider than the screen: by columns of text, and by one
// column of a table that hides some.
func (s *Screen) sideways(by int) {
	switch {
	case s.drawn == nil:
	case by > 0 && s.drawn.hidden > 0:
		s.cols++
	case by < 0 && s.left == 0:
		s.cols = max(s.cols-1, 0)
	default:
		s.left = max(s.left+by, 0)
	}
}

func (s *Screen) scroll(by int) {
	if s.drawn == nil {
		return
	}
	most := max(len(s.drawn.rows)-kit.BodyHeight(s.size.Height, s.notice != ""), 0)
	s.top = min(max(s.top+by, 0), most)
}

func (s *Screen) oneForm() string {
	if len(s.forms) < 2 {
		return "this output has one form only"
	}
	return ""
}

func (s *Screen) oneOutput() string {
	if len(s.Outputs) < 2 {
		return "the cell has one output only"
	}
	return ""
}

// turn shows the next form.
func (s *Screen) turn(by int) {
	form := (s.form + by + len(s.forms)) % len(s.forms)
	s.choose(s.at)
	s.form, s.notice = form, ""
}

// step shows the next output.
func (s *Screen) step(by int) {
	s.choose((s.at + by + len(s.Outputs)) % len(s.Outputs))
	s.notice = ""
}

// save writes the form that is shown to a file, as it came: the bytes of a picture,
// the text of anything else.
func (s *Screen) save() tea.Cmd {
	out, form, do, base, parent := s.Outputs[s.at], s.formName(), s.Save, s.Base, s.ctx
	return func() tea.Msg {
		data, ext := fileOf(out, form)
		ctx, cancel := context.WithTimeout(parent, saveTime)
		defer cancel()
		path, err := do(ctx, base, ext, data)
		return savedMsg{path, err}
	}
}

// fileOf gives an output as a file.
func fileOf(out *notebook.Output, form string) (data []byte, ext string) {
	switch {
	case form == "" && out.Kind() == notebook.Stream:
		return []byte(out.Text()), ".txt"
	case form == "", form == ownFrames:
		_, _, traceback := out.Error()
		return []byte(strings.Join(traceback, "\n") + "\n"), ".txt"
	}
	b := out.Bundle()
	ext = extension(form)
	if binary(form) {
		if data, err := b.Bytes(form); err == nil {
			return data, ext
		}
	}
	if !mime.IsJSON(form) {
		if text, ok := b.Text(form); ok {
			return []byte(text), ext
		}
	}
	raw, _ := b.Get(form)
	return raw, ext
}

// binary is true for types whose value is base64.
func binary(typ string) bool {
	main, _, _ := strings.Cut(typ, "/")
	return (main == "image" || main == "audio" || main == "video") && typ != "image/svg+xml" || typ == "application/pdf"
}

// extension is how the names of files of a type end.
func extension(typ string) string {
	known := map[string]string{
		"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/bmp": ".bmp", "image/tiff": ".tiff",
		"image/svg+xml": ".svg", "application/pdf": ".pdf", "text/html": ".html", "text/markdown": ".md", "text/latex": ".tex",
		"text/plain": ".txt", "application/javascript": ".js", "application/geo+json": ".geojson", "text/csv": ".csv",
		"audio/mpeg": ".mp3", "audio/wav": ".wav", "audio/x-wav": ".wav", "video/mp4": ".mp4", "video/webm": ".webm",
	}
	switch ext, ok := known[typ]; {
	case ok:
		return ext
	case mime.IsJSON(typ):
		return ".json"
	}
	return ".bin"
}
