// Package images puts pictures on the terminal. Screens write marks into their rows
// where pictures belong; a Layer, which all output passes through, sees the marks in
// each frame and brings the pictures: to kitty once, so that the marks themselves show
// them, and over the frame once it stands still for terminals with sixel or iTerm2's
// files. Until a picture is there its block characters are shown.
//
//	screen ── rows with marks ──▶ Compose ── rows with block characters or marks ──▶ program
//	                                 │ what is visible, and where                    │ frames
//	                                 ▼                                               ▼
//	                              worker ── pictures, by our own encoders only ──▶ Write ──▶ terminal
//
// A mark is the placeholder U+10EEEE of kitty's protocol. No text of others can hold
// one: render/term shows it by its number.
package images

import (
	"context"
	"crypto/sha256"
	"io"
	"sync"
	"time"
	"weak"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render"
	"nbterm/tui/caps"
)

// Layer is the way to the terminal. It may be used by any goroutine.
type Layer struct {
	out    io.Writer
	first  uint32 // the number of the first picture; others on the same terminal have other ones
	wake   chan struct{}
	cancel context.CancelFunc
	work   sync.WaitGroup
	pause  pauses

	mu     sync.Mutex // guards all below, and out: nothing writes to it without
	term   caps.Terminal
	colors colorprofile.Profile // of the program's frames
	reader reader               // made with the first picture
	known  map[uint32]weak.Pointer[Picture]
	named  map[name]weak.Pointer[Picture]
	next   uint32
	round  uint64          // counts the frames that were composed
	shown  []spot          // where pictures are in the last of them
	sent   map[uint32]sent // kitty: what the terminal holds
	drawn  []spot          // overlays on the screen
	repair []byte          // what takes them away; goes before the next frame
}

// pauses are how long a frame must have stood still.
type pauses struct{ send, draw time.Duration }

// name tells equal pictures apart from others.
type name struct {
	sum        [sha256.Size]byte
	cols, rows int
}

// sent is a picture that the terminal holds.
type sent struct {
	seen   uint64 // the round in which it was last visible
	pixels int
}

// Picture is a picture of so many cells. It is on the terminal only while somebody
// holds it.
type Picture struct {
	id         uint32
	cols, rows int
	png        []byte
	under      []string // the same in block characters, rows of cols cells
}

// ArrivedMsg says that a picture has reached the terminal: the next frame shows it.
type ArrivedMsg struct{}

// New makes a layer over out. seed keeps the numbers of two programs on one terminal
// apart.
func New(out io.Writer, seed uint64) *Layer {
	return &Layer{
		out: out, colors: colorprofile.TrueColor, first: uint32(seed % numbers), wake: make(chan struct{}, 1), cancel: func() {},
		pause: pauses{send: 20 * time.Millisecond, draw: 150 * time.Millisecond},
		known: map[uint32]weak.Pointer[Picture]{}, named: map[name]weak.Pointer[Picture]{}, sent: map[uint32]sent{},
	}
}

// Start begins to bring pictures and tells tell of each that has arrived.
func (l *Layer) Start(ctx context.Context, tell func(tea.Msg)) {
	ctx, l.cancel = context.WithCancel(ctx)
	l.work.Go(func() { l.bring(ctx, tell) })
}

// Stop ends the work and takes all pictures off the terminal.
func (l *Layer) Stop() {
	l.cancel()
	l.work.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range l.sent {
		l.put(kittyDelete(id))
		delete(l.sent, id)
	}
}

// SetTerminal says what the terminal can do.
func (l *Layer) SetTerminal(t caps.Terminal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.term = t
}

// SetColors says to how many colours the program brings its frames.
func (l *Layer) SetColors(p colorprofile.Profile) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.colors = p
}

// Write implements io.Writer: a frame goes to the terminal, after what it needs to
// find it as it left it.
func (l *Layer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mend()
	if clears(p) && len(l.drawn) > 0 {
		l.drawn = nil
		l.stir()
	}
	return l.out.Write(p)
}

// Place makes the picture of a placement whose block characters are under. Equal ones
// are one.
func (l *Layer) Place(p render.Placement, under []string) *Picture {
	n := name{sha256.Sum256(p.PNG), p.Cols, p.Rows}
	l.mu.Lock()
	defer l.mu.Unlock()
	if have := l.named[n].Value(); have != nil {
		return have
	}
	l.sweep()
	pic := &Picture{id: l.number(), cols: min(p.Cols, maxSpan), rows: min(p.Rows, maxSpan), png: p.PNG, under: under}
	l.known[pic.id], l.named[n] = weak.Make(pic), weak.Make(pic)
	return pic
}

// marks reads marks; its table is made when it is needed first.
func (l *Layer) marks() reader {
	if l.reader.values == nil {
		l.reader.values = diacriticValues()
	}
	return l.reader
}

// Mark gives the rows of a block with marks where its pictures belong, and the
// pictures, which are to be held as long as the rows are. A nil layer has none.
func (l *Layer) Mark(b render.Block) ([]string, []*Picture) {
	if l == nil {
		return b.Lines, nil
	}
	var pictures []*Picture
	for _, at := range b.Images {
		under := make([]string, at.Rows)
		for r := range under {
			under[r] = ansi.Cut(b.Lines[at.Row+r], at.Col, at.Col+at.Cols)
		}
		pic := l.Place(at, under)
		for r := range min(len(under), pic.rows) {
			b.Lines[at.Row+r] = ansi.Truncate(b.Lines[at.Row+r], at.Col, "") + pic.Row(r)
		}
		pictures = append(pictures, pic)
	}
	return b.Lines, pictures
}

// number is one that nothing has.
func (l *Layer) number() uint32 {
	for {
		l.next++
		id := numbered((l.first + l.next) % numbers)
		if _, taken := l.known[id]; !taken {
			return id
		}
	}
}

// sweep forgets pictures that nobody holds, and takes them off the terminal.
func (l *Layer) sweep() {
	for n, p := range l.named {
		if p.Value() == nil {
			delete(l.named, n)
		}
	}
	for id, p := range l.known {
		if p.Value() != nil {
			continue
		}
		delete(l.known, id)
		if _, there := l.sent[id]; there {
			delete(l.sent, id)
			l.put(kittyDelete(id))
		}
	}
}

// put writes to the terminal, through tmux where there is one. Called with the lock.
func (l *Layer) put(seq string) {
	if l.term.Tmux {
		seq = passthrough(seq)
	}
	_, _ = io.WriteString(l.out, seq) // the program learns of a terminal that is gone by its own writes
}

// stir wakes the worker; one that is awake looks again when it is done.
func (l *Layer) stir() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
