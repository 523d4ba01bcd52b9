package notebook

import (
	"encoding/json"
	"math/rand/v2"
	"sync"

	"nbterm/engine/mime/rawjson"
)

// Notebook is a document: a list of cells in a frame of bytes. It belongs to one
// goroutine; the cells in it may be read from any.
type Notebook struct {
	home         *home
	origin       origin
	major, minor int
	upgraded     bool
	language     string // what an old format says elsewhere than in the metadata

	cells   []*Cell
	gaps    []rawjson.Gap  // white space around each cell
	inner   []byte         // white space in an empty list of cells
	frame   *frame         // everything but the cells
	index   map[uint64]int // from key to position; nil when to be made anew
	version uint64
}

// home is what the cells of one file share: the bytes they came from, which show
// the style to write in.
type home struct {
	data  []byte
	once  sync.Once
	found style
}

// origin is the state as parsed, to give the same bytes back.
type origin struct {
	data  []byte
	cells []*Cell
	frame *frame
}

// frame is the file with an empty list of cells. It never changes.
type frame struct {
	bytes  []byte
	hole   int    // where the cells go, just behind the opening bracket
	meta   []byte // the notebook's metadata, or nil
	kernel string
	lang   string
}

func newFrame(text []byte, hole int) *frame {
	f := &frame{bytes: text, hole: hole}
	f.meta, _ = rawjson.Get(bodyOf(text), "metadata")
	f.kernel = stringAt(f.meta, "kernelspec", "name")
	f.lang = stringAt(f.meta, "language_info", "name")
	if f.lang == "" {
		f.lang = stringAt(f.meta, "kernelspec", "language")
	}
	return f
}

// bodyOf skips what may stand before the object: a mark and white space.
func bodyOf(text []byte) []byte {
	for i, c := range text {
		if c == '{' {
			return text[i:]
		}
	}
	return nil
}

func stringAt(raw []byte, path ...string) string {
	value, _ := rawjson.Get(raw, path...)
	return rawjson.Unquote(value)
}

// New makes an empty notebook of format 4.5, as nbformat would write it. An empty
// kernelName or language is left out.
func New(kernelName, displayName, language string) *Notebook {
	text := []byte("{\n \"cells\": [],\n \"metadata\": {},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n")
	r, err := scanRoot(text, 0)
	if err != nil {
		panic("notebook: the text of an empty notebook: " + err.Error())
	}
	n := assemble(text, r)
	set := func(value string, path ...string) {
		if value != "" {
			n.SetMeta(rawjson.AppendQuote(nil, value, false), path...)
		}
	}
	if kernelName != "" {
		n.SetMeta(rawjson.AppendQuote(nil, displayName, false), "kernelspec", "display_name")
		set(language, "kernelspec", "language")
		set(kernelName, "kernelspec", "name")
	}
	set(language, "language_info", "name")
	n.version = 0
	n.origin = origin{data: n.join(), frame: n.frame}
	return n
}

// Bytes returns the file. It is the very text that was parsed as long as, or
// again when, nothing differs from it. The caller must not change it.
func (n *Notebook) Bytes() []byte {
	if n.pristine() {
		return n.origin.data
	}
	return n.join()
}

func (n *Notebook) pristine() bool {
	if n.frame != n.origin.frame || len(n.cells) != len(n.origin.cells) {
		return false
	}
	for i, c := range n.cells {
		if c != n.origin.cells[i] {
			return false
		}
	}
	return true
}

func (n *Notebook) join() []byte {
	parts, size := make([][]byte, len(n.cells)), len(n.frame.bytes)+len(n.inner)
	for i, c := range n.cells {
		parts[i] = c.bytes(n.home, n.gaps[i])
		size += len(parts[i]) + len(n.gaps[i].Before) + len(n.gaps[i].After) + 1
	}
	out := make([]byte, 0, size)
	out = append(out, n.frame.bytes[:n.frame.hole]...)
	if len(parts) == 0 {
		out = append(out, n.inner...)
	}
	for i, part := range parts {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, n.gaps[i].Before...)
		out = append(out, part...)
		out = append(out, n.gaps[i].After...)
	}
	return append(out, n.frame.bytes[n.frame.hole:]...)
}

// Len is the number of cells.
func (n *Notebook) Len() int { return len(n.cells) }

// Cell returns the cell at position i, or nil where there is none.
func (n *Notebook) Cell(i int) *Cell {
	if i < 0 || i >= len(n.cells) {
		return nil
	}
	return n.cells[i]
}

// Cells returns the cells of this moment; the slice is the caller's.
func (n *Notebook) Cells() []*Cell { return append([]*Cell(nil), n.cells...) }

// Index returns the position of the cell with that key, or -1.
func (n *Notebook) Index(key uint64) int {
	if n.index == nil {
		n.index = make(map[uint64]int, len(n.cells))
		for i, c := range n.cells {
			n.index[c.key] = i
		}
	}
	if i, ok := n.index[key]; ok {
		return i
	}
	return -1
}

// Format is the nbformat version shown: 4.x, also for an upgraded notebook.
func (n *Notebook) Format() (major, minor int) { return n.major, n.minor }

// Upgraded tells that the file is of format 2 or 3. Its bytes stay until the
// first change; from then on all of it is written in format 4.5.
func (n *Notebook) Upgraded() bool { return n.upgraded }

// Meta returns the raw metadata at a path of keys; without a path all of it.
func (n *Notebook) Meta(path ...string) (json.RawMessage, bool) {
	if n.frame.meta == nil {
		return nil, false
	}
	return rawjson.Get(n.frame.meta, path...)
}

// KernelName is the kernelspec the notebook asks for, or "".
func (n *Notebook) KernelName() string { return n.frame.kernel }

// Language is what the kernel said of itself when the notebook was saved, else
// what its kernelspec says, else "".
func (n *Notebook) Language() string {
	if n.frame.lang == "" {
		return n.language
	}
	return n.frame.lang
}

// Version grows with every change, also when one is undone.
func (n *Notebook) Version() uint64 { return n.version }

// hasIDs tells whether cells carry ids in this format.
func (n *Notebook) hasIDs() bool { return n.major > 4 || n.major == 4 && n.minor >= 5 }

// freshID makes an id that taken does not hold: eight hexadecimal characters, as
// nbformat makes them.
func freshID(taken map[string]bool) string {
	const hex = "0123456789abcdef"
	for {
		var id [8]byte
		for i, bits := 0, rand.Uint32(); i < len(id); i++ {
			id[i] = hex[bits>>(4*i)&15]
		}
		if !taken[string(id[:])] {
			return string(id[:])
		}
	}
}
