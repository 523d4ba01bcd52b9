package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

// Hosts are many and mostly idle: they trade a little CPU for memory.
const (
	gcPercent = 50
	// slim is how long a host has been idle when it gives memory back.
	slim = 2 * time.Second
)

// Options of Main.
type Options struct {
	Dirs     registry.Dirs
	ID       string
	Launcher func(spec.Spec) kernel.Launcher
	Stamp    wire.Stamp
	Now      func() time.Time
	// Quiet is called when nothing runs or waits and nobody is attached, and when the
	// host has ended by itself after something ran; it may start whatever brings the
	// notebook's file up to date. It must not wait.
	Quiet func(registry.Entry)
	// Log hears of the host's begin and end and of its kernel's; nil drops it.
	Log *slog.Logger
}

// Main is the life of a host process. It returns when the host has ended and
// nothing of its kernel is left.
func Main(ctx context.Context, o Options) error {
	for _, fd := range []uintptr{lockFD, readyFD} {
		if _, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err != nil {
			return fmt.Errorf("a kernel host is started by nbterm, not by hand")
		}
		syscall.CloseOnExec(int(fd)) // not for the kernel
	}
	// The lock is never wrapped nor closed: it goes with the process.
	says := os.NewFile(readyFD, "ready")
	// Caught and let go rather than ignored: what is ignored stays so in the kernel
	// and in all it starts, where Ctrl-C and broken pipes must work.
	deaf := make(chan os.Signal, 1)
	signal.Notify(deaf, syscall.SIGHUP, syscall.SIGINT)
	debug.SetGCPercent(gcPercent)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p, err := begin(o)
	word := ready
	if err != nil {
		word = err.Error()
	}
	if _, writeErr := says.WriteString(word); writeErr != nil && err == nil {
		err = fmt.Errorf("tell that the host is ready: %w", writeErr)
	}
	_ = says.Close()
	if err != nil {
		return err
	}
	o.Log.Info("host begins", "host", o.ID, "kernel", p.entry.Spec.Name, "notebook", p.entry.Notebook, "version", p.entry.Version)
	err = p.serve(ctx)
	if p.server.Forget() {
		return errors.Join(err, os.RemoveAll(o.Dirs.Folder(o.ID)))
	}
	if !p.server.HasBeenAsked() { // who asks sees to the rest himself
		p.quiet()
	}
	return err
}

// proc is a host process at work.
type proc struct {
	o       Options
	entry   registry.Entry
	journal *journal.Journal
	socket  net.Listener
	host    *host.Host
	server  *link.Server
	clients chan int // latest number of clients; holds one
	told    bool     // Quiet was called and nothing has run since
}

func begin(o Options) (*proc, error) {
	if err := o.Dirs.Check(); err != nil {
		return nil, err
	}
	folder := o.Dirs.Folder(o.ID)
	e, err := registry.Load(folder)
	if err != nil {
		return nil, err
	}
	p := &proc{o: o, entry: e, clients: make(chan int, 1)}
	if p.journal, err = journal.Create(folder); err != nil {
		return nil, err
	}
	if p.socket, err = listen(o.Dirs.Socket(o.ID)); err != nil {
		return nil, err
	}
	place := o.Dirs.Place(o.ID)
	if err := os.Mkdir(place, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for the kernel's sockets: %w", err)
	}
	ko := kernel.Options{
		Spec: e.Spec, Dir: e.Dir, Env: append(e.Env, registry.Marker+"="+o.ID),
		RuntimeDir: place, Timeout: e.Timeout, Stamp: o.Stamp,
	}
	p.host = host.New(host.Options{
		Launch: launched(o.Launcher(e.Spec), ko, folder),
		Stamp:  o.Stamp, Now: o.Now, Journal: p.journal, Mark: registry.MarkOf(folder, e),
		Marked: func(m host.Mark) { _ = registry.SaveMark(folder, m) }, // without it more is folded anew
	})
	p.server = link.NewServer(p.host, link.ServerOptions{Now: o.Now, Counted: p.counted})
	return p, nil
}

