package bridge_test

import (
	"testing"

	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/kerneltest"
)

func TestPythonKeepsTheKernelPromises(t *testing.T) {
	t.Parallel()
	kerneltest.Run(t, bridge.Launch, bridge.Specs()[0], kerneltest.Python())
}

func TestBashKeepsTheKernelPromises(t *testing.T) {
	t.Parallel()
	f := kerneltest.Shell()
	f.Raise = kerneltest.Want{Code: "false", Text: "ExitCode"}
	f.Stopped = "KeyboardInterrupt"
	f.Complete = kerneltest.Want{Code: "unse", Text: "unset"}
	f.Inspect = kerneltest.Want{Code: "cd", Text: "directory"}
	f.Whole, f.Half = "echo hi", "if true; then"
	kerneltest.Run(t, bridge.Launch, bridge.Specs()[1], f)
}
