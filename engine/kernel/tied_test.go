package kernel_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/engine/kernel"
)

// asHost makes the test binary play a kernel host, see TestBeAHost.
const asHost = "NBTERM_TEST_BE_A_HOST"

// TestBeAHost is no test: it is the process that others kill. It starts children,
// one from a thread that then ends, prints their pids and waits to be killed.
func TestBeAHost(t *testing.T) {
	if os.Getenv(asHost) == "" {
		t.Skip("only as a child of other tests")
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			runtime.LockOSThread() // and ends without unlocking, which ends its thread
			p, err := kernel.StartProcess(exec.Command("/bin/sh", "-c", "trap '' TERM HUP INT; exec sleep 600"))
			if err != nil {
				fmt.Println("error", err)
				return
			}
			fmt.Println(p.PID())
		})
	}
	all.Wait()
	fmt.Println("done")
	select {}
}

func TestAKernelDiesWithItsHostAndNotWithAThread(t *testing.T) {
	t.Parallel()
	host := exec.Command(os.Args[0], "-test.run=^TestBeAHost$")
	host.Env = append(os.Environ(), asHost+"=1")
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	var fds []int
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "done" {
		var pid int
		if _, err := fmt.Sscan(lines.Text(), &pid); err != nil {
			t.Fatalf("the host says %q", lines.Text())
		}
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			t.Fatalf("open %d: %v", pid, err)
		}
		fds = append(fds, fd)
	}
	for _, fd := range fds { // the threads that asked for them have ended
		if ended(fd, 0) {
			t.Error("a child ended with a thread of its host")
		}
	}
	_ = host.Process.Signal(syscall.SIGKILL)
	_ = host.Wait()
	for _, fd := range fds {
		if !ended(fd, 20*time.Second) {
			t.Error("a child outlives its host")
			_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
		}
		_ = unix.Close(fd)
	}
	if len(fds) != 4 {
		t.Errorf("%d children", len(fds))
	}
}

// ended waits for the process of a pidfd.
func ended(fd int, patience time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, int(patience.Milliseconds()))
		if err != unix.EINTR {
			return n > 0
		}
	}
}

func TestWhatCannotBeStartedIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := kernel.Tied(exec.Command("/nonexistent/kernel")); err == nil {
		t.Error("no error")
	}
}

func TestMemoryThatRunsOutTakesTheKernelFirst(t *testing.T) {
	t.Parallel()
	score := func(pid string) (n int) {
		data, err := os.ReadFile("/proc/" + pid + "/oom_score_adj")
		if err == nil {
			_, err = fmt.Sscan(string(data), &n)
		}
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	p, err := kernel.StartProcess(exec.Command("/bin/sleep", "600"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.End(0)
	if ours, its := score("self"), score(fmt.Sprint(p.PID())); its <= ours && ours < 1000 {
		t.Errorf("its score is %d, ours %d", its, ours)
	}
}
