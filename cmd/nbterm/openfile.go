package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/storage"
	"nbterm/tui"
	"nbterm/tui/browser"
	"nbterm/tui/pager"
	"nbterm/tui/screen"
)

// fileMost is the bytes of a plain file that are shown.
const fileMost = 32 << 20

// openFile shows a file that is no notebook: what is text in the pager, the rest not.
func (w *workbench) openFile(ctx context.Context, t screen.Target) (screen.Screen, error) {
	data, whole, err := files{w.app}.Read(ctx, t.Path, fileMost)
	if err != nil {
		return nil, exit(exitStorage, err)
	}
	body, ok := browser.Text(path.Base(t.Path), data, whole, render.Context{
		Width: 78, MaxRows: 60, Palette: tui.StartTheme(w.config.Theme).Palette, Caps: render.Caps{Colors: render.TrueColor},
	})
	if !ok {
		return nil, usagef("%s is neither a notebook nor a text; nbterm opens those", t.Path)
	}
	title := path.Base(t.Path)
	if !whole {
		title += fmt.Sprintf(" (the first %d MB)", fileMost>>20)
	}
	return pager.New(pager.Deps{Title: title, Body: body, Keys: w.keys, Theme: tui.StartTheme(w.config.Theme)}), nil
}

// isNotebook says by its name whether a target is to be opened as a notebook: what
// does not exist yet is one, or the error that says so.
func (w *workbench) isNotebook(ctx context.Context, t screen.Target) bool {
	if strings.HasSuffix(strings.ToLower(t.Path), ".ipynb") || t.Path == "-" {
		return true
	}
	p, err := w.app.place(ctx, t.Path)
	if err != nil {
		return true
	}
	r, ok := p.store.(storage.Ranger)
	if !ok {
		return true
	}
	data, _, err := r.ReadRange(ctx, p.name, 0, 4096, storage.None)
	begins := strings.TrimLeft(string(data), " \t\r\n\ufeff")
	return err != nil || begins == "" || begins[0] == '{' && (strings.Contains(begins, `"cells"`) || strings.Contains(begins, `"nbformat"`) || strings.Contains(begins, `"worksheets"`))
}

// isRecord says whether the notebook at an address is the record of a run that has
// ended: whoever comes upon it while browsing is to look at it, not to change it. The
// end of the file tells, where notebooks have their metadata.
func (w *workbench) isRecord(ctx context.Context, address string) bool {
	p, err := w.app.place(ctx, address)
	if err != nil {
		return false
	}
	r, ok := p.store.(storage.Ranger)
	if !ok {
		return false
	}
	tail, _, err := r.ReadRange(ctx, p.name, -glimpseTail, glimpseTail, storage.None)
	if err != nil {
		return false
	}
	doc, err := notebook.Glimpse([]byte(`{"cells":[{"cell_type":"raw","metadata":{},"source":""}]`), tail)
	if err != nil {
		return false
	}
	raw, ok := doc.Meta("papermill")
	var ran struct {
		End string `json:"end_time"`
	}
	return ok && json.Unmarshal(raw, &ran) == nil && ran.End != ""
}
