package zmq

// losslessLauncher starts ipykernel as ipykernel_launcher does, but for one thing:
// the socket on which it publishes drops nothing. By default ZeroMQ keeps 1,000
// messages for a peer that does not read and silently drops what comes after, an
// idle included; a host that gets no processor for a moment, or is stopped and
// continued, would miss them (nteract#4188). Instead the kernel's memory grows.
const losslessLauncher = `import sys
if sys.path[0] == "":
    del sys.path[0]
import ipykernel_launcher
from ipykernel import kernelapp
sys.argv[0] = ipykernel_launcher.__file__
def lossless(app, context, init=kernelapp.IPKernelApp.init_iopub):
    context.sndhwm = 0
    try:
        init(app, context)
    finally:
        del context.sndhwm
kernelapp.IPKernelApp.init_iopub = lossless
kernelapp.launch_new_instance()
`

// lossless rewrites the command of an ipykernel; others are left as they are.
func lossless(argv []string) []string {
	for i := 1; i+1 < len(argv); i++ {
		if argv[i] == "-m" && argv[i+1] == "ipykernel_launcher" {
			out := append([]string(nil), argv...)
			out[i], out[i+1] = "-c", losslessLauncher
			return out
		}
	}
	return argv
}
