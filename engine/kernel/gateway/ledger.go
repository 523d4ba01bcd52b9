package gateway

import (
	"fmt"
	"strings"

	"nbterm/engine/wire"
)

// ledger knows what was asked and not answered, and finds out what was lost. It
// decides and does nothing; Kernel.mu guards it.
//
// Messages are lost in three ways. What the server wrote to a link that breaks is
// gone, and it does not know. It may have nothing to replay, because another client
// took its place or a browser was connected too. And a server too slow for its
// kernel makes ZeroMQ drop what exceeds some thousand messages, idle included. Where
// the kernel numbers its messages we count, at each seam between two links and at
// the end of each cell. Where it does not, a seam with a request under way is told
// as a gap, and the third way is not seen.
//
// A reply can be among what is lost. Kernels answer what comes on shell in order,
// so the answer to a question asked after the seam (the probe) settles all before.
type ledger struct {
	server  string              // its address, for the sentences
	session string              // ours: the server's own messages carry it
	asked   map[string]*request // not answered, by id
	hidden  map[string]bool     // questions of our own: nobody else sees the answers
	theirs  map[string]bool     // requests of other clients that began since the seam
	numbers numbers
	now     uint64 // number of the message that is heard; 0 for none
	cell    uint64 // number with which the cell that runs began; 0 where a seam makes that useless
	seamed  bool   // there was a seam since holes were reckoned last
	seam    *seam  // until it is known whether something was lost there

	probe *request
	lost  []*request // what the probe settles
}

// seam is where one link ended and another began.
type seam struct {
	top  uint64          // highest number before
	open map[string]bool // requests that were not answered then
	// first is a number after it, below which there are holes that may yet be filled;
	// 0 while nothing is known.
	first uint64
}

const (
	// asides is how many holes at a seam may be the server's own: when it takes an
	// idle kernel's channels up again it asks it for kernel_info on two of them,
	// perhaps twice, and keeps the answers, three each.
	asides = 12
	// unsent is how many holes a cell may have by itself: ipykernel gives a value
	// that displays itself a number and then does not send it.
	unsent = 1
	// highWater is how many messages ZeroMQ holds before it drops one, by default: a
	// hole among the first so many of a cell, on a link that stood, is no loss.
	highWater = 1000
)

// request is a message that wants a reply.
type request struct {
	header  wire.Header
	channel wire.Channel
	replied bool
	idle    bool
}

// verdict is what comes of a message, in this order.
type verdict struct {
	aside string          // tell a gap that lies in no cell before it
	gap   string          // tell a gap before it
	hide  bool            // it is an answer to us
	after string          // tell a gap after it
	made  []*wire.Message // in place of what will never come
	doubt bool            // call judge in a moment
	end   string          // the kernel is no more: why
}

// restarted is the end of a kernel whose new process says that it is starting.
const restarted = "was restarted by someone else"

func newLedger(server, session string) *ledger {
	return &ledger{server: server, session: session, asked: map[string]*request{}, hidden: map[string]bool{}, theirs: map[string]bool{}}
}

// sends notes what is about to be sent.
func (l *ledger) sends(m *wire.Message) {
	if strings.HasSuffix(m.Type(), "_request") {
		l.asked[m.Header.MsgID] = &request{header: m.Header, channel: m.Channel}
	}
}

// hears takes a message that came.
func (l *ledger) hears(m *wire.Message) verdict {
	v := verdict{hide: l.hidden[m.Parent.MsgID]}
	series, n, numbered := numberOf(m.Header.MsgID)
	if l.numbers.series == "" && numbered && v.hide && m.Type() == wire.TypeKernelInfoReply {
		l.numbers.series, l.numbers.top = series, n
	}
	l.now = 0
	if numbered && series == l.numbers.series {
		l.now = n
		l.numbers.note(n)
		if m.Channel == wire.IOPub {
			v.doubt, v.aside = l.sew(n, m.Parent.MsgID)
			v.doubt = v.doubt || l.strays()
		}
	}
	if l.answered(m, &v) { // what is not told now is told after the end of the cell
		v.gap = l.sewn()
		if gap := l.reckon(); v.gap == "" {
			v.gap = gap
		}
	}
	if p := l.probe; p != nil && p.replied && p.idle {
		v.gap, v.made = l.settle()
	}
	l.tidings(m, &v)
	return v
}

