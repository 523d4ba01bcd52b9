package main

import (
	"context"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	xterm "github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"

	"nbterm/cmd/nbterm/config"
	"nbterm/tui"
	"nbterm/tui/caps"
	"nbterm/tui/images"
)

// display is the terminal of the workbench: everything written to it passes the
// layer that knows where pictures are.
type display struct {
	xterm.File
	layer *images.Layer
}

// Write implements io.Writer.
func (d display) Write(p []byte) (int, error) { return d.layer.Write(p) }

// pictures is where the workbench writes its frames, and what shows pictures there:
// nothing, where out is no terminal.
func (a *app) pictures(c config.Config) (io.Writer, tui.Pictures) {
	file, ok := a.out.(xterm.File)
	if !ok {
		return a.out, tui.Pictures{}
	}
	layer := images.New(file, uint64(os.Getpid()))
	size := func() caps.Size {
		ws, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
		if err != nil {
			return caps.Size{}
		}
		return caps.Size{Cols: int(ws.Col), Rows: int(ws.Row), Width: int(ws.Xpixel), Height: int(ws.Ypixel)}
	}
	return display{file, layer}, tui.Pictures{Probe: caps.NewProbe(c.Images, a.getenv, size), Layer: layer}
}

// startPictures lets the layer bring pictures until stop is called.
func startPictures(ctx context.Context, layer *images.Layer, tell func(tea.Msg)) (stop func()) {
	if layer == nil {
		return func() {}
	}
	layer.Start(ctx, tell)
	return layer.Stop
}
