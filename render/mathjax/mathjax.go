// Package mathjax sets TeX formulas as SVG drawings of paths, for terminals with
// pixels: the real MathJax, bundled, in an embedded JavaScript engine. Terminals
// without are served by render/latex.
package mathjax

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // the bundle
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nbterm/render/js"
)

//go:embed assets/mathjax.js.gz
var bundle []byte

// Bounds of one formula.
const (
	maxSource = 1 << 13 // bytes
	maxMemory = 128 << 20
	maxTime   = 4 * time.Second
)

// ErrFormula is wrapped by every error about a formula itself.
var ErrFormula = errors.New("this formula cannot be set")

// Engine sets formulas. It loads the bundle for the first one. It may be used by
// several goroutines.
type Engine struct{ machine *js.Machine }

// New makes an engine, which costs nothing before the first formula. It keeps the
// compiled bundle in the folder cache; "" is nowhere.
func New(cache string) *Engine {
	p := js.Program{Name: "mathjax", Source: program, Cache: cache}
	if cache != "" {
		p.Key = fmt.Sprintf("%x", sha256.Sum256(bundle))
	}
	return &Engine{js.New(p, js.Bounds{Memory: maxMemory, Time: maxTime})}
}

func program() (string, error) {
	z, err := gzip.NewReader(bytes.NewReader(bundle))
	if err != nil {
		return "", fmt.Errorf("unpack MathJax: %w", err)
	}
	var b strings.Builder
	if _, err := io.Copy(&b, z); err != nil {
		return "", fmt.Errorf("unpack MathJax: %w", err)
	}
	return b.String(), nil
}

// Close ends the engine.
func (e *Engine) Close() error { return e.machine.Close() }

// inEx are the lengths of a drawing that MathJax gives by the height of an x.
var inEx = regexp.MustCompile(`^(<svg [^>]*?)width="([\d.]+)ex" height="([\d.]+)ex"`)

// SVG sets a formula as a display, ex pixels being the height of an x, in a colour
// as CSS has it.
func (e *Engine) SVG(tex string, ex float64, color string) ([]byte, error) {
	if len(tex) > maxSource {
		return nil, fmt.Errorf("%w: its source is longer than %d bytes", ErrFormula, maxSource)
	}
	options, err := json.Marshal(map[string]float64{"ex": ex})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormula, err)
	}
	out, err := e.machine.Call("draw", tex, string(options))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormula, err)
	}
	var drawn struct{ SVG, Error string }
	if err := json.Unmarshal([]byte(out), &drawn); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormula, err)
	}
	m := inEx.FindStringSubmatch(drawn.SVG)
	if drawn.Error != "" || m == nil {
		return nil, fmt.Errorf("%w: %.200s", ErrFormula, drawn.Error)
	}
	width, _ := strconv.ParseFloat(m[2], 64)
	height, _ := strconv.ParseFloat(m[3], 64)
	head := fmt.Sprintf(`%swidth="%.2f" height="%.2f"`, m[1], width*ex, height*ex)
	return []byte(strings.ReplaceAll(head+drawn.SVG[len(m[0]):], "currentColor", color)), nil
}
