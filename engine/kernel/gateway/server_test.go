package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/gateway"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

const token = "s3cret"

// server is a real Jupyter Server on a loopback port.
type server struct {
	url string
	cmd *exec.Cmd
}

// unlimited turns the server's limits on output off.
var unlimited = []string{"--ServerApp.iopub_msg_rate_limit=0", "--ServerApp.iopub_data_rate_limit=0"}

// serve starts a Jupyter Server that ends with the test.
func serve(t testing.TB, args ...string) *server {
	t.Helper()
	program, err := exec.LookPath("jupyter-server")
	if err != nil {
		kerneltest.Missing(t, "there is no jupyter-server: %v", err)
	}
	for try := 1; ; try++ {
		s, err := serveOn(t, program, freePort(t), args)
		if err == nil {
			return s
		}
		if try == 3 {
			t.Fatal(err)
		}
		t.Log(err) // another program may have taken the port
	}
}

func serveOn(t testing.TB, program, addr string, args []string) (*server, error) {
	t.Helper()
	home, err := os.MkdirTemp("", "jup") // kernels may still write into it while the test ends
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(addr)
	log, err := os.Create(home + "/log")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{
		"--no-browser", "--allow-root", "--ServerApp.ip=" + host, "--ServerApp.port=" + port, "--ServerApp.port_retries=0",
		"--ServerApp.token=" + token, "--ServerApp.root_dir=" + home,
	}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = home, log, log
	cmd.Env = append(os.Environ(), "HOME="+home, "JUPYTER_RUNTIME_DIR="+home+"/run", "JUPYTER_CONFIG_DIR="+home+"/config",
		"IPYTHONDIR="+home+"/ipython", "JUPYTER_TOKEN=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	stop := func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // ends its kernels too
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		_ = log.Close()
		_ = os.RemoveAll(home)
	}
	s := &server{url: "http://" + addr + "/", cmd: cmd}
	for deadline := time.Now().Add(kerneltest.Patience); ; {
		resp, err := http.Get(s.url + "api")
		if err == nil {
			_ = resp.Body.Close()
			t.Cleanup(stop)
			return s, nil
		}
		select {
		case <-ended:
		case <-time.After(20 * time.Millisecond):
			if time.Now().Before(deadline) {
				continue
			}
		}
		said, _ := os.ReadFile(home + "/log")
		stop()
		return nil, fmt.Errorf("jupyter-server on %s did not start: %s", addr, said)
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// tokenEnv is where these tests keep tokens; Options.Env sets it.
const tokenEnv = "GATEWAY_TEST_TOKEN"

// on is a kernelspec of the server.
func (s *server) on(name string) spec.Spec {
	return spec.Spec{Name: name, Remote: &spec.Remote{URL: s.url, TokenEnv: tokenEnv}}
}

// launcher gives the tests' token to every launch.
func launcher(p gateway.Patience) kernel.Launcher {
	return func(ctx context.Context, o kernel.Options) (kernel.Kernel, error) {
		o.Env = append(o.Env, tokenEnv+"="+token)
		return gateway.With(p)(ctx, o)
	}
}

// start launches a kernel that is shut down with the test.
func start(t testing.TB, s spec.Spec) (kernel.Kernel, *kerneltest.Client) {
	t.Helper()
	stamp := stampOf()
	k, err := launcher(gateway.Patience{Refused: time.Second, Silent: 20 * time.Second})(t.Context(), kernel.Options{Spec: s, Timeout: kerneltest.Patience, Stamp: stamp})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), kerneltest.Patience)
		defer cancel()
		_ = k.Shutdown(ctx) // some tests take the server away
		for range k.Messages() {
		}
	})
	return k, kerneltest.NewClient(t, k, stamp)
}

var sessions atomic.Int64

func stampOf() wire.Stamp {
	session := fmt.Sprintf("gatewaytest%d", sessions.Add(1))
	var n atomic.Int64
	return wire.Stamp{Session: session, Username: "test", Now: time.Now, NewID: func() string { return fmt.Sprintf("%s-%d", session, n.Add(1)) }}
}

// proxy stands between a client and a server, so that the link can be cut.
type proxy struct {
	url    string
	to     string
	listen net.Listener
	work   sync.WaitGroup

	mu    sync.Mutex // guards all below
	conns map[net.Conn]bool
	shut  bool
	tried chan struct{} // closed when somebody wants to come back
}

func newProxy(t testing.TB, s *server) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{url: "http://" + l.Addr().String() + "/", to: strings.Trim(strings.TrimPrefix(s.url, "http://"), "/"), listen: l, conns: map[net.Conn]bool{}}
	p.work.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		p.work.Wait()
	})
	return p
}

func (p *proxy) accept() {
	for {
		c, err := p.listen.Accept()
		if err != nil {
			return
		}
		d, err := net.Dial("tcp", p.to)
		if err != nil || !p.keep(c, d) {
			_ = c.Close()
			if d != nil {
				_ = d.Close()
			}
			continue
		}
		for _, pair := range [][2]net.Conn{{c, d}, {d, c}} {
			p.work.Go(func() {
				_, _ = io.Copy(pair[0], pair[1])
				_ = pair[0].Close()
				_ = pair[1].Close()
			})
		}
	}
}

func (p *proxy) keep(c, d net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.shut {
		p.conns[c], p.conns[d] = true, true
	} else if p.tried != nil {
		close(p.tried)
		p.tried = nil
	}
	return !p.shut
}

// cut breaks every link, with what is on the way in it, and lets none come back. It
// returns a channel that is closed when one tried to.
func (p *proxy) cut() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	tried := make(chan struct{})
	p.shut, p.tried = true, tried
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset: what was buffered is gone
		}
		_ = c.Close()
	}
	clear(p.conns)
	return tried
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = false
}
