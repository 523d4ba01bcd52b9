package zmq_test

import (
	"testing"

	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/kernel/zmq"
)

func TestIPykernelKeepsThePromisesOfAKernel(t *testing.T) {
	t.Parallel()
	kerneltest.Run(t, zmq.Launch, kerneltest.Installed(t, "python3"), kerneltest.Python())
}

func TestIRkernelKeepsThePromisesOfAKernel(t *testing.T) {
	t.Parallel()
	kerneltest.Run(t, zmq.Launch, kerneltest.Installed(t, "ir"), kerneltest.R())
}
