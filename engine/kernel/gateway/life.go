package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
	"nbterm/storage/contents"
)

const (
	// pollEvery asks the server whether it still has the kernel: one that was ended
	// by someone else says nothing on its WebSocket.
	pollEvery = 5 * time.Second
	// doubtTime is how long messages that overtook one another may be apart.
	doubtTime = 300 * time.Millisecond
	// quietTime after a new link without a word of a busy kernel, it is asked on the
	// control channel, so that a loss is seen even if it has nothing more to say.
	quietTime = 5 * time.Second
	// firstPause between two tries to come back; it doubles up to lastPause.
	firstPause = 50 * time.Millisecond
	lastPause  = 10 * time.Second
)

// Patience says when a kernel that cannot be reached is given up.
type Patience struct {
	Refused time.Duration // its machine answers but its server does not: 0 is a minute
	Silent  time.Duration // nothing answers, as for a sleeping laptop: 0 is a day
}

// live follows a kernel from its first line to its end. It owns every goroutine of
// the kernel, and ctx of theirs.
func (k *Kernel) live(first *line) {
	defer close(k.finished)
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { k.poll(ctx) })
	work.Go(func() { <-k.over; cancel() })
	for l := first; l != nil; l = k.rejoin(ctx) {
		k.serve(ctx, l)
		if !k.isOver() {
			k.queue.Put(kernel.NewLink("the link to " + k.rest.Address() + " is lost; trying to come back"))
		}
	}
	work.Wait()
	k.queue.Close()
	close(k.done)
	if e := k.Exit(); k.ours && !e.Asked {
		_ = k.delete(context.Background()) // what the server may have started anew is nobody's
	}
	k.rest.Close()
}

// serve moves messages until the line breaks or the kernel is over.
func (k *Kernel) serve(ctx context.Context, l *line) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { defer cancel(); k.read(ctx, l) })
	work.Go(func() { defer cancel(); k.write(ctx, l) })
	work.Go(func() { defer cancel(); l.pulse(ctx) })
	work.Go(func() { k.hearken(ctx) })
	<-ctx.Done()
	l.close()
	work.Wait()
	k.mu.Lock()
	gap, aside := k.ledger.breaks()
	k.mu.Unlock()
	k.tellAside(aside)
	k.tellGap(gap)
}

// hearken has a busy kernel say something if it is quiet after a seam.
func (k *Kernel) hearken(ctx context.Context) {
	if !wait(ctx, quietTime) {
		return
	}
	m := k.stamp.Request(wire.Control, wire.TypeKernelInfoRequest, wire.KernelInfoRequest{})
	k.mu.Lock()
	quiet := k.ledger.quiet()
	if quiet {
		k.ledger.hidden[m.Header.MsgID] = true
	}
	k.mu.Unlock()
	if quiet {
		k.out.put(m)
	}
}

// write sends what is in the outbox. A message whose sending failed may have
// arrived, so it is not sent again: running a cell twice is worse than not at all.
func (k *Kernel) write(ctx context.Context, l *line) {
	for m := k.out.take(ctx); m != nil; m = k.out.take(ctx) {
		if l.trust(ctx) != nil {
			k.out.back(m)
			return
		}
		k.mu.Lock()
		k.ledger.sends(m)
		k.mu.Unlock()
		if l.write(ctx, m) != nil {
			return
		}
	}
}

// read takes what comes.
func (k *Kernel) read(ctx context.Context, l *line) {
	var late []*time.Timer
	var working sync.WaitGroup // doubts that are being judged
	defer func() {
		for _, t := range late {
			if t.Stop() {
				working.Done()
			}
		}
		working.Wait()
	}()
	for {
		m, broken, err := l.read(ctx)
		switch {
		case broken != nil:
			return
		case err != nil:
			k.tellGap("a message of the kernel could not be read: " + err.Error())
			continue
		}
		if k.take(m) {
			working.Add(1)
			late = append(late, time.AfterFunc(doubtTime, func() { defer working.Done(); k.judge() }))
		}
	}
}

// take hands on one message and what follows from it; doubt asks for judge later.
func (k *Kernel) take(m *wire.Message) (doubt bool) {
	k.mu.Lock()
	starting := m.Type() == wire.TypeStatus && k.hello.reply == nil // its first process may still say so
	v := k.ledger.hears(m)
	k.hello.takes(m, v.hide)
	k.mu.Unlock()
	k.tellAside(v.aside)
	k.tellGap(v.gap)
	if !v.hide {
		k.queue.Put(m)
	}
	k.tellGap(v.after)
	for _, made := range v.made {
		k.queue.Put(made)
	}
	if v.end != "" && !(starting && v.end == restarted) {
		k.decide(v.end)
	}
	return v.doubt
}

// judge ends a doubt.
func (k *Kernel) judge() {
	k.mu.Lock()
	gap, aside := k.ledger.judge()
	k.mu.Unlock()
	k.tellAside(aside)
	k.tellGap(gap)
}

func (k *Kernel) tellGap(reason string) {
	if reason != "" {
		k.queue.Put(kernel.NewGap(reason))
	}
}

// tellAside tells a gap that lies in no cell.
func (k *Kernel) tellAside(reason string) {
	if reason != "" {
		k.queue.Put(kernel.NewGapBetween(reason))
	}
}

// rejoin makes a new line to the same kernel; nil when it is over.
func (k *Kernel) rejoin(ctx context.Context) *line {
	since := time.Now()
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, lastPause) {
		l, err := k.dialAgain(ctx)
		if err == nil {
			return l
		}
		if errors.Is(err, contents.ErrNotFound) {
			k.decide(gone)
			break
		}
		limit := k.patience.Refused
		if errors.Is(err, contents.ErrUnreachable) && !errors.Is(err, contents.ErrRefused) {
			limit = k.patience.Silent
		}
		if time.Since(since) > limit {
			k.decide("was lost: " + err.Error())
			break
		}
		wait(ctx, pause)
	}
	return nil
}

func (k *Kernel) dialAgain(ctx context.Context) (*line, error) {
	try, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	l, err := dial(try, k.rest, k.id, k.stamp.Session)
	if err != nil {
		return nil, err
	}
	probe := k.stamp.Request(wire.Shell, wire.TypeKernelInfoRequest, wire.KernelInfoRequest{})
	k.mu.Lock()
	gap, aside := k.ledger.joins(probe)
	wanted := k.ledger.probing(probe)
	k.mu.Unlock()
	k.tellGap(gap)
	k.tellAside(aside)
	if wanted && l.write(try, probe) != nil {
		l.close()
		return nil, &contents.Error{Action: "reach kernel " + k.id, Server: k.rest.Address(), Kind: contents.ErrUnreachable}
	}
	k.queue.Put(kernel.NewLink(""))
	return l, nil
}

// poll looks whether the server still has the kernel. That it cannot be asked is
// the line's affair.
func (k *Kernel) poll(ctx context.Context) {
	for wait(ctx, pollEvery) {
		now, err := k.rest.Kernel(ctx, k.id)
		switch {
		case errors.Is(err, contents.ErrNotFound):
			k.decide(gone)
		case err == nil && now.State == "dead":
			k.decide("ended, and the Jupyter Server could not start it again")
		}
	}
}

// wait tells whether ctx outlived d.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
