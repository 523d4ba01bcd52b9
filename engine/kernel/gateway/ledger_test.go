package gateway

import (
	"fmt"
	"strings"
	"testing"

	"nbterm/engine/wire"
)

// book drives a ledger as a kernel "k_1" and its server would.
type book struct {
	*ledger
	t     *testing.T
	gaps  []string
	aside []string
	ended string
	made  []*wire.Message
	doubt bool
}

func newBook(t *testing.T) *book {
	b := &book{ledger: newLedger("http://there/", "ours"), t: t}
	b.hidden["hello"] = true
	b.says(0, wire.Shell, "hello", wire.TypeKernelInfoReply, `{}`)
	return b
}

func (b *book) asks(id string) {
	b.sends(&wire.Message{Channel: wire.Shell, Header: wire.Header{MsgID: id, MsgType: wire.TypeExecuteRequest}})
}

func (b *book) says(n int, ch wire.Channel, parent, msgType, content string) {
	v := b.hears(&wire.Message{
		Channel: ch, Header: wire.Header{MsgID: fmt.Sprintf("k_1_%d", n), Session: "k", MsgType: msgType},
		Parent: wire.Header{MsgID: parent}, Content: []byte(content),
	})
	b.tellAside(v.aside)
	b.tell(v.gap)
	b.tell(v.after)
	b.made = append(b.made, v.made...)
	b.doubt = b.doubt || v.doubt
	b.ended += v.end
}

func (b *book) tell(gap string) {
	if gap != "" {
		b.gaps = append(b.gaps, gap)
	}
}

func (b *book) tellAside(gap string) {
	if gap != "" {
		b.aside = append(b.aside, gap)
	}
}

func (b *book) status(n int, parent, state string) {
	b.says(n, wire.IOPub, parent, wire.TypeStatus, `{"execution_state":"`+state+`"}`)
}

// lines are stream messages with the numbers from first to last.
func (b *book) lines(parent string, first, last int) {
	for n := first; n <= last; n++ {
		b.says(n, wire.IOPub, parent, wire.TypeStream, `{"name":"stdout","text":"x\n"}`)
	}
}

func (b *book) finish(n int, parent string) {
	b.says(n, wire.Shell, parent, "execute_reply", `{"status":"ok"}`)
	b.status(n+1, parent, wire.StateIdle)
}

// judged ends a doubt.
func (b *book) judged() {
	gap, aside := b.judge()
	b.tell(gap)
	b.tellAside(aside)
}

// cut breaks the link and joins it again; the probe is called "probe".
func (b *book) cut() {
	gap, aside := b.breaks()
	b.tell(gap)
	b.tellAside(aside)
	gap, aside = b.joins(&wire.Message{Channel: wire.Shell, Header: wire.Header{MsgID: "probe", MsgType: wire.TypeKernelInfoRequest}})
	b.tell(gap)
	b.tellAside(aside)
}

func (b *book) told(want ...string) {
	b.t.Helper()
	ok := len(b.gaps) == len(want)
	for i := range b.gaps {
		ok = ok && strings.Contains(b.gaps[i], want[i])
	}
	if !ok {
		b.t.Errorf("told %q, want %q", b.gaps, want)
	}
}

func TestASeamIsToldByTheNumbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after func(b *book)
		told  []string
	}{
		"nothing lost":           {func(b *book) { b.lines("cell", 5, 9); b.finish(10, "cell") }, nil},
		"two lost":               {func(b *book) { b.lines("cell", 7, 9); b.judged(); b.finish(10, "cell") }, []string{"2 messages of the kernel were lost here"}},
		"told at the cell's end": {func(b *book) { b.lines("cell", 6, 9); b.finish(10, "cell") }, []string{"one message"}},
		"overtaken by another":   {func(b *book) { b.lines("cell", 6, 6); b.lines("cell", 5, 5); b.judged() }, nil},
		"the reply overtakes output": {func(b *book) {
			b.says(9, wire.Shell, "cell", "execute_reply", `{"status":"ok"}`)
			b.lines("cell", 5, 8)
		}, nil},
		"the server's own questions": {func(b *book) {
			b.status(6, "nudge", wire.StateIdle)
			b.lines("cell", 8, 8) // 5 and 7 were answers to the server
			b.judged()
		}, []string{"2 messages"}}, // it asks idle kernels only, so this is honest doubt
		"another client's after it": {func(b *book) {
			b.status(5, "theirs", wire.StateBusy)
			b.status(7, "theirs", wire.StateIdle) // 6 was their reply
			b.lines("cell", 8, 8)
			b.judged()
		}, nil},
		"lost within as well":          {func(b *book) { b.lines("cell", 7, 7); b.lines("cell", 11, 12); b.finish(13, "cell") }, []string{"2 messages"}},
		"one behind what was replayed": {func(b *book) { b.lines("cell", 5, 7); b.lines("cell", 9, 9); b.finish(10, "cell") }, []string{"one message"}},
		"lost before the seam, too":    {func(b *book) { b.lines("cell", 5, 5); b.lines("cell", 8, 8); b.cut(); b.lines("cell", 9, 9) }, []string{"2 messages"}},
		"lost within only":             {func(b *book) { b.lines("cell", 5, 7); b.lines("cell", 11, 12); b.finish(13, "cell") }, []string{"3 messages"}},
		"a second cut before a word":   {func(b *book) { b.cut(); b.lines("cell", 8, 8); b.judged() }, []string{"3 messages"}},
		"a cut amid a doubt":           {func(b *book) { b.lines("cell", 8, 8); b.cut(); b.lines("cell", 9, 9) }, []string{"3 messages"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			b.asks("cell")
			b.status(1, "cell", wire.StateBusy)
			b.lines("cell", 2, 4)
			b.cut()
			c.after(b)
			b.t = t
			b.told(c.told...)
		})
	}
}

// The server's own questions leave the same holes as what a thread prints: this is told,
// but not in a cell.
func TestASeamWithNothingUnderWayIsToldBesideTheCells(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ next, aside int }{
		"no number is missing":             {1, 0},
		"as many as the server's question": {7, 1},
		"one":                              {2, 1},
		"very many":                        {100, 1},
	} {
		b := newBook(t)
		b.cut()
		b.asks("cell")
		b.status(c.next, "cell", wire.StateBusy)
		b.finish(c.next+1, "cell")
		b.told()
		if len(b.aside) != c.aside {
			t.Errorf("%s: %q", name, b.aside)
		}
	}
}

// What a thread prints, and a server that drops a message between what it replays and
// what follows.
func TestALossBehindAnIdleSeamIsTold(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.asks("cell")
	b.status(1, "cell", wire.StateBusy)
	b.finish(2, "cell")
	b.lines("cell", 4, 5)
	b.cut()
	b.lines("cell", 6, 8) // replayed
	b.status(9, "nudge", wire.StateBusy)
	b.status(11, "nudge", wire.StateIdle) // 10 was the reply
	b.judged()
	if len(b.aside) > 0 {
		t.Errorf("nothing is lost: %q", b.aside)
	}
	b.lines("cell", 13, 14)
	b.judged()
	b.told()
	if len(b.aside) != 1 {
		t.Errorf("told %q", b.aside)
	}
}

func TestAKernelWithoutNumbersTellsAnIdleSeamToo(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.numbers.series = ""
	b.cut()
	b.told()
	if len(b.aside) != 1 {
		t.Errorf("%q", b.aside)
	}
}

