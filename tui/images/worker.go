package images

import (
	"cmp"
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/caps"
)

// What a terminal is given to hold at most; what was not visible for longest goes
// first. kitty itself keeps 320 MB and forgets in an order of its own.
const (
	maxSent   = 200
	maxPixels = 48 << 20
)

// bring is the worker: after each frame that shows pictures elsewhere than the one
// before it waits until the frame stands still, and then brings them.
func (l *Layer) bring(ctx context.Context, tell func(tea.Msg)) {
	for {
		select {
		case <-l.wake:
		case <-ctx.Done():
			return
		}
		if !l.settle(ctx) {
			return
		}
		switch l.protocol() {
		case caps.Kitty:
			if l.send(ctx) {
				tell(ArrivedMsg{})
			}
		case caps.Sixel, caps.ITerm2:
			l.overlay(ctx)
		}
	}
}

// settle waits until nothing has woken the worker for the pause; false at the end.
func (l *Layer) settle(ctx context.Context) bool {
	pause := l.pause.send
	if l.protocol().Overlaid() {
		pause = l.pause.draw
	}
	still := time.NewTimer(pause)
	defer still.Stop()
	for {
		select {
		case <-l.wake:
			still.Reset(pause)
		case <-still.C:
			return true
		case <-ctx.Done():
			return false
		}
	}
}

func (l *Layer) protocol() caps.Protocol {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.term.Protocol
}

// send gives kitty the visible pictures it lacks, a chunk at a time so that frames
// go between, and reports whether there were any.
func (l *Layer) send(ctx context.Context) bool {
	any := false
	for {
		pic := l.lacking()
		if pic == nil || ctx.Err() != nil {
			return any
		}
		for _, chunk := range kittySend(pic) {
			l.mu.Lock()
			l.put(chunk)
			l.mu.Unlock()
		}
		l.arrived(pic)
		any = true
	}
}

// lacking is a visible picture that the terminal does not hold.
func (l *Layer) lacking() *Picture {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.shown {
		if _, there := l.sent[s.id]; !there {
			return s.pic
		}
	}
	return nil
}

// arrived notes that the terminal holds a picture, and makes room.
func (l *Layer) arrived(pic *Picture) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[pic.id] = sent{seen: l.round, pixels: pic.pixels(l.term)}
	l.sweep()
	total := 0
	var order []uint32
	for id, s := range l.sent {
		total += s.pixels
		order = append(order, id)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(l.sent[a].seen, l.sent[b].seen) })
	for _, id := range order {
		if len(l.sent) <= maxSent && total <= maxPixels {
			return
		}
		if l.sent[id].seen == l.round || id == pic.id {
			continue
		}
		total -= l.sent[id].pixels
		delete(l.sent, id)
		l.put(kittyDelete(id))
	}
}

func (p *Picture) pixels(t caps.Terminal) int {
	w, h := cellOf(t)
	return p.cols * w * p.rows * h
}

func cellOf(t caps.Terminal) (w, h int) {
	if t.CellWidth <= 0 || t.CellHeight <= 0 {
		return 8, 16
	}
	return t.CellWidth, t.CellHeight
}

// overlay paints the visible pictures over the frame, each unless the frame has
// changed while it was encoded.
func (l *Layer) overlay(ctx context.Context) {
	l.mu.Lock()
	spots, t := slices.Clone(l.shown), l.term
	already := slices.Clone(l.drawn)
	l.mu.Unlock()
	for _, s := range spots {
		if slices.ContainsFunc(already, s.same) || ctx.Err() != nil {
			continue
		}
		seq, err := overlayOf(s, t)
		if err != nil {
			continue // its block characters stay
		}
		l.mu.Lock()
		if slices.ContainsFunc(l.shown, s.same) && !slices.ContainsFunc(l.drawn, s.same) {
			l.mend()
			_, _ = l.out.Write(seq) // see put
			l.drawn = append(l.drawn, s)
		}
		l.mu.Unlock()
	}
}
