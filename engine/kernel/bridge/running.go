package bridge

import "sync"

// running knows the cell that was sent last, so that an interrupt which comes
// before the worker has even read the cell is kept for it: a signal at that time
// would meet an idle worker, which ignores it.
type running struct {
	mu    sync.Mutex // guards what follows
	id    string     // message id of the execute_request; "" when none is out
	began bool       // the worker said busy
	stop  bool       // to be interrupted as soon as it begins
}

func (r *running) sent(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.id, r.began, r.stop = id, false, false
}

// interrupt tells whether to send the signal now.
func (r *running) interrupt() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.id != "" && !r.began {
		r.stop = true
		return false
	}
	return true
}

// begun takes note of a status about a request; true when a kept interrupt is due.
func (r *running) begun(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.id == "" || id != r.id || r.began {
		return false
	}
	r.began = true
	return r.stop
}

func (r *running) over(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id == r.id {
		r.id = ""
	}
}
