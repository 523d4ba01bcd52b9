package bridge

import (
	"bufio"
	"context"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

//go:embed worker/*.py
var sources embed.FS

// bootstrap is all that stands on the worker's command line: it refuses old
// interpreters, takes the sources off descriptor 3 and runs boot.py.
const bootstrap = `import sys
if sys.version_info < (3, 8):
    sys.stderr.write("nbterm needs Python 3.8 or newer; this is %d.%d\n" % sys.version_info[:2])
    sys.exit(87)
requests = open(3, "rb")
sources = requests.read(int.from_bytes(requests.read(4), "little")).decode().split("\0")
sources = dict(zip(sources[::2], sources[1::2]))
exec(compile(sources["boot"], "<nbterm boot>", "exec"), {"sources": sources, "requests": requests})
`

// tooOld is the exit status of bootstrap on an interpreter before 3.8.
const tooOld = 87

// startTimeout is for Options without one.
const startTimeout = 60 * time.Second

var errTooOld = errors.New("older than Python 3.8")

// worker is a Python worker. Three goroutines belong to it: send writes requests,
// receive reads replies, and the one that reaps joins both before Done is closed.
type worker struct {
	process
	info     kernel.Info
	queue    *kernel.Queue
	outbox   *outbox
	requests *os.File
	replies  *os.File
	captured [2]capture // descriptors 1 and 2 of the worker: read by it while it lives

	running  running
	stamp    wire.Stamp // for what we say in the worker's name
	ready    chan error // result of the first exchange
	hello    *wire.Message
	lastCell wire.Header // parent of what is found in captured when it died; of receive
}

// launchPython tries the interpreters in their order until one is new enough.
func launchPython(ctx context.Context, o kernel.Options, env []string) (kernel.Kernel, error) {
	interpreters := candidates(lookup(env), o.Dir)
	if len(o.Spec.Argv) > 0 {
		interpreters = o.Spec.Argv[:1]
	}
	var old []string
	for _, path := range interpreters {
		k, err := launchWorker(ctx, o, env, path)
		if errors.Is(err, errTooOld) {
			old = append(old, path)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("launch %s with %s: %w", o.Spec.Name, path, err)
		}
		return k, nil
	}
	if len(old) > 0 {
		return nil, fmt.Errorf("launch %s: %s: %w; install Python 3.8 or newer", o.Spec.Name, strings.Join(old, ", "), errTooOld)
	}
	return nil, fmt.Errorf("launch %s: %w", o.Spec.Name, ErrNoPython)
}

func launchWorker(ctx context.Context, o kernel.Options, env []string, path string) (*worker, error) {
	w := &worker{
		queue: kernel.NewQueue(), ready: make(chan error, 1), outbox: newOutbox(), stamp: o.Stamp,
		hello: o.Stamp.Request(wire.Shell, wire.TypeKernelInfoRequest, wire.KernelInfoRequest{}),
	}
	if err := w.open(path, o.Dir, env); err != nil {
		w.queue.Close()
		return nil, err
	}
	w.info = kernel.Info{
		Name: o.Spec.Name, DisplayName: o.Spec.DisplayName, Language: "python", PID: w.cmd.Process.Pid, Transport: "pipes",
	}
	var both sync.WaitGroup
	both.Go(w.send)
	both.Go(w.receive)
	go w.watch(&both)

	w.outbox.put(bundle())
	if frame, err := appendFrame(nil, w.hello); err == nil { // a header of ours: only a bug fails
		w.outbox.put(frame)
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = startTimeout
	}
	late := time.NewTimer(timeout)
	defer late.Stop()
	select {
	case err := <-w.ready:
		if err != nil {
			return nil, w.abandon(err)
		}
		return w, nil
	case <-ctx.Done():
		return nil, w.abandon(ctx.Err())
	case <-late.C:
		return nil, w.abandon(fmt.Errorf("it did not answer in %v", timeout))
	}
}

// open makes the pipes and starts the process.
func (w *worker) open(path, dir string, env []string) error {
	var all pipes
	requestsR, requestsW, err1 := all.open()
	repliesR, repliesW, err2 := all.open()
	outR, outW, err3 := all.open()
	errR, errW, err4 := all.open()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		all.close()
		return err
	}
	argv := []string{path, "-X", "utf8", "-u", "-c", bootstrap}
	if err := w.start(argv, dir, env, nil, outW, errW, requestsR, repliesW, outR, errR); err != nil {
		all.close()
		return err
	}
	pipes{requestsR, repliesW, outW, errW}.close()
	w.requests, w.replies = requestsW, repliesR
	for i, f := range []*os.File{outR, errR} {
		c, err := newCapture(f)
		if err != nil {
			w.signal(syscall.SIGKILL)
			_ = w.wait()
			pipes{requestsW, repliesR, outR, errR}.close()
			return err
		}
		w.captured[i] = c
	}
	return nil
}

// abandon ends a worker that did not come up and explains why, from what it said last.
func (w *worker) abandon(err error) error {
	w.signal(syscall.SIGKILL)
	<-w.done
	for range w.queue.Out() { // emptied, so that its goroutine ends
	}
	if w.exit.Code == tooOld {
		return errTooOld
	}
	if words := w.exit.LastWords(); words != "" && w.exit.Signal == 0 {
		return fmt.Errorf("%w: %s", err, words)
	}
	return err
}

