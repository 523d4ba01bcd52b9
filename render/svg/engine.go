// Package svg makes pixels of SVG drawings with resvg, which runs as WebAssembly:
// within bounds of memory and time, without files, network, scripts or the fonts of
// the machine.
package svg

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Errors of drawing.
var (
	ErrLarge  = errors.New("the drawing is too large or takes too long")
	ErrBroken = errors.New("the drawing cannot be read")
)

// What one drawing may take.
const (
	maxSource = 16 << 20        // bytes
	maxPages  = 160 << 20 >> 16 // of wasm memory, 64 kB each
	maxTime   = 3 * time.Second
	maxSide   = 4096 // pixels
)

// Engine draws. Nothing is loaded before the first drawing: resvg is then compiled,
// which takes seconds once for a machine and a tenth of one from the cache. Drawings
// wait for each other, so that memory is taken once.
type Engine struct {
	cacheDir string // of compiled code; "" keeps none

	mu      sync.Mutex // guards all below, and one drawing at a time
	runtime wazero.Runtime
	code    wazero.CompiledModule
	guest   guest
	failed  error // why it cannot be loaded; asked once
}

// New makes an engine that keeps its compiled code in a folder.
func New(cacheDir string) *Engine { return &Engine{cacheDir: cacheDir} }

// Draw gives the pixels of a drawing at the size it asks for; smaller, in its own
// proportions, where that exceeds width x height pixels, and as large as those where
// grow is set.
func (e *Engine) Draw(ctx context.Context, src []byte, width, height int, grow bool) (*image.NRGBA, error) {
	if len(src) > maxSource || width < 1 || height < 1 {
		return nil, ErrLarge
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.load(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	e.guest.heap = newHeap()
	defer func() { e.guest.heap = nil }()
	module, err := e.runtime.InstantiateModule(ctx, e.code, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, fmt.Errorf("start resvg: %w", err)
	}
	defer func() { _ = module.Close(context.WithoutCancel(ctx)) }()
	img, err := (&drawing{ctx: ctx, module: module, heap: e.guest.heap}).draw(src, min(width, maxSide), min(height, maxSide), grow)
	if ctx.Err() != nil {
		return nil, ErrLarge
	}
	return img, err
}

// Close lets go of the compiled code.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runtime == nil {
		return nil
	}
	err := e.runtime.Close(context.Background())
	e.runtime, e.code = nil, nil
	return err
}

// load compiles resvg. Called with the lock held.
func (e *Engine) load() error {
	if e.code != nil || e.failed != nil {
		return e.failed
	}
	ctx := context.Background() // what is compiled serves others too
	e.failed = func() error {
		wasm, err := unpack()
		if err != nil {
			return err
		}
		config := wazero.NewRuntimeConfig().WithMemoryLimitPages(maxPages).WithCloseOnContextDone(true)
		if e.cacheDir != "" {
			if cache, err := wazero.NewCompilationCacheWithDir(e.cacheDir); err == nil {
				config = config.WithCompilationCache(cache)
			}
		}
		e.runtime = wazero.NewRuntimeWithConfig(ctx, config)
		if err := instantiateHost(ctx, e.runtime, &e.guest); err != nil {
			return fmt.Errorf("load resvg: %w", err)
		}
		if e.code, err = e.runtime.CompileModule(ctx, wasm); err != nil {
			return fmt.Errorf("load resvg: %w", err)
		}
		return nil
	}()
	return e.failed
}

// drawing is one run of resvg, in a memory of its own.
type drawing struct {
	ctx    context.Context //nolint:containedctx // lives for one call of Draw
	module api.Module
	heap   *heap
}

func (d *drawing) draw(src []byte, width, height int, grow bool) (*image.NRGBA, error) {
	tree, err := d.parse(src, `{"mode":"original"}`)
	if err != nil {
		return nil, err
	}
	w, err := d.float("resvg_width", tree)
	if err != nil {
		return nil, err
	}
	h, err := d.float("resvg_height", tree)
	if err != nil {
		return nil, err
	}
	if !(w > 0) || !(h > 0) || math.IsInf(w, 0) || math.IsInf(h, 0) {
		return nil, ErrBroken
	}
	scale := min(float64(width)/w, float64(height)/h)
	if scale >= 1 && !grow {
		scale = 1
	}
	if w*scale < 0.5 || h*scale < 0.5 {
		return nil, ErrBroken
	}
	if scale != 1 {
		tree, err = d.parse(src, fmt.Sprintf(`{"mode":"width","value":%d}`, max(int(w*scale), 1)))
		if err != nil {
			return nil, err
		}
	}
	return d.render(tree)
}

// parse reads a drawing and gives its handle.
func (d *drawing) parse(src []byte, fit string) (uint32, error) {
	text := fmt.Sprintf(options, fit)
	at, err := d.bytes([]byte(text))
	if err != nil {
		return 0, err
	}
	return d.result("resvg_new", uint64(d.heap.put(src)), uint64(at), uint64(len(text)), uint64(d.heap.put(fonts())))
}

// render makes the pixels.
func (d *drawing) render(tree uint32) (*image.NRGBA, error) {
	pixmap, err := d.result("resvg_render", uint64(tree))
	if err != nil {
		return nil, err
	}
	var size [2]int
	for i, name := range []string{"renderedimage_width", "renderedimage_height"} {
		out, err := d.call(name, uint64(pixmap))
		if err != nil {
			return nil, err
		}
		size[i] = int(api.DecodeU32(out))
	}
	ref, err := d.call("renderedimage_pixels", uint64(pixmap))
	if err != nil {
		return nil, err
	}
	pix, ok := d.heap.take(api.DecodeU32(ref)).([]byte)
	if !ok || len(pix) != 4*size[0]*size[1] || len(pix) == 0 {
		return nil, ErrBroken
	}
	return &image.NRGBA{Pix: pix, Stride: 4 * size[0], Rect: image.Rect(0, 0, size[0], size[1])}, nil
}

// call calls an exported function.
func (d *drawing) call(name string, args ...uint64) (uint64, error) {
	out, err := d.module.ExportedFunction(name).Call(d.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if len(out) == 0 {
		return 0, nil
	}
	return out[0], nil
}

func (d *drawing) float(name string, tree uint32) (float64, error) {
	v, err := d.call(name, uint64(tree))
	return float64(api.DecodeF32(v)), err
}

// result calls a function that writes its result, or an error, through a pointer.
func (d *drawing) result(name string, args ...uint64) (uint32, error) {
	const room = 16
	ret, err := d.call("__wbindgen_add_to_stack_pointer", api.EncodeI32(-room))
	if err != nil {
		return 0, err
	}
	if _, err := d.call(name, append([]uint64{ret}, args...)...); err != nil {
		return 0, err
	}
	mem, at := d.module.Memory(), api.DecodeU32(ret)
	value, _ := mem.ReadUint32Le(at)
	problem, _ := mem.ReadUint32Le(at + 4)
	failed, _ := mem.ReadUint32Le(at + 8)
	if _, err := d.call("__wbindgen_add_to_stack_pointer", room); err != nil {
		return 0, err
	}
	if failed != 0 {
		return 0, fmt.Errorf("%w: %v", ErrBroken, d.heap.take(problem))
	}
	return value, nil
}

// bytes copies data into the memory of the drawing.
func (d *drawing) bytes(data []byte) (uint32, error) {
	at, err := d.call("__wbindgen_malloc", uint64(len(data)), 1)
	if err != nil {
		return 0, err
	}
	if !d.module.Memory().Write(api.DecodeU32(at), data) {
		return 0, ErrLarge
	}
	return api.DecodeU32(at), nil
}
