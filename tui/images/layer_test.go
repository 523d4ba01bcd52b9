package images

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	sixels "github.com/charmbracelet/x/ansi/sixel"
	"github.com/charmbracelet/x/vt"

	"nbterm/render"
	"nbterm/tui/caps"
)

// tty records what is written to it.
type tty struct {
	mu      sync.Mutex // guards all below
	data    bytes.Buffer
	changed chan struct{}
}

func (t *tty) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
	return t.data.Write(p)
}

// wait waits until what was written is as ok wants it, and empties the record.
func (t *tty) wait(tt *testing.T, ok func(string) bool) string {
	tt.Helper()
	for deadline := time.After(30 * time.Second); ; {
		t.mu.Lock()
		seen, changed := t.data.String(), make(chan struct{})
		if ok(seen) {
			t.data.Reset()
			t.mu.Unlock()
			return seen
		}
		t.changed = changed
		t.mu.Unlock()
		select {
		case <-changed:
		case <-deadline:
			tt.Fatalf("never came; written: %.300q", seen)
		}
	}
}

// start makes a layer for a terminal; arrivals come on the channel.
func start(t *testing.T, term caps.Terminal) (*Layer, *tty, chan tea.Msg) {
	t.Helper()
	out, arrivals := &tty{}, make(chan tea.Msg, 100)
	l := New(out, 7)
	l.pause = pauses{time.Millisecond, 5 * time.Millisecond}
	l.SetTerminal(term)
	l.Start(t.Context(), func(m tea.Msg) { arrivals <- m })
	t.Cleanup(l.Stop)
	return l, out, arrivals
}

// pictureOf makes a picture of cols x rows cells of 8 x 16 pixels.
func pictureOf(t testing.TB, l *Layer, cols, rows int, c color.Color) (*Picture, image.Image) {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, cols*8, rows*16))
	for y := range rows * 16 {
		for x := range cols * 8 {
			img.Set(x, y, color.NRGBA{uint8(x * 3), uint8(y * 5), 99, 255})
		}
	}
	img.Set(0, 0, c)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	under := make([]string, rows)
	for r := range under {
		under[r] = fmt.Sprintf("\x1b[31m%s\x1b[m", strings.Repeat(string(rune('a'+r)), cols))
	}
	return l.Place(render.Placement{Rows: rows, Cols: cols, PNG: b.Bytes()}, under), img
}

func rowsOf(p *Picture, before string) []string {
	rows := []string{"title"}
	for r := range p.rows {
		rows = append(rows, before+p.Row(r))
	}
	return append(rows, "footer")
}

func TestKittyGetsAPictureOnceAndThenShowsItsMarks(t *testing.T) {
	t.Parallel()
	l, out, arrivals := start(t, caps.Terminal{Protocol: caps.Kitty, CellWidth: 8, CellHeight: 16})
	pic, _ := pictureOf(t, l, 30, 6, color.White)
	rows := rowsOf(pic, "  ")
	if got := l.Compose(rows, 80); got[1] != "  "+pic.under[0] {
		t.Errorf("before the picture is there its block characters are shown: %q", got[1])
	}
	<-arrivals
	if got := l.Compose(rows, 80); got[3] != rows[3] {
		t.Errorf("row %q became %q", rows[3], got[3])
	}
	sent := out.wait(t, func(s string) bool { return strings.Contains(s, "m=0") })
	if got := payload(t, sent); !bytes.Equal(got, pic.png) {
		t.Errorf("%d bytes arrived of %d", len(got), len(pic.png))
	}
	for _, chunk := range strings.SplitAfter(sent, "\x1b\\") {
		if len(chunk) > chunkSize+100 {
			t.Errorf("a sequence of %d bytes", len(chunk))
		}
	}
	if !strings.Contains(sent, fmt.Sprintf("a=T,U=1,i=%d,c=30,r=6,f=100,m=", pic.id)) {
		t.Errorf("no virtual placement: %.80q", sent)
	}
	// Elsewhere on the screen it is not sent again.
	l.Compose(append([]string{"one more"}, rows...), 80)
	other, _ := pictureOf(t, l, 4, 2, color.Black)
	l.Compose(append(rowsOf(other, ""), rows...), 80)
	<-arrivals
	if again := out.wait(t, func(s string) bool { return strings.Contains(s, "m=0") }); strings.Contains(again, fmt.Sprintf("i=%d,", pic.id)) {
		t.Errorf("sent again: %.80q", again)
	}
	l.Stop()
	out.wait(t, func(s string) bool {
		return strings.Contains(s, kittyDelete(pic.id)) && strings.Contains(s, kittyDelete(other.id))
	})
}