// sew looks whether the first number on iopub after a seam joins those before.
// doubt asks for judge when what overtook one another has had time to come. Replies
// overtake all the output of a cell when the server replays it. aside is the gap of a
// seam at which no cell ran: the holes there may be the server's own questions, and
// there is no telling them from what a thread has printed.
func (l *ledger) sew(n uint64, parent string) (doubt bool, aside string) {
	s := l.seam
	if s == nil || s.first > 0 || n <= s.top {
		return false, ""
	}
	switch holes := l.numbers.between(s.top, n); {
	case holes == 0:
		l.seam = nil
	case len(s.open) == 0:
		l.numbers.forget()
		l.seam, l.seamed = nil, false
		return false, l.idleGap()
	case s.open[parent], holes > asides:
		s.first = n
		return true, ""
	}
	return false, ""
}

// idleGap tells what may be lost where no cell ran.
func (l *ledger) idleGap() string {
	return "the link to " + l.server + " broke while no cell ran; what a thread may have printed then can be missing"
}

// reckon counts at the end of a cell.
func (l *ledger) reckon() (gap string) {
	n, last := l.numbers.between(0, l.numbers.top), l.numbers.lastHole()
	excused := n <= unsent && l.cell > 0 && last < l.cell+highWater
	switch {
	case n == 0 || excused:
	case n == 1:
		gap = "one message of the kernel may have been lost before here: its server could not keep up with its output"
	default:
		gap = fmt.Sprintf("%d messages of the kernel were lost before here: its server could not keep up with its output", n)
	}
	l.numbers.forget()
	l.cell, l.seamed = 0, false
	return gap
}

// runs is true while a cell of ours has not ended.
func (l *ledger) runs() bool {
	for _, r := range l.asked {
		if r.header.MsgType == wire.TypeExecuteRequest {
			return true
		}
	}
	return false
}

// strays is true where something may have been lost behind a seam while no cell runs:
// between what a server replays and what follows it drops a message now and then.
func (l *ledger) strays() bool {
	return l.seam == nil && l.seamed && !l.runs() && l.numbers.between(0, l.numbers.top) > 0
}

// stray counts what was lost while no cell ran.
func (l *ledger) stray() (aside string) {
	n := l.numbers.between(0, l.numbers.top)
	switch {
	case n > 0 && l.seamed:
		aside = l.idleGap()
	case n > unsent:
		aside = fmt.Sprintf("%d messages of the kernel were lost while no cell ran: its server could not keep up with its output", n)
	}
	l.numbers.forget()
	l.seamed = false
	return aside
}

// answered notes the two halves of an answer, and returns whether a cell of ours
// has ended with it.
func (l *ledger) answered(m *wire.Message, v *verdict) (cell bool) {
	var s wire.Status
	if m.Type() == wire.TypeStatus && m.Decode(&s) != nil {
		return false
	}
	r := l.asked[m.Parent.MsgID]
	switch {
	case r == nil && m.Parent.MsgID != "":
		l.other(m.Parent.MsgID, s.ExecutionState)
		return false
	case r == nil:
		return false
	case m.Channel == r.channel && m.Type() == strings.TrimSuffix(r.header.MsgType, "_request")+"_reply":
		r.replied = true
	case s.ExecutionState == wire.StateIdle:
		r.idle = true
	case s.ExecutionState == wire.StateBusy && r.header.MsgType == wire.TypeExecuteRequest:
		if l.seam == nil { // what came before the cell is not its affair
			if aside := l.stray(); v.aside == "" {
				v.aside = aside
			}
			l.cell = l.now
		}
	}
	if !r.replied || !r.idle {
		return false
	}
	delete(l.asked, r.header.MsgID)
	return r.header.MsgType == wire.TypeExecuteRequest
}

// other notes the state that a request of another client has brought about. Its reply
// had a number, which is a hole to us; if it began before a seam the hole may lie there.
func (l *ledger) other(parent, state string) {
	switch {
	case state == wire.StateBusy:
		l.theirs[parent] = true
	case state == wire.StateIdle && l.theirs[parent]:
		delete(l.theirs, parent)
		l.numbers.excused++
	}
}

// tidings looks for what the server, or a new process of the kernel, tells.
func (l *ledger) tidings(m *wire.Message, v *verdict) {
	switch m.Type() {
	case wire.TypeStatus:
		var s wire.Status
		if m.Decode(&s) != nil {
			return
		}
		switch s.ExecutionState {
		case "restarting":
			v.end = "ended by itself; the Jupyter Server has started it anew"
		case "dead":
			v.end = "ended by itself, and the Jupyter Server could not start it again"
		case wire.StateStarting:
			v.end = restarted
		}
	case wire.TypeStream:
		var s wire.Stream
		if m.Header.Session != l.session || m.Decode(&s) != nil || s.Name != "stderr" {
			return
		}
		for what, option := range map[string]string{
			"IOPub message rate exceeded": "iopub_msg_rate_limit", "IOPub data rate exceeded": "iopub_data_rate_limit",
		} {
			if strings.HasPrefix(s.Text, what) {
				v.after = fmt.Sprintf("the Jupyter Server drops output that comes too fast; its setting ServerApp.%s=0 lifts the limit", option)
			}
		}
	}
}

