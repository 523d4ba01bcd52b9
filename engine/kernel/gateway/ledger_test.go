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

// cut breaks the link and joins it again; the probe is called "probe".
func (b *book) cut() {
	b.tell(b.breaks())
	b.tell(b.joins(&wire.Message{Channel: wire.Shell, Header: wire.Header{MsgID: "probe", MsgType: wire.TypeKernelInfoRequest}}))
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
		"two lost":               {func(b *book) { b.lines("cell", 7, 9); b.tell(b.judge()); b.finish(10, "cell") }, []string{"2 messages of the kernel were lost here"}},
		"told at the cell's end": {func(b *book) { b.lines("cell", 6, 9); b.finish(10, "cell") }, []string{"one message"}},
		"overtaken by another":   {func(b *book) { b.lines("cell", 6, 6); b.lines("cell", 5, 5); b.tell(b.judge()) }, nil},
		"the reply overtakes output": {func(b *book) {
			b.says(9, wire.Shell, "cell", "execute_reply", `{"status":"ok"}`)
			b.lines("cell", 5, 8)
		}, nil},
		"the server's own questions": {func(b *book) {
			b.status(6, "nudge", wire.StateIdle)
			b.lines("cell", 8, 8) // 5 and 7 were answers to the server
			b.tell(b.judge())
		}, []string{"one message"}}, // it asks idle kernels only, so this is honest doubt
		"a second cut before a word": {func(b *book) { b.cut(); b.lines("cell", 8, 8); b.tell(b.judge()) }, []string{"3 messages"}},
		"a cut amid a doubt":         {func(b *book) { b.lines("cell", 8, 8); b.cut(); b.lines("cell", 9, 9) }, []string{"3 messages"}},
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

func TestASeamWithNothingUnderWayForgivesTheServersQuestions(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.cut()
	b.asks("cell")
	b.status(7, "cell", wire.StateBusy)
	b.finish(8, "cell")
	b.told()
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