// launched starts kernels and leaves word of them, for whoever tidies up after a
// host that was killed.
func launched(launch kernel.Launcher, o kernel.Options, folder string) func(context.Context) (kernel.Kernel, error) {
	return func(ctx context.Context) (kernel.Kernel, error) {
		k, err := launch(ctx, o)
		if err == nil {
			_ = registry.NoteKernel(folder, k.Info().PID) // without it some child may stay, no more
		}
		return k, err
	}
}

// listen makes a socket that only its user can reach.
func listen(path string) (net.Listener, error) {
	old := syscall.Umask(0o177)
	defer syscall.Umask(old)
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for clients: %w", err)
	}
	return l, nil
}

// counted keeps the latest number of clients for watch.
func (p *proc) counted(n int) {
	for {
		select {
		case p.clients <- n:
			return
		case <-p.clients: // an older number that nobody has read
		}
	}
}

// serve lets clients in until the host's end.
func (p *proc) serve(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	var work sync.WaitGroup
	var serveErr error
	work.Add(1)
	go func() { defer work.Done(); serveErr = p.server.Serve(p.socket) }()
	p.o.Log.Info("host ends", "host", p.o.ID, "why", p.watch(ctx))
	_ = p.socket.Close() // removes the socket's file too
	err := p.host.Close()
	p.server.Close()
	work.Wait()
	for _, e := range []error{p.journal.Close(), serveErr, os.RemoveAll(p.o.Dirs.Place(p.o.ID))} {
		if err == nil {
			err = e
		}
	}
	return err
}

// busyEvents turns the host's events into whether something runs or waits.
func (p *proc) busyEvents(ctx context.Context, busy chan<- bool) {
	feed := p.host.Attach(1)
	defer feed.Close()
	for {
		events, err := feed.Next(ctx)
		if err != nil {
			return
		}
		for _, e := range events {
			if e.Kind == host.Changed && e.State == host.Dead && e.Exit != nil {
				p.o.Log.Warn("kernel ended", "host", p.o.ID, "how", e.Exit.String())
			}
			if e.Kind != host.Queued && e.Kind != host.Changed && e.Kind != host.Dropped {
				continue
			}
			s := p.host.Status()
			select {
			case busy <- s.Current != nil || s.Waiting > 0 || s.State == host.Starting || s.State == host.Restarting:
			case <-ctx.Done():
				return
			}
		}
	}
}

// reload reads anew what the host is for: a spare is given a notebook by the client
// that claims it.
func (p *proc) reload() {
	if e, err := registry.Load(p.o.Dirs.Folder(p.o.ID)); err == nil {
		p.entry = e
	}
}

// watch returns when the host's life is over, and by what: its rule, a client's wish or
// a signal.
func (p *proc) watch(ctx context.Context) (why string) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	busyNow := make(chan bool)
	work.Add(1)
	go func() { defer work.Done(); p.busyEvents(ctx, busyNow) }()

	busy, clients, had := true, 0, false
	var over <-chan time.Time
	var timer *time.Timer
	rest := time.NewTimer(slim)
	defer rest.Stop()
	for {
		select {
		case <-rest.C:
			if !busy {
				slimDown()
			}
			continue
		case busy = <-busyNow:
			rest.Reset(slim)
		case clients = <-p.clients:
			had = had || clients > 0
			p.reload()
		case <-over:
			return "nothing ran and nobody was there for its time"
		case <-p.server.Asked():
			return "a client asked for it"
		case <-ctx.Done():
			return "a signal"
		}
		if timer != nil {
			timer.Stop()
			timer, over = nil, nil
		}
		after, ends := p.entry.Life.Ends(busy, had, clients)
		switch {
		case ends && after == 0:
			return "its last client has gone" // what is to be saved is known at the end
		case busy || clients > 0:
			p.told = false
		case had || p.host.Used(): // else its client is on the way
			p.quiet()
		}
		if ends {
			timer = time.NewTimer(after)
			over = timer.C
		}
	}
}

// quiet tells, once, that what the host said so far is all for now.
func (p *proc) quiet() {
	if p.o.Quiet != nil && !p.told {
		p.told = true
		p.o.Quiet(p.entry)
	}
}