// breaks notes the end of a link. It returns a gap to tell: a doubt that had no
// time to be resolved.
func (l *ledger) breaks() (gap, aside string) {
	gap = l.sewn()
	clear(l.theirs)
	if l.seam == nil {
		switch {
		case !l.runs():
			aside = l.stray()
		case gap == "":
			gap = l.reckon()
		}
		l.numbers.forget()
		l.seam = &seam{top: l.numbers.top, open: map[string]bool{}}
	}
	l.seamed, l.cell = true, 0
	for id := range l.asked {
		if !l.hidden[id] {
			l.seam.open[id] = true
		}
	}
	return gap, aside
}

// joins notes the beginning of another link; probe is a kernel_info_request to be
// sent on shell now. It returns a gap to tell, where numbers will not tell it, or the
// one of a seam at which no cell ran.
func (l *ledger) joins(probe *wire.Message) (gap, aside string) {
	l.lost = nil
	for id, r := range l.asked {
		switch {
		case l.hidden[id]:
			delete(l.asked, id) // an older probe: this one is asked later and says more
		case r.channel == wire.Shell:
			l.lost = append(l.lost, r)
		}
	}
	if len(l.lost) > 0 {
		l.hidden[probe.Header.MsgID] = true
		l.sends(probe)
		l.probe = l.asked[probe.Header.MsgID]
	}
	if l.numbers.series != "" || l.seam == nil {
		return "", ""
	}
	busy := len(l.seam.open) > 0
	l.seam = nil
	if busy {
		return "the link to " + l.server + " broke while this ran; output may be missing", ""
	}
	return "", l.idleGap()
}

// probing tells whether the probe given to joins is wanted.
func (l *ledger) probing(probe *wire.Message) bool { return l.hidden[probe.Header.MsgID] }

// quiet tells of a seam after which nothing has been heard, with a request under way.
func (l *ledger) quiet() bool {
	return l.seam != nil && len(l.seam.open) > 0 && l.numbers.top == l.seam.top
}

// judge ends a doubt: what has not come by now is lost.
func (l *ledger) judge() (gap, aside string) {
	if l.strays() {
		return "", l.stray()
	}
	return l.sewn(), ""
}

// sewn closes a seam for which it is known where it ends.
func (l *ledger) sewn() (gap string) {
	s := l.seam
	if s == nil || s.first == 0 {
		return ""
	}
	l.seam = nil
	n := l.numbers.between(s.top, s.first)
	l.numbers.settle(s.first)
	switch n {
	case 0:
		return ""
	case 1:
		return "the link to " + l.server + " broke; one message of the kernel was lost here"
	default:
		return fmt.Sprintf("the link to %s broke; %d messages of the kernel were lost here", l.server, n)
	}
}

// settle ends the requests that were answered, if ever they arrived, by what was
// lost. Executions get the end that their kernel cannot give them any more.
func (l *ledger) settle() (gap string, made []*wire.Message) {
	for _, r := range l.lost {
		if l.asked[r.header.MsgID] == nil {
			continue
		}
		delete(l.asked, r.header.MsgID)
		if r.header.MsgType != wire.TypeExecuteRequest {
			continue
		}
		if !r.replied {
			gap = "the link to " + l.server + " broke, and with it the news of how this ended; it may not have run at all"
			made = append(made, answer(r, wire.Shell, "execute_reply", `{"status":"aborted","execution_count":0}`))
		}
		if !r.idle {
			made = append(made, answer(r, wire.IOPub, wire.TypeStatus, `{"execution_state":"idle"}`))
		}
	}
	l.probe, l.lost = nil, nil
	return gap, made
}

// answer makes a message in the kernel's place.
func answer(r *request, ch wire.Channel, msgType, content string) *wire.Message {
	h := r.header
	h.MsgID, h.MsgType = h.MsgID+"-"+msgType, msgType
	return &wire.Message{Channel: ch, Header: h, Parent: r.header, Metadata: []byte("{}"), Content: []byte(content)}
}
