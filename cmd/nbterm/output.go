package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nbterm/tui"
	"nbterm/tui/output"
	"nbterm/tui/screen"
)

// openOutput makes the screen for the outputs of a cell.
func (w *workbench) openOutput(t screen.Target) *output.Screen {
	base := strings.TrimSuffix(filepath.Base(t.Path), ".ipynb")
	return output.New(output.Deps{
		Outputs: t.Outputs, Title: t.Title, Base: fmt.Sprintf("%s-cell%d", base, t.Cell), Save: w.app.saveNew,
		Images: w.pictures.Layer, Tools: w.tools, Keys: w.keys, Theme: tui.StartTheme(w.config.Theme),
	})
}

// saveNew writes data to a new file of the current folder. It never writes over a
// file: where base+ext is taken, a number is added.
func (a *app) saveNew(ctx context.Context, base, ext string, data []byte) (string, error) {
	const tries = 1000
	for n := range tries {
		name := base + ext
		if n > 0 {
			name = fmt.Sprintf("%s-%d%s", base, n+1, ext)
		}
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if errors.Is(err, fs.ErrExist) && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("save the output: %w", hinted(err))
		}
		_, err = f.Write(data)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", fmt.Errorf("save the output: %w", hinted(err))
		}
		full, err := filepath.Abs(name)
		if err != nil {
			full = name
		}
		return a.tilde(full), nil
	}
	return "", fmt.Errorf("save the output: %s%s and %d more names are taken", base, ext, tries)
}
