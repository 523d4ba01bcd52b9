package bridge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// The shell kernel is one interactive bash without a terminal: only an interactive
// shell comes back to its prompt after SIGINT with all its state. Each cell is one
// line on its standard input, an eval of the quoted source; PROMPT_COMMAND reports
// on descriptor 250 when the shell is back, whatever brought it there.
//
// A record on that descriptor is: output of a query, NUL, control, NUL. Control is
// "B n" when command n has been read in full and begins (before that SIGINT would
// leave half a line to be run), "E n status" when it is over. A report may come
// twice after a late SIGINT, therefore the number.
const prologue = `exec 250>&3 3>&-; set +H +o history; unset HISTFILE MAILCHECK
__nbterm_report() { local s=$?; builtin printf '\0E %d %d\0' "$__nbterm_n" "$s" >&250; PS1= PS2=; }
__nbterm_end() { local s=$?; PS1= PS2= PROMPT_COMMAND=__nbterm_report; return "$s"; }
exit() { builtin exit "$@" 2>/dev/null; }
__nbterm_n=0; PROMPT_COMMAND=__nbterm_report; builtin printf '%s' "$BASH_VERSION" >&250
`

// shell is a bash. Its goroutines: serve takes requests one after another, pump
// reads all that bash writes, side answers what needs no shell, watch reaps.
type shell struct {
	process
	info   kernel.Info
	reply  wire.KernelInfoReply
	stamp  wire.Stamp
	bash   string
	env    []string
	queue  *kernel.Queue
	inbox  *inbox
	stdin  *os.File
	pump   *pump
	side   sync.WaitGroup
	gone   chan struct{} // closed when bash is reaped
	served sync.WaitGroup

	mu      sync.Mutex // guards what follows
	number  int        // of the command that runs or ran last
	running bool       // a command was sent and is not over
	begun   bool       // and bash has read it
	stop    bool       // it is to be interrupted
	pending int        // cells that were sent and have not become the running command
	early   bool       // an interrupt came for the first of them
	closed  bool       // nothing may be added to side any more
	count   int        // execution count
}

func launchBash(ctx context.Context, o kernel.Options, env []string) (kernel.Kernel, error) {
	path := ""
	if len(o.Spec.Argv) > 0 {
		path = o.Spec.Argv[0]
	} else if path = onPath(lookup(env)("PATH"), "bash"); path == "" {
		return nil, fmt.Errorf("launch %s: no bash was found on PATH; install bash", o.Spec.Name)
	}
	s := &shell{
		stamp: o.Stamp, bash: path, env: env, queue: kernel.NewQueue(), inbox: newInbox(), gone: make(chan struct{}),
		info: kernel.Info{Name: o.Spec.Name, DisplayName: o.Spec.DisplayName, Language: "bash", Transport: "pipes"},
	}
	if err := s.open(o.Dir); err != nil {
		s.queue.Close()
		return nil, fmt.Errorf("launch %s: %w", o.Spec.Name, err)
	}
	s.info.PID = s.cmd.Process.Pid
	var pumped sync.WaitGroup
	pumped.Go(s.pump.run)
	go s.watch(&pumped)
	if err := s.hello(ctx, o.Timeout); err != nil {
		s.signal(syscall.SIGKILL)
		<-s.done
		for range s.queue.Out() { // emptied, so that its goroutine ends
		}
		return nil, fmt.Errorf("launch %s with %s: %w", o.Spec.Name, path, err)
	}
	s.served.Go(s.serve)
	return s, nil
}

func (s *shell) open(dir string) error {
	var all pipes
	inR, inW, err1 := all.open()
	outR, outW, err2 := all.open()
	errR, errW, err3 := all.open()
	reportR, reportW, err4 := all.open()
	wakeR, wakeW, err5 := all.open()
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		all.close()
		return err
	}
	env := append(append([]string{}, s.env...), "PS1=", "PS2=", "PROMPT_COMMAND=", "HISTFILE=")
	argv := []string{s.bash, "--noprofile", "--norc", "--noediting", "-i"}
	if err := s.start(argv, dir, env, inR, outW, errW, reportW); err != nil {
		all.close()
		return err
	}
	pipes{inR, outW, errW, reportW}.close()
	s.stdin = inW
	p, err := newPump(s, outR, errR, reportR, wakeR, wakeW)
	if err != nil {
		s.signal(syscall.SIGKILL)
		_ = s.wait()
		pipes{inW, outR, errR, reportR, wakeR, wakeW}.close()
		return err
	}
	s.pump = p
	return nil
}

// hello sends the prologue and waits for the first report.
func (s *shell) hello(ctx context.Context, timeout time.Duration) error {
	if timeout <= 0 {
		timeout = startTimeout
	}
	late := time.NewTimer(timeout)
	defer late.Stop()
	if _, err := s.stdin.WriteString(prologue); err != nil {
		return fmt.Errorf("write to it: %w", err)
	}
	for {
		select {
		case r, ok := <-s.pump.reports:
			if !ok {
				return errors.New("it ended before it was ready")
			}
			if r.payload == "" { // the prompt before the prologue's last line
				continue
			}
			s.reply = bashInfo(r.payload)
			s.info.Reply = say(s.stamp, wire.Shell, wire.TypeKernelInfoReply, wire.Header{}, s.reply).Content
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return fmt.Errorf("it was not ready in %v", timeout)
		}
	}
}

