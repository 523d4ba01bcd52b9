package kernel

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// firstBy is added to a kernel's score, of 1,000, for being killed as memory runs out.
const firstBy = 300

// first has the system take a kernel, and what it starts, before its host and whoever
// drives it, who would otherwise not be there to tell (proc(5), oom_score_adj). Where
// that is not allowed, size decides, which is nearly always the same.
func first(pid int) {
	file := fmt.Sprintf("/proc/%d/oom_score_adj", pid)
	data, err := os.ReadFile(file)
	if err != nil {
		return
	}
	now, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return
	}
	_ = os.WriteFile(file, []byte(strconv.Itoa(min(now+firstBy, 1000))), 0o600)
}

// Tied starts cmd so that it cannot outlive us: however our process ends, kill -9
// included, the system kills it. The function returned waits for it, as cmd.Wait
// does, and must be called exactly once.
//
// Linux sends that signal when the *thread* that started the child ends, and Go
// ends threads as it likes (golang/go#27505). So the child is started and waited
// for by one goroutine that keeps its thread until the child is reaped. The cost is
// that thread, which waiting would block in any case. What the child itself started
// is not reached; package registry finds it, see Host.Remove there.
func Tied(cmd *exec.Cmd) (wait func() error, err error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		first(cmd.Process.Pid)
		started <- nil
		ended <- cmd.Wait()
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return func() error { return <-ended }, nil
}
