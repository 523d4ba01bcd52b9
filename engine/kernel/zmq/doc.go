// Package zmq runs local Jupyter kernels over ZeroMQ. It is the only importer of
// go-zeromq/zmq4.
//
// Of that library it uses the single connection (zmq4.Conn), not its sockets: we
// connect to exactly one peer per channel, so pools, reconnection and queues of ten
// would only be in the way. What the sockets of v0.17 do wrong for us, and how it
// does not happen here:
//
//	two reads per frame, unbuffered         guard reads through a buffer
//	dial waits 250 ms between tries         connect tries every 3 ms
//	dial to a mute listener hangs           handshake under the context's deadline
//	a Recv after EOF blocks for ever        one reader per channel, ends at its first error
//	Send to a gone peer returns nil         Send is gated on the process
//	goroutines left behind by Close         no goroutine of the library's is started
//	PING is delivered as data               guard answers and swallows it
//	panics on a malformed READY or frame    guard refuses bad frames; panics are caught in our goroutines
//	reconnection loses the request sent     none: a lost channel ends the kernel
//
//	Kernel ──Send──▶ link.send ──▶ link.write (goroutine) ──▶ guard ──▶ socket
//	       ◀─Queue── Kernel.decode (one) ◀─inbox── Kernel.read (one per channel) ◀── guard ◀──
package zmq