// bundle is the sources as bootstrap reads them: name, text, name, text.
func bundle() []byte {
	var parts []string
	entries, err := fs.ReadDir(sources, "worker")
	if err != nil {
		panic("bridge: " + err.Error()) // embedded: it is there
	}
	for _, e := range entries {
		text, err := sources.ReadFile("worker/" + e.Name())
		if err != nil {
			panic("bridge: " + err.Error())
		}
		parts = append(parts, strings.TrimSuffix(e.Name(), ".py"), string(text))
	}
	all := strings.Join(parts, "\x00")
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(all))), all...)
}

func (w *worker) Send(_ context.Context, m *wire.Message) error {
	if w.dead() {
		return fmt.Errorf("send %s: %w", m.Type(), kernel.ErrDead)
	}
	frame, err := appendFrame(nil, m)
	if err != nil {
		return err
	}
	if m.Type() == wire.TypeExecuteRequest {
		w.running.sent(m.Header.MsgID)
	}
	w.outbox.put(frame)
	return nil
}

func (w *worker) Messages() <-chan *wire.Message { return w.queue.Out() }
func (w *worker) Done() <-chan struct{}          { return w.done }
func (w *worker) Exit() kernel.Exit              { return w.exit }
func (w *worker) Info() kernel.Info              { return w.info }

// Interrupt sends SIGINT to the group: the cell and the commands it started.
func (w *worker) Interrupt(context.Context) error {
	if w.dead() {
		return fmt.Errorf("interrupt: %w", kernel.ErrDead)
	}
	if w.running.interrupt() {
		w.strike()
	}
	return nil
}

// strike sends the signal, and word of it to the worker, which makes sure that its
// main thread heeds it.
func (w *worker) strike() {
	w.signal(syscall.SIGINT)
	frame, err := appendFrame(nil, say(w.stamp, wire.Control, "nbterm_interrupted", wire.Header{}, struct{}{}))
	if err == nil { // a header of ours: only a bug fails
		w.outbox.put(frame)
	}
}

// Shutdown closes the pipe, at whose end the worker unwinds its cell and ends.
func (w *worker) Shutdown(ctx context.Context) error {
	w.asked.Store(true)
	w.outbox.close()
	w.end(ctx)
	return nil
}

// send writes what waits in the outbox; at its end the worker sees the pipe's end.
func (w *worker) send() {
	defer func() { _ = w.requests.Close() }()
	for {
		frame, ok := w.outbox.take()
		if !ok {
			return
		}
		if _, err := w.requests.Write(frame); err != nil {
			return // the worker is gone, which watch will see
		}
	}
}

// receive passes on what the worker says, after the first exchange, which is ours.
func (w *worker) receive() {
	f := frameReader{r: bufio.NewReaderSize(w.replies, 256<<10)}
	replied, idle, told := false, false, false
	for {
		m, err := f.next()
		if err != nil {
			w.ready <- fmt.Errorf("it ended before it was ready")
			return
		}
		if told {
			w.note(m)
			w.queue.Put(m)
			continue
		}
		if m.Parent.MsgID == w.hello.Header.MsgID {
			switch m.Type() {
			case wire.TypeKernelInfoReply:
				w.info.Reply, replied = m.Content, true
			case wire.TypeStatus:
				var s wire.Status
				idle = idle || m.Decode(&s) == nil && s.ExecutionState == wire.StateIdle
			}
		}
		if replied && idle {
			told = true
			w.ready <- nil
		}
	}
}

// say makes a message as the kernel would have said it.
func say(s wire.Stamp, ch wire.Channel, msgType string, parent wire.Header, content any) *wire.Message {
	m := s.Request(ch, msgType, content)
	m.Parent = parent
	return m
}

// note remembers which cell ran last and which runs.
func (w *worker) note(m *wire.Message) {
	switch m.Type() {
	case wire.TypeExecuteInput:
		w.lastCell = m.Parent
	case wire.TypeStatus:
		if w.running.begun(m.Parent.MsgID) {
			w.strike()
		}
	case wire.TypeExecuteReply:
		w.running.over(m.Parent.MsgID)
	}
}

// watch reaps the process and closes everything in order: the last words come
// before Messages is closed, and that before Done.
func (w *worker) watch(both *sync.WaitGroup) {
	exit := w.reap()
	w.outbox.close()
	// A process that left the group may hold the pipe open; the worker's own words are in it already.
	_ = w.replies.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	_ = w.requests.SetWriteDeadline(time.Now())
	both.Wait()
	exit.Stderr = w.lastWords()
	w.queue.Close()
	pipes{w.replies, w.captured[0].file, w.captured[1].file}.close()
	w.exit = exit
	close(w.done)
}

// lastWords passes on what the worker had written to its descriptors but not read
// back any more when it died, such as the report of a segmentation fault.
func (w *worker) lastWords() string {
	var stderr tail
	for i, name := range []string{"stdout", "stderr"} {
		text := w.captured[i].read(4 << 20)
		if len(text) == 0 {
			continue
		}
		if name == "stderr" {
			stderr.add(text)
		}
		if w.lastCell.MsgID != "" {
			w.queue.Put(say(w.stamp, wire.IOPub, wire.TypeStream, w.lastCell, wire.Stream{Name: name, Text: string(text)}))
		}
	}
	return string(stderr.kept)
}
