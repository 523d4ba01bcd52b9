package host

// queue is the order in which executions run and what became of the current one.
// It decides and does nothing: no clock, no channel, no kernel.
type queue struct {
	waiting []Execution
	current *Execution
	replied Outcome // of current, once its reply has come
	idle    bool    // of current, once the idle that answers it has come
}

// start moves the first waiting execution to current, if the kernel is free.
func (q *queue) start() *Execution {
	if q.current != nil || len(q.waiting) == 0 {
		return nil
	}
	e := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.current, q.replied, q.idle = &e, None, false
	return q.current
}

// reply and sawIdle record the two halves of the end of current; done says
// whether both are there, and with which outcome.
func (q *queue) reply(o Outcome) { q.replied = o }
func (q *queue) sawIdle()        { q.idle = true }

func (q *queue) done() (Outcome, bool) {
	return q.replied, q.current != nil && q.replied != None && q.idle
}

// finish forgets current and returns it.
func (q *queue) finish() Execution {
	e := *q.current
	q.current = nil
	return e
}

// drop empties the waiting line and returns who stood in it.
func (q *queue) drop() []Execution {
	gone := q.waiting
	q.waiting = nil
	return gone
}

// remove takes the named executions out of the waiting line.
func (q *queue) remove(ids map[string]bool) (gone []Execution) {
	var kept []Execution
	for _, e := range q.waiting {
		if ids[e.ID] {
			gone = append(gone, e)
		} else {
			kept = append(kept, e)
		}
	}
	q.waiting = kept
	return gone
}
