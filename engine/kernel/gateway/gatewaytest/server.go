// Package gatewaytest runs real Jupyter Servers for tests, and cuts the links to them.
package gatewaytest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/kernel/kerneltest"
)

// Token of every server.
const Token = "s3cret"

// Server is a real Jupyter Server on a loopback port.
type Server struct {
	URL string
	cmd *exec.Cmd
}

// Kill ends the server as a crash would. Its kernels see to themselves.
func (s *Server) Kill() error { return s.cmd.Process.Kill() }

// Plain makes a server speak the JSON protocol only.
const Plain = "--ServerApp.kernel_ws_protocol="

// Unlimited are arguments that turn a server's limits on output off.
var Unlimited = []string{"--ServerApp.iopub_msg_rate_limit=0", "--ServerApp.iopub_data_rate_limit=0"}

// Serve starts a Jupyter Server that ends with the test; without one installed the
// test is skipped.
func Serve(t testing.TB, args ...string) *Server {
	t.Helper()
	program, err := exec.LookPath("jupyter-server")
	if err != nil {
		kerneltest.Missing(t, "there is no jupyter-server: %v", err)
	}
	for try := 1; ; try++ {
		s, err := serveOn(t, program, FreePort(t), args)
		if err == nil {
			return s
		}
		if try == 3 {
			t.Fatal(err)
		}
		t.Log(err) // another program may have taken the port
	}
}

func serveOn(t testing.TB, program, addr string, args []string) (*Server, error) {
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
		"--ServerApp.token=" + Token, "--ServerApp.root_dir=" + home,
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
	s := &Server{URL: "http://" + addr + "/", cmd: cmd}
	for deadline := time.Now().Add(kerneltest.Patience); ; {
		resp, err := http.Get(s.URL + "api")
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

// FreePort is an address where nobody listens, a moment ago at least.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // the address is all that is wanted
	return l.Addr().String()
}

// Proxy stands between a client and a server, so that the link can be cut.
type Proxy struct {
	URL    string
	to     string
	listen net.Listener
	work   sync.WaitGroup

	mu    sync.Mutex // guards all below
	conns map[net.Conn]bool
	shut  bool
	tried chan struct{} // closed when somebody wants to come back
}

// NewProxy makes one that ends with the test.
func NewProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{URL: "http://" + l.Addr().String() + "/", to: strings.Trim(strings.TrimPrefix(s.URL, "http://"), "/"), listen: l, conns: map[net.Conn]bool{}}
	p.work.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.Cut()
		p.work.Wait()
	})
	return p
}

func (p *Proxy) accept() {
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

func (p *Proxy) keep(c, d net.Conn) bool {
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

// Cut breaks every link, with what is on the way in it, and lets none come back. It
// returns a channel that is closed when one tried to.
func (p *Proxy) Cut() <-chan struct{} {
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

// Mend lets links through again.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = false
}