var sequence = regexp.MustCompile(`\x1b_G[^;]*;([^\x1b]*)\x1b\\`)

// payload puts chunks together.
func payload(t *testing.T, sent string) []byte {
	t.Helper()
	var text strings.Builder
	for _, m := range sequence.FindAllStringSubmatch(sent, -1) {
		text.WriteString(m[1])
	}
	data, err := base64.StdEncoding.DecodeString(text.String())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWithinTmuxEverySequenceIsWrapped(t *testing.T) {
	t.Parallel()
	l, out, arrivals := start(t, caps.Terminal{Protocol: caps.Kitty, Tmux: true})
	pic, _ := pictureOf(t, l, 30, 6, color.White)
	l.Compose(rowsOf(pic, ""), 80)
	<-arrivals
	sent := out.wait(t, func(s string) bool { return strings.Contains(s, "m=0") })
	rest := sent
	for rest != "" {
		body, after, ok := strings.Cut(rest, "\x1b\\\x1b\\") // the end of the inner sequence, its ESC doubled, and of the outer
		if !ok || !strings.HasPrefix(body, "\x1bPtmux;\x1b\x1b_G") {
			t.Fatalf("not wrapped: %.60q", rest)
		}
		rest = after
	}
}

func TestPicturesNobodyHoldsAreDeleted(t *testing.T) {
	t.Parallel()
	l, out, arrivals := start(t, caps.Terminal{Protocol: caps.Kitty})
	id := func() uint32 {
		pic, _ := pictureOf(t, l, 5, 2, color.White)
		l.Compose(rowsOf(pic, ""), 80)
		<-arrivals
		return pic.id
	}()
	l.Compose([]string{"gone"}, 80)
	deleted := func(s string) bool { return strings.Contains(s, kittyDelete(id)) }
	for range 50 { // the collector decides when
		runtime.GC()
		l.mu.Lock()
		l.sweep()
		l.mu.Unlock()
		out.mu.Lock()
		done := deleted(out.data.String())
		out.mu.Unlock()
		if done {
			return
		}
	}
	t.Error("never deleted")
}

func TestTheTerminalHoldsABoundedNumberOfPictures(t *testing.T) {
	t.Parallel()
	l, _, arrivals := start(t, caps.Terminal{Protocol: caps.Kitty})
	var keep []*Picture
	for i := range maxSent + 30 {
		pic, _ := pictureOf(t, l, 2, 1, color.NRGBA{uint8(i), uint8(i >> 8), 7, 255})
		keep = append(keep, pic)
		l.Compose(rowsOf(pic, ""), 80)
		<-arrivals
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sent) > maxSent {
		t.Errorf("%d pictures", len(l.sent))
	}
	if _, there := l.sent[keep[len(keep)-1].id]; !there {
		t.Error("the one that is visible is gone")
	}
}

func TestSixelIsPaintedOverAFrameThatStandsAndTakenAwayBeforeTheNext(t *testing.T) {
	t.Parallel()
	l, out, _ := start(t, caps.Terminal{Protocol: caps.Sixel, CellWidth: 8, CellHeight: 16})
	pic, img := pictureOf(t, l, 10, 4, color.White)
	rows := rowsOf(pic, "  ")
	frame := l.Compose(rows, 80)
	if strings.Contains(strings.Join(frame, ""), placeholder) {
		t.Error("marks reach a terminal that does not know them")
	}
	if _, err := l.Write([]byte("FRAME1")); err != nil {
		t.Fatal(err)
	}
	first := out.wait(t, func(s string) bool { return strings.Contains(s, "\x1b\\\x1b8") })
	before, painted, _ := strings.Cut(first, "\x1b7")
	if before != "FRAME1" || !strings.HasPrefix(painted, "\x1b[2;3H\x1bP") {
		t.Errorf("before %q, painted %.40q", before, painted)
	}
	sameColours(t, painted, img)
	// Scrolled by one row: what is under comes first, then the frame, then the rest of
	// the picture.
	l.Compose(append([]string{"title"}, rows[2:]...), 80)
	if _, err := l.Write([]byte("FRAME2")); err != nil {
		t.Fatal(err)
	}
	next := out.wait(t, func(s string) bool { return strings.Contains(s, "\x1b\\\x1b8") })
	mended, after, _ := strings.Cut(next, "FRAME2")
	e := vt.NewEmulator(80, 10)
	if _, err := e.WriteString(mended); err != nil {
		t.Fatal(err)
	}
	for r := range 4 {
		if c := e.CellAt(2, r+1); c == nil || c.Content != string(rune('a'+r)) {
			t.Errorf("row %d is not what the program believes: %+v in %q", r+1, c, mended)
		}
	}
	if !strings.Contains(after, "\x1b[2;3H\x1bP") || !strings.Contains(after, `"1;1;80;48`) {
		t.Errorf("not cropped to three rows: %.60q", after)
	}
}

// sameColours decodes a sixel and compares.
func sameColours(t *testing.T, painted string, want image.Image) {
	t.Helper()
	_, data, _ := strings.Cut(painted, "q")
	data, _, _ = strings.Cut(data, "\x1b\\")
	got, err := new(sixels.Decoder).Decode(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	off := 0
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			r, g, b, _ := want.At(x, y).RGBA()
			R, G, B, _ := got.At(x, y).RGBA()
			for _, d := range []int{int(r) - int(R), int(g) - int(G), int(b) - int(B)} {
				if d > 24<<8 || d < -(24<<8) {
					off++
				}
			}
		}
	}
	if off > 0 {
		t.Errorf("%d channels are far off", off)
	}
}

