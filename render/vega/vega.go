// Package vega draws Vega and Vega-Lite charts: the real libraries, bundled, in an
// embedded JavaScript engine. A specification comes in, an SVG goes out; what it
// would load from elsewhere is refused. Pixels are made by others (render/svg).
//
//	assets/   the bundle, how it is made, and the licences of what is in it
//	theme.go  how charts look on a terminal where they do not say themselves
//	labels.go the texts of a chart's SVG, to be written as characters
package vega

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // the bundle
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"nbterm/render/js"
)

//go:embed assets/vega.js.gz
var bundle []byte

// Bounds of one chart.
const (
	maxSpec   = 8 << 20 // bytes
	maxMemory = 128 << 20
	maxTime   = 3 * time.Second
)

// ErrChart is wrapped by every error about a chart itself.
var ErrChart = errors.New("this chart cannot be drawn")

// Engine draws charts. It loads the bundle for the first one; later ones are
// quicker. It may be used by several goroutines.
type Engine struct{ machine *js.Machine }

// New makes an engine, which costs nothing before the first chart. It keeps the
// compiled bundle, 3 MB, in the folder cache; "" is nowhere.
func New(cache string) *Engine {
	p := js.Program{Name: "vega", Source: program, Cache: cache}
	if cache != "" {
		p.Key = fmt.Sprintf("%x", sha256.Sum256(bundle))
	}
	return &Engine{js.New(p, js.Bounds{Memory: maxMemory, Time: maxTime})}
}

func program() (string, error) {
	z, err := gzip.NewReader(bytes.NewReader(bundle))
	if err != nil {
		return "", fmt.Errorf("unpack the charts: %w", err)
	}
	var b strings.Builder
	if _, err := io.Copy(&b, z); err != nil {
		return "", fmt.Errorf("unpack the charts: %w", err)
	}
	return b.String(), nil
}

// Close ends the engine.
func (e *Engine) Close() error { return e.machine.Close() }

// Look is where a chart will be shown.
type Look struct {
	Lite   bool // the specification is Vega-Lite's
	Dark   bool // on a dark ground
	Text   bool // on character cells of 8 x 16: fewer and bolder lines, no turned texts
	Width  int  // pixels at most, as far as the chart can be laid out again; 0 is any
	Height int  // likewise
	Tight  bool // with Text: rows for names are as low as they can be
}

// SVG draws a specification.
func (e *Engine) SVG(spec []byte, look Look) ([]byte, error) {
	if len(spec) > maxSpec {
		return nil, fmt.Errorf("%w: its specification is larger than %d MB", ErrChart, maxSpec>>20)
	}
	options, err := json.Marshal(map[string]any{"lite": look.Lite, "config": look.config(), "width": look.Width, "height": look.Height})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChart, err)
	}
	out, err := e.machine.Call("draw", string(spec), string(options))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChart, err)
	}
	var drawn struct{ SVG, Error string }
	if err := json.Unmarshal([]byte(out), &drawn); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChart, err)
	}
	if strings.Contains(drawn.Error, "out of memory") {
		e.machine.Reset() // nobody knows what it holds
	}
	if drawn.Error != "" || drawn.SVG == "" {
		return nil, fmt.Errorf("%w: %.200s", ErrChart, drawn.Error)
	}
	return []byte(drawn.SVG), nil
}
