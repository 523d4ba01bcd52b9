package zmq

import (
	"encoding/json"
	"sync"

	"nbterm/engine/wire"
)

// hello is the conversation before the first request: kernel_info_request is
// repeated until an answer and any iopub message came. A SUB socket misses what is
// published before the kernel took note of its subscription, and no message of the
// protocol says when that was (JEP 65's iopub_welcome was seen from no kernel).
type hello struct {
	mu    sync.Mutex // guards what follows
	asked map[string]bool
	reply json.RawMessage
	heard bool  // something came on iopub
	fault error // of the last message refused
	news  chan struct{}
}

// asks remembers a request of ours.
func (h *hello) asks(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked[id] = true
}

// takes notes what m tells and says whether it is an answer to us, which nobody
// else is to see, however late it comes.
func (h *hello) takes(m *wire.Message) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	ours := h.asked[m.Parent.MsgID]
	switch {
	case m.Channel == wire.IOPub && !h.heard:
		h.heard = true
	case ours && m.Type() == wire.TypeKernelInfoReply && h.reply == nil:
		h.reply = m.Content
	default:
		return ours
	}
	h.tell()
	return ours
}

func (h *hello) refused(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fault = err
	h.tell()
}

func (h *hello) tell() {
	select {
	case h.news <- struct{}{}:
	default:
	}
}

func (h *hello) state() (reply json.RawMessage, heard bool, fault error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.reply, h.heard, h.fault
}
