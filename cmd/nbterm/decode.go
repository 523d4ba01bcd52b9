package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/render"
	"nbterm/render/mathjax"
	"nbterm/render/raster"
	"nbterm/render/svg"
	"nbterm/render/vega"
)

// decodeVerb is the hidden first argument of a process that decodes one picture.
const decodeVerb = "__decode"

// What such a process may take. The limits are the kernel's (setrlimit(2)), set by
// the process itself before it has read a byte of the picture.
const (
	decodeMemory  = 256 << 20 // bytes of data
	decodeSeconds = 2         // of CPU
	decodeTime    = 4 * time.Second
	decodeInput   = 64 << 20 // bytes
	decodeSide    = 2048     // pixels of what it hands back, at most
)

// typePDF is decoded by pdftoppm, where there is one.
const typePDF = "application/pdf"

// tools are what drawing may use in this process. Nothing is loaded before its first
// use.
func (a *app) tools() *render.Tools {
	wasm, scripts := "", ""
	if cache, err := a.xdg("XDG_CACHE_HOME", ".cache"); err == nil {
		wasm, scripts = filepath.Join(cache, "nbterm", "wasm"), filepath.Join(cache, "nbterm", "js")
	}
	engine, charts, formulas := svg.New(wasm), vega.New(scripts), mathjax.New(scripts)
	return &render.Tools{
		SVG: func(src []byte, width, height int, grow bool) (image.Image, error) {
			return engine.Draw(context.Background(), src, width, height, grow)
		},
		Foreign: a.decodeElsewhere,
		Chart:   charts.SVG,
		Formula: formulas.SVG,
	}
}

// decodeElsewhere decodes a picture in a process under limits, so that one made to
// exhaust its decoder ends that process and not this one.
func (a *app) decodeElsewhere(typ string, data []byte) (image.Image, error) {
	if len(data) > decodeInput {
		return nil, raster.ErrLarge
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find nbterm's own program: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), decodeTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, decodeVerb, typ)
	cmd.Stdin, cmd.Dir = bytes.NewReader(data), "/"
	cmd.Env = []string{"PATH=" + a.getenv("PATH"), "GOMEMLIMIT=" + strconv.Itoa(decodeMemory/2), "GOTRACEBACK=none"}
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout = &limited{w: &out, left: 4*decodeSide*decodeSide + 1<<20}
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("decode a picture of type %s: %w", typ, err)
	}
	return raster.Decode("image/png", out.Bytes(), 8*decodeSide*decodeSide)
}

// errLong is what a limited writer says.
var errLong = errors.New("more was written than expected")

// limited passes on so many bytes and no more.
type limited struct {
	w    io.Writer
	left int
}

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errLong
	}
	return l.w.Write(p)
}

// decodeMain is the process: a picture on standard input, a PNG of it on standard
// output.
func (a *app) decodeMain(typ string) int {
	for limit, most := range map[int]uint64{
		unix.RLIMIT_DATA: decodeMemory, unix.RLIMIT_CPU: decodeSeconds, unix.RLIMIT_FSIZE: decodeMemory, unix.RLIMIT_CORE: 0, unix.RLIMIT_NOFILE: 64,
	} {
		if err := unix.Setrlimit(limit, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return exitStorage
		}
	}
	if typ == typePDF {
		return decodePDF(a)
	}
	data, err := io.ReadAll(io.LimitReader(a.in, decodeInput))
	if err != nil {
		return exitStorage
	}
	img, err := raster.Decode(typ, data, decodeMemory*3/4)
	if err != nil {
		return exitStorage
	}
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(a.out, raster.Within(img, decodeSide, decodeSide)); err != nil {
		return exitStorage
	}
	return exitOK
}

// decodePDF becomes pdftoppm, which inherits the limits, for the first page.
func decodePDF(a *app) int {
	program, err := exec.LookPath("pdftoppm")
	if err != nil {
		return exitStorage
	}
	args := []string{program, "-png", "-singlefile", "-f", "1", "-l", "1", "-r", "110", "-"}
	_ = unix.Exec(program, args, []string{"PATH=" + a.getenv("PATH"), "LANG=C.UTF-8"}) // it returns only when it fails
	return exitStorage
}