func TestAnOverlayIsPaintedAgainAfterTheScreenWasCleared(t *testing.T) {
	t.Parallel()
	l, out, _ := start(t, caps.Terminal{Protocol: caps.Sixel, CellWidth: 8, CellHeight: 16})
	pic, _ := pictureOf(t, l, 10, 4, color.White)
	l.Compose(rowsOf(pic, ""), 80)
	painted := func(s string) bool { return strings.Contains(s, "\x1b\\\x1b8") }
	out.wait(t, painted)
	if _, err := l.Write([]byte("\x1b[2J\x1b[H all again")); err != nil {
		t.Fatal(err)
	}
	out.wait(t, painted)
}

func TestITerm2GetsAFileOfTheVisiblePart(t *testing.T) {
	t.Parallel()
	l, out, _ := start(t, caps.Terminal{Protocol: caps.ITerm2, CellWidth: 8, CellHeight: 16})
	pic, _ := pictureOf(t, l, 10, 4, color.White)
	l.Compose(rowsOf(pic, "")[:3], 80) // two of its rows
	painted := out.wait(t, func(s string) bool { return strings.HasSuffix(s, "\a\x1b8") })
	args, data, ok := strings.Cut(painted, ":")
	if !ok || !strings.Contains(args, "inline=1") || !strings.Contains(args, "width=10;height=2") {
		t.Fatalf("got %.120q", painted)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(data, "\a\x1b8"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil || img.Bounds().Dy() != 32 {
		t.Errorf("got %v, %v", img.Bounds(), err)
	}
}

func TestAnEnlargedPictureFillsItsCells(t *testing.T) {
	t.Parallel()
	_, img := pictureOf(t, New(&tty{}, 1), 10, 4, color.White) // 80 x 64 pixels
	s := spot{pic: &Picture{cols: 30, rows: 12}, to: 30, row: 6, height: 6}
	part := s.part(img, 8, 16)
	if got := part.Bounds().Size(); got != image.Pt(240, 96) {
		t.Fatalf("size %v", got)
	}
	r, g, _, _ := img.At(40, 48).RGBA()
	if c := part.NRGBAAt(120, 48); max(int(c.R)-int(r>>8), int(r>>8)-int(c.R)) > 8 || max(int(c.G)-int(g>>8), int(g>>8)-int(c.G)) > 8 {
		t.Errorf("in the middle is %v, want about %d %d", c, r>>8, g>>8)
	}
}

func TestMarksSurviveCutting(t *testing.T) {
	t.Parallel()
	l, _, _ := start(t, caps.Terminal{Protocol: caps.Sixel})
	pic, _ := pictureOf(t, l, 10, 2, color.White)
	row := pic.Row(1)
	i := strings.LastIndex(row, placeholder)
	got := l.Compose([]string{row[:i] + "\x1b[m"}, 9)
	if want := "\x1b[31mbbbbbbbbb\x1b[m"; got[0] != want {
		t.Errorf("got %q, want %q", got[0], want)
	}
}

// Two hundred pictures under the window, a frame for each row of scrolling.
func BenchmarkScrollPast200Pictures(b *testing.B) {
	l := New(&tty{}, 1)
	l.SetTerminal(caps.Terminal{Protocol: caps.Kitty, CellWidth: 8, CellHeight: 16})
	var all []string
	var keep []*Picture
	for i := range 200 {
		pic, _ := pictureOf(b, l, 80, 20, color.NRGBA{uint8(i), 1, 1, 255})
		keep = append(keep, pic)
		all = append(all, rowsOf(pic, "       ")...)
		l.sent[pic.id] = sent{}
	}
	top := 0
	for b.Loop() {
		l.Compose(all[top:top+50], 120)
		top = (top + 1) % (len(all) - 50)
	}
	runtime.KeepAlive(keep)
}
