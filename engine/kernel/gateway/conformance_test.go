package gateway_test

import (
	"testing"

	"nbterm/engine/kernel/gateway"
	"nbterm/engine/kernel/gateway/gatewaytest"
	"nbterm/engine/kernel/kerneltest"
)

// remote is what a kernel can do at the end of a WebSocket. Between it and its
// server waits a ZeroMQ queue of 1,000, and a server on a busy machine lets it run
// over: TestADroppingServerIsTold is for what lies beyond.
func remote(f kerneltest.Features, pid string) kerneltest.Features {
	f.Remote, f.PID, f.BurstLines = true, pid, 900
	return f
}

func TestIPykernelOnAServerKeepsThePromisesOfAKernel(t *testing.T) {
	t.Parallel()
	f := remote(kerneltest.Python(), "import os; print(os.getpid())")
	for name, args := range map[string][]string{
		"v1":   gatewaytest.Unlimited,
		"JSON": append([]string{gatewaytest.Plain}, gatewaytest.Unlimited...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kerneltest.Run(t, launcher(gateway.Patience{}), on(gatewaytest.Serve(t, args...).URL, "python3"), f)
		})
	}
}

func TestIRkernelOnAServerKeepsThePromisesOfAKernel(t *testing.T) {
	t.Parallel()
	kerneltest.Installed(t, "ir")
	kerneltest.Run(t, launcher(gateway.Patience{}), on(gatewaytest.Serve(t, gatewaytest.Unlimited...).URL, "ir"), remote(kerneltest.R(), "cat(Sys.getpid(), '\\n')"))
}