// A value that displays itself leaves a hole. A loss does only where the server has
// fallen behind by more than ZeroMQ holds.
func TestASingleHoleIsForgivenOnlyWhereNothingCanBeLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hole int
		want []string
	}{
		"early in the cell":         {50, nil},
		"the last that may be held": {1000, nil},
		"behind a thousand":         {1001, []string{"one message of the kernel may have been lost"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			b.asks("cell")
			b.status(1, "cell", wire.StateBusy)
			b.lines("cell", 2, c.hole-1)
			b.lines("cell", c.hole+1, c.hole+5)
			b.finish(c.hole+6, "cell")
			b.told(c.want...)
		})
	}
}

func TestHolesWithinACellAreToldAtItsEnd(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.asks("cell")
	b.status(1, "cell", wire.StateBusy)
	b.lines("cell", 2, 4)
	b.lines("cell", 50, 51)
	b.finish(52, "cell")
	b.told("45 messages of the kernel were lost before here")
}

func TestAnswersToOthersAreNoHoles(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.asks("cell")
	b.status(1, "cell", wire.StateBusy)
	for n := 2; n < 30; n += 3 { // busy, their reply, idle
		b.status(n, "theirs", wire.StateBusy)
		b.status(n+2, "theirs", wire.StateIdle)
	}
	b.finish(32, "cell")
	b.told()
}

func TestALostReplyIsMadeUpFor(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.asks("cell")
	b.cut()
	b.says(1, wire.Shell, "probe", wire.TypeKernelInfoReply, `{}`)
	if len(b.made) > 0 {
		t.Fatal("settled before what came before it had time to come")
	}
	b.status(2, "probe", wire.StateIdle)
	b.told("it may not have run at all")
	if len(b.made) != 2 || b.made[0].Type() != "execute_reply" || b.made[1].Type() != wire.TypeStatus || b.made[0].Parent.MsgID != "cell" {
		t.Errorf("made %v", b.made)
	}
	if len(b.asked) > 0 {
		t.Errorf("still waits for %v", b.asked)
	}
}

func TestAReplyThatWasReplayedIsNotMadeUp(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.asks("cell")
	b.status(1, "cell", wire.StateBusy)
	b.cut()
	b.finish(2, "cell")
	b.says(4, wire.Shell, "probe", wire.TypeKernelInfoReply, `{}`)
	b.status(5, "probe", wire.StateIdle)
	b.told()
	if len(b.made) > 0 {
		t.Errorf("made %v", b.made)
	}
}

func TestOnlyTheServersOwnWordsCountAsAWarning(t *testing.T) {
	t.Parallel()
	for session, want := range map[string]int{"ours": 1, "k": 0} {
		b := newBook(t)
		v := b.hears(&wire.Message{
			Channel: wire.IOPub, Header: wire.Header{MsgID: "x", Session: session, MsgType: wire.TypeStream},
			Content: []byte(`{"name":"stderr","text":"IOPub message rate exceeded.\nThe Jupyter server will…"}`),
		})
		if got := len(v.after); (got > 0) != (want > 0) {
			t.Errorf("session %q: %q", session, v.after)
		}
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add([]byte{3, 1, 2, 9, 5, 7, 6, 8, 4})
	f.Fuzz(func(t *testing.T, order []byte) {
		var s numbers
		seen := map[uint64]bool{}
		for _, n := range order {
			s.note(uint64(n))
			seen[uint64(n)] = true
		}
		var want uint64
		for n := uint64(1); n < s.top; n++ {
			if !seen[n] {
				want++
			}
		}
		if got := s.between(0, s.top); got != want {
			t.Errorf("%d holes, want %d: %+v", got, want, s)
		}
	})
}

func TestNumbersAreThoseOfJupyterClient(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]uint64{
		"6a7e-1c_4711_42": 42, "a_b_7": 7, "6a7e": 0, "_1_2": 0, "uuid_notanumber": 0, "a_12": 0, "": 0,
	} {
		if _, n, ok := numberOf(id); n != want || ok != (want > 0) {
			t.Errorf("%q: %d, %t", id, n, ok)
		}
	}
}
