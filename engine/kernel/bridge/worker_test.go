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