func bashInfo(version string) wire.KernelInfoReply {
	return wire.KernelInfoReply{
		Status: wire.StatusOK, ProtocolVersion: wire.Version, Implementation: BashName, ImplementationVersion: version,
		LanguageInfo: wire.LanguageInfo{
			Name: "bash", Version: version, MimeType: "text/x-sh", FileExtension: ".sh", PygmentsLexer: "bash",
			CodemirrorMode: []byte(`"shell"`),
		},
		Banner: "GNU bash " + version + "\nEmbedded kernel of nbterm",
	}
}

func (s *shell) Send(_ context.Context, m *wire.Message) error {
	if s.dead() {
		return fmt.Errorf("send %s: %w", m.Type(), kernel.ErrDead)
	}
	switch m.Type() {
	case wire.TypeShutdownRequest, wire.TypeInterruptRequest, wire.TypeIsCompleteRequest:
		s.aside(m)
	case wire.TypeCompleteRequest, wire.TypeInspectRequest:
		if s.busy() {
			s.aside(m)
			return nil
		}
		s.inbox.put(m)
	case wire.TypeExecuteRequest:
		s.expect(1)
		s.inbox.put(m)
	default:
		s.inbox.put(m)
	}
	return nil
}

// aside answers without the shell, which may be busy.
func (s *shell) aside(m *wire.Message) {
	s.beside(func() {
		s.status(m, wire.StateBusy)
		switch m.Type() {
		case wire.TypeShutdownRequest:
			s.answer(m, wire.TypeShutdownReply, wire.ShutdownReply{Status: wire.StatusOK})
			s.hangUp()
		case wire.TypeInterruptRequest:
			s.answer(m, wire.TypeInterruptReply, map[string]string{"status": wire.StatusOK})
			s.interrupt()
		case wire.TypeIsCompleteRequest:
			s.isComplete(m)
		case wire.TypeCompleteRequest:
			s.answer(m, wire.TypeCompleteReply, wire.CompleteReply{Status: wire.StatusOK, Matches: []string{}, Metadata: []byte("{}")})
		case wire.TypeInspectRequest:
			s.answer(m, wire.TypeInspectReply, wire.InspectReply{Status: wire.StatusOK, Data: []byte("{}"), Metadata: []byte("{}")})
		}
		s.status(m, wire.StateIdle)
	})
}

func (s *shell) Messages() <-chan *wire.Message { return s.queue.Out() }
func (s *shell) Done() <-chan struct{}          { return s.done }
func (s *shell) Exit() kernel.Exit              { return s.exit }
func (s *shell) Info() kernel.Info              { return s.info }

// Interrupt sends SIGINT to the group while a cell runs; the shell survives it.
func (s *shell) Interrupt(context.Context) error {
	if s.dead() {
		return fmt.Errorf("interrupt: %w", kernel.ErrDead)
	}
	s.interrupt()
	return nil
}

func (s *shell) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		s.early = s.pending > 0
		return
	}
	s.stop = true
	if s.begun {
		s.strike(s.number)
	}
}

// beside runs f in a goroutine that watch waits for; not at all once bash is gone.
func (s *shell) beside(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.side.Go(f)
	}
}

// Shutdown hangs up: bash passes that on to what it runs and ends.
func (s *shell) Shutdown(ctx context.Context) error {
	s.asked.Store(true)
	s.hangUp()
	s.end(ctx)
	return nil
}

func (s *shell) hangUp() {
	s.inbox.close()
	_ = s.stdin.Close()
	if !s.dead() {
		s.signal(syscall.SIGHUP)
	}
}

// expect counts cells that are on their way to bash.
func (s *shell) expect(cells int) {
	s.mu.Lock()
	s.pending += cells
	s.mu.Unlock()
}

func (s *shell) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// watch reaps bash and closes everything in order: the last words come before
// Messages is closed, and that before Done.
func (s *shell) watch(pumped *sync.WaitGroup) {
	exit := s.reap()
	close(s.gone)
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.pump.wake()
	pumped.Wait()
	s.inbox.close()
	s.served.Wait()
	s.side.Wait()
	exit.Stderr = string(s.pump.stderr.kept)
	s.queue.Close()
	_ = s.stdin.Close()
	s.pump.close()
	s.exit = exit
	close(s.done)
}

func (s *shell) answer(m *wire.Message, msgType string, content any) {
	s.queue.Put(say(s.stamp, m.Channel, msgType, m.Header, content))
}

func (s *shell) publish(m *wire.Message, msgType string, content any) {
	s.queue.Put(say(s.stamp, wire.IOPub, msgType, m.Header, content))
}

func (s *shell) status(m *wire.Message, state string) {
	s.publish(m, wire.TypeStatus, wire.Status{ExecutionState: state})
}

// quote makes one word of bash out of any text.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// onPath finds a program on a PATH value; "" when it is not there.
func onPath(path, name string) string {
	for _, folder := range strings.Split(path, string(os.PathListSeparator)) {
		if file := folder + "/" + name; folder != "" && executable(file) {
			return file
		}
	}
	return ""
}
