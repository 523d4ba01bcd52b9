package svg

import (
	"context"
	"errors"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The wasm was built to be called from JavaScript and handles its values by number.
// Here are those it needs: a heap of values, and the functions it imports.

// guest is the drawing that is being made: the functions below are made once, for
// all.
type guest struct{ heap *heap }

// heap holds values by number; below firstValue are the constants of JavaScript.
type heap struct {
	values []any
	free   []uint32
}

const firstValue = 132

func newHeap() *heap { return &heap{values: make([]any, firstValue)} }

// put keeps a value.
func (h *heap) put(v any) uint32 {
	if n := len(h.free); n > 0 {
		at := h.free[n-1]
		h.free = h.free[:n-1]
		h.values[at] = v
		return at
	}
	h.values = append(h.values, v)
	return uint32(len(h.values) - 1)
}

func (h *heap) get(at uint32) any {
	if int(at) < len(h.values) {
		return h.values[at]
	}
	return nil
}

// take is get and drop.
func (h *heap) take(at uint32) any {
	v := h.get(at)
	h.drop(at)
	return v
}

func (h *heap) drop(at uint32) {
	if at >= firstValue && int(at) < len(h.values) {
		h.values[at] = nil
		h.free = append(h.free, at)
	}
}

// Values that are neither bytes, text nor a list.
type (
	memory struct{}                  // the module's memory
	window struct{ at, size uint32 } // an array over a part of it
	walk   struct{ rest []any }      // an iterator
	step   struct {                  // what it gives
		value any
		done  bool
	}
)

// errThrown is what the wasm throws: a panic of its own.
var errThrown = errors.New("resvg failed")

// bytesOf gives the bytes of an array.
func bytesOf(m api.Module, v any) []byte {
	switch v := v.(type) {
	case []byte:
		return v
	case window:
		if b, ok := m.Memory().Read(v.at, v.size); ok {
			return b
		}
	}
	return nil
}

// instantiateHost gives a runtime the functions that resvg imports. Their names end
// in a hash that the build made; resvg.wasm.gz and these belong together.
func instantiateHost(ctx context.Context, r wazero.Runtime, g *guest) error {
	b := r.NewHostModuleBuilder("wbg")
	text := func(m api.Module, at, size uint32) string {
		s, _ := m.Memory().Read(at, size)
		return string(s)
	}
	for name, fn := range map[string]any{
		"__wbg_new_28c511d9baebfa89": func(_ context.Context, m api.Module, at, size uint32) uint32 {
			return g.heap.put(text(m, at, size)) // an Error
		},
		"__wbindgen_string_new": func(_ context.Context, m api.Module, at, size uint32) uint32 {
			return g.heap.put(text(m, at, size))
		},
		"__wbindgen_string_get": stringGet(g),
		"__wbindgen_throw":      func(context.Context, api.Module, uint32, uint32) { panic(errThrown) },
		"__wbindgen_object_drop_ref": func(_ context.Context, _ api.Module, v uint32) {
			g.heap.drop(v)
		},
		"__wbindgen_memory": func(_ context.Context, _ api.Module) uint32 { return g.heap.put(memory{}) },
		"__wbg_buffer_12d079cc21e14bdb": func(_ context.Context, _ api.Module, _ uint32) uint32 {
			return g.heap.put(memory{})
		},
		"__wbg_newwithbyteoffsetandlength_aa4a17c33a06e5cb": func(_ context.Context, _ api.Module, _, at, size uint32) uint32 {
			return g.heap.put(window{at, size})
		},
		"__wbg_new_63b92bc8671ed464": func(_ context.Context, m api.Module, v uint32) uint32 {
			h := g.heap
			if _, whole := h.get(v).(memory); whole {
				return h.put(window{0, m.Memory().Size()})
			}
			return h.put(slices.Clone(bytesOf(m, h.get(v))))
		},
		"__wbg_length_c20a40f15020d68a": func(_ context.Context, m api.Module, v uint32) uint32 {
			return uint32(len(bytesOf(m, g.heap.get(v))))
		},
		"__wbg_set_a47bac70306a19a7": func(_ context.Context, m api.Module, to, from, at uint32) {
			h := g.heap
			if dst := bytesOf(m, h.get(to)); int(at) <= len(dst) {
				copy(dst[at:], bytesOf(m, h.get(from)))
			}
		},
		"__wbg_instanceof_Uint8Array_2b3bbecd033d19f6": func(_ context.Context, _ api.Module, v uint32) uint32 {
			switch g.heap.get(v).(type) {
			case []byte, window:
				return 1
			}
			return 0
		},
	} {
		b.NewFunctionBuilder().WithFunc(fn).Export(name)
	}
	lists(b, g)
	_, err := b.Instantiate(ctx)
	return err
}

// stringGet writes where a string is, 0 for what is none.
func stringGet(g *guest) any {
	return func(ctx context.Context, m api.Module, ret, v uint32) {
		s, ok := g.heap.get(v).(string)
		var at uint32
		if ok {
			out, err := m.ExportedFunction("__wbindgen_malloc").Call(ctx, uint64(len(s)), 1)
			if err != nil {
				panic(err)
			}
			at = api.DecodeU32(out[0])
			m.Memory().WriteString(at, s)
		}
		m.Memory().WriteUint32Le(ret, at)
		m.Memory().WriteUint32Le(ret+4, uint32(len(s)))
	}
}

// lists are the functions of arrays and their iterators.
func lists(b wazero.HostModuleBuilder, g *guest) {
	for name, fn := range map[string]any{
		"__wbg_new_16b304a2cfa7ff4a": func(_ context.Context, _ api.Module) uint32 {
			return g.heap.put([]any(nil))
		},
		"__wbg_push_a5b05aedc7234f9f": func(_ context.Context, _ api.Module, list, v uint32) uint32 {
			h := g.heap
			all, _ := h.get(list).([]any)
			all = append(all, h.get(v))
			h.values[list] = all
			return uint32(len(all))
		},
		"__wbg_values_839f3396d5aac002": func(_ context.Context, _ api.Module, list uint32) uint32 {
			h := g.heap
			all, _ := h.get(list).([]any)
			return h.put(&walk{all})
		},
		"__wbg_next_196c84450b364254": func(_ context.Context, _ api.Module, it uint32) uint32 {
			h := g.heap
			w, _ := h.get(it).(*walk)
			if w == nil || len(w.rest) == 0 {
				return h.put(step{done: true})
			}
			s := step{value: w.rest[0]}
			w.rest = w.rest[1:]
			return h.put(s)
		},
		"__wbg_done_298b57d23c0fc80c": func(_ context.Context, _ api.Module, v uint32) uint32 {
			if s, ok := g.heap.get(v).(step); ok && !s.done {
				return 0
			}
			return 1
		},
		"__wbg_value_d93c65011f51a456": func(_ context.Context, _ api.Module, v uint32) uint32 {
			h := g.heap
			s, _ := h.get(v).(step)
			return h.put(s.value)
		},
	} {
		b.NewFunctionBuilder().WithFunc(fn).Export(name)
	}
}
