package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long anything may take on a busy machine before a test gives up.
const patience = time.Minute

// pane is a real terminal, 80x24, with a program in it: tmux on a socket of its own.
type pane struct {
	t      *testing.T
	socket string
}

// needKernel skips the test where kernel cannot start, or fails it where make test
// has said that all kernels are here.
func needKernel(t *testing.T, name string) {
	t.Helper()
	ok, err := condition("kernel:" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Skipf("kernel %s cannot start here", name)
	}
}

// needProgram is the same for a program.
func needProgram(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err == nil {
		return
	}
	if os.Getenv("NBTERM_REQUIRE_KERNELS") != "" {
		t.Fatalf("%s is not installed; make needs installs it", name)
	}
	t.Skipf("%s is not installed", name)
}

// sandbox is an environment with a home and folders of its own in dir. Debian's
// Python comes first: its packages are those that make needs installs.
func sandbox(t *testing.T, dir string) []string {
	t.Helper()
	runtime, err := os.MkdirTemp("/tmp", "nbt-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	nbterm, err := exec.LookPath("nbterm") // put on PATH by testscript.Main
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(),
		"HOME="+dir, "XDG_RUNTIME_DIR="+runtime, "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_STATE_HOME=", "XDG_CACHE_HOME=",
		"LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TMUX=", "NO_COLOR=",
		"PATH="+filepath.Dir(nbterm)+":/usr/bin:/bin:"+os.Getenv("PATH"),
	)
	t.Cleanup(func() {
		endSessions(t, env, dir)
		_ = os.RemoveAll(runtime)
	})
	return env
}

// endSessions ends all kernels and waits until no process of the sandbox is left. A
// host that is just ending cannot be reached, so it is asked again.
func endSessions(t *testing.T, env []string, dir string) {
	t.Helper()
	look := time.NewTicker(25 * time.Millisecond)
	defer look.Stop()
	deadline := time.Now().Add(20 * time.Second)
	for {
		end := exec.Command("nbterm", "kill", "--all")
		end.Env = env
		out, err := end.CombinedOutput()
		left := processesOf(dir)
		switch {
		case err == nil && len(left) == 0:
			return
		case time.Now().After(deadline):
			t.Errorf("end the sessions: %v\n%s\nleft are %q", err, out, left)
			return
		}
		<-look.C
	}
}

// processesOf lists the processes whose home is dir, by what their programs were
// called with. Those that have ended and wait for their parent do not count.
func processesOf(dir string) (found []string) {
	procs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, p := range procs {
		env, err := os.ReadFile(p)
		if err != nil || !strings.Contains(string(env), "\x00HOME="+dir+"\x00") {
			continue
		}
		args, _ := os.ReadFile(filepath.Join(filepath.Dir(p), "cmdline"))
		found = append(found, filepath.Base(filepath.Dir(p))+" "+strings.ReplaceAll(string(args), "\x00", " "))
	}
	return found
}

// startPane runs a program in a new terminal.
func startPane(t *testing.T, dir string, env []string, argv ...string) *pane {
	t.Helper()
	needProgram(t, "tmux")
	run, err := os.MkdirTemp("/tmp", "nbt-tmux-")
	if err != nil {
		t.Fatal(err)
	}
	p := &pane{t: t, socket: filepath.Join(run, "s")}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", p.socket, "kill-server").Run() // it may have ended with its program
		_ = os.RemoveAll(run)
	})
	args := append([]string{"-S", p.socket, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "--"}, argv...)
	cmd := exec.CommandContext(t.Context(), "tmux", args...)
	cmd.Dir, cmd.Env = dir, env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("start tmux: %v\n%s", err, out)
	}
	return p
}

func (p *pane) tmux(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "tmux", append([]string{"-S", p.socket}, args...)...).CombinedOutput()
	return string(out), err
}

// keys sends keys by tmux's names: "Enter", "C-s", "M-r"; text with a - before it.
func (p *pane) keys(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		args := []string{"send-keys", k}
		if text, found := strings.CutPrefix(k, "-"); found {
			args = []string{"send-keys", "-l", "--", text}
		}
		if out, err := p.tmux(args...); err != nil {
			p.t.Fatalf("send %q: %v\n%s", k, err, out)
		}
	}
}

// until waits for a screen that ok likes.
func (p *pane) until(what string, ok func(screen string) bool) {
	p.t.Helper()
	look := time.NewTicker(25 * time.Millisecond)
	defer look.Stop()
	deadline := time.Now().Add(patience)
	for {
		screen, err := p.tmux("capture-pane", "-p")
		if err != nil {
			p.t.Fatalf("waiting for %s: the terminal has ended: %s", what, screen)
		}
		if ok(screen) {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("waiting for %s took more than %v; screen:\n%s", what, patience, screen)
		}
		<-look.C
	}
}

// below pages down until the screen shows all of texts.
func (p *pane) below(texts ...string) {
	p.t.Helper()
	p.until(fmt.Sprintf("%q below", texts), func(screen string) bool {
		if containsAll(screen, texts) {
			return true
		}
		p.keys("NPage")
		return false
	})
}

// see waits until the screen shows all of texts.
func (p *pane) see(texts ...string) {
	p.t.Helper()
	p.until(fmt.Sprintf("%q", texts), func(screen string) bool { return containsAll(screen, texts) })
}

func containsAll(s string, texts []string) bool {
	for _, t := range texts {
		if !strings.Contains(s, t) {
			return false
		}
	}
	return true
}

// gone waits until the screen shows text no more.
func (p *pane) gone(text string) {
	p.t.Helper()
	p.until("the end of "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

// ended waits until the program and its terminal have ended.
func (p *pane) ended() {
	p.t.Helper()
	look := time.NewTicker(25 * time.Millisecond)
	defer look.Stop()
	deadline := time.Now().Add(patience)
	for {
		screen, err := p.tmux("capture-pane", "-p")
		if err != nil {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the program goes on; screen:\n%s", screen)
		}
		<-look.C
	}
}
