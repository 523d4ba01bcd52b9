package sessions_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nbterm/engine/host/roster"
	"nbterm/tui"
	"nbterm/tui/keymap"
	"nbterm/tui/screen"
	"nbterm/tui/sessions"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

// noon stands still.
func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// house is what the screen asks.
type house struct {
	mu    sync.Mutex
	all   []roster.Session
	fails error // of List
	deaf  error // of what is asked of one
	asked []string
	opens []screen.Target
	lists int
}

func (h *house) list(context.Context) ([]roster.Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lists++
	return append([]roster.Session(nil), h.all...), h.fails
}

func (h *house) note(what string) func(context.Context, string) error {
	return func(_ context.Context, id string) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.asked = append(h.asked, what+" "+id)
		return h.deaf
	}
}

func (h *house) set(do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	do()
}

// three sessions as people have them.
func three() []roster.Session {
	return []roster.Session{
		{
			ID: "3f2a11", Notebook: "/home/k/notebooks/report.ipynb", Kernel: "python3", Here: true, State: "busy", PID: 4711,
			Cell: &roster.Cell{Index: 6, Line: "for d in tqdm(days):\x1b[2J"}, Queued: 2, Clients: 1, Memory: 1_230_000_000, CPU: 74.2, Started: noon().Add(-4 * time.Minute),
		},
		{
			ID: "77b0c2", Notebook: "s3://team/notebooks/churn.ipynb", Kernel: "ir", Here: true, State: "idle", PID: 4712,
			Memory: 84_000_000, CPU: 0.2, Started: noon().Add(-26 * time.Hour), Server: "http://hub.example/user/k", Away: "connection refused",
		},
		{ID: "90aa01", Spare: true, Kernel: "python3", Here: true, State: "idle", PID: 4713, Memory: 52_000_000, Started: noon().Add(-30 * time.Second)},
		{ID: "c0ffee", Notebook: "/home/k/notebooks/audit.ipynb", Kernel: "python3", State: roster.Elsewhere, Machine: "devbox-7", Started: noon().Add(-3 * time.Hour)},
	}
}

// show runs the screen on house h.
func show(t *testing.T, h *house, width, height int) *tuitest.Terminal {
	t.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := sessions.New(sessions.Deps{
		List: h.list, Interrupt: h.note("interrupt"), Restart: h.note("restart"),
		Kill:  func(ctx context.Context, id string) (string, error) { return "~/report.ipynb", h.note("kill")(ctx, id) },
		Tilde: func(path string) string { return strings.Replace(path, "/home/k/", "~/", 1) },
		Every: time.Millisecond, Keys: keys, Theme: theme.New(true), Now: noon,
	})
	app := tui.New(s, tui.Options{Theme: "dark", Mouse: true, Open: func(_ context.Context, t screen.Target) (screen.Screen, error) {
		h.set(func() { h.opens = append(h.opens, t) })
		return nil, errors.New("opened " + t.Path)
	}})
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return tuitest.Start(t, app, width, height)
}

func see(term *tuitest.Terminal, texts ...string) {
	term.WaitFor(fmt.Sprintf("%q", texts), func(s string) bool {
		for _, x := range texts {
			if !strings.Contains(s, x) {
				return false
			}
		}
		return true
	})
}

func TestTheSessionsLookAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}, {40, 12}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			t.Parallel()
			term := show(t, &house{all: three()}, size.w, size.h)
			see(term, "report.ipynb")
			term.Golden(fmt.Sprintf("sessions-%dx%d", size.w, size.h))
		})
	}
}

func TestTheListIsRefreshedAndTheSelectionStays(t *testing.T) {
	t.Parallel()
	h := &house{all: three()}
	term := show(t, h, 80, 24)
	see(term, "report.ipynb")
	term.Type("j")
	see(term, "session 77b0c2")
	h.set(func() {
		h.all = append([]roster.Session{{ID: "new", Notebook: "/home/k/new.ipynb", Here: true, State: "starting", Started: noon()}}, h.all...)
	})
	see(term, "new.ipynb", "session 77b0c2")
	h.set(func() { h.all = h.all[:1] })
	see(term, "session new")
	h.set(func() { h.all = nil })
	see(term, "No kernel is running.")
	h.set(func() { h.fails = errors.New("the disk is\x1b[2J gone") })
	see(term, "The sessions cannot be listed: the disk is^[[2J gone.")
}

func TestASessionIsOpenedWhereItRuns(t *testing.T) {
	t.Parallel()
	h := &house{all: three()}
	term := show(t, h, 80, 24)
	see(term, "report.ipynb")
	term.Type("enter")
	see(term, "opened /home/k/notebooks/report.ipynb")
	term.Type("esc", "j", "v")
	see(term, "opened s3://team/notebooks/churn.ipynb")
	want := []screen.Target{
		{Kind: screen.Notebook, Path: "/home/k/notebooks/report.ipynb", Cell: 7},
		{Kind: screen.Notebook, Path: "s3://team/notebooks/churn.ipynb", ReadOnly: true},
	}
	if fmt.Sprint(h.opens) != fmt.Sprint(want) {
		t.Errorf("opened %v, want %v", h.opens, want)
	}
}

func TestKernelsAreInterruptedRestartedAndEndedAfterOneQuestion(t *testing.T) {
	t.Parallel()
	h := &house{all: three()}
	term := show(t, h, 80, 24)
	see(term, "report.ipynb")
	term.Type("i")
	see(term, "Interrupted.")
	term.Type("K")
	see(term, "End the kernel of ~/notebooks/report.ipynb?")
	term.Type("esc", "r")
	see(term, "Restart the kernel of ~/notebooks/report.ipynb?")
	term.Type("y")
	see(term, "The kernel starts anew.")
	term.Type("K")
	see(term, "End the kernel")
	term.Type("y")
	see(term, "its outputs are saved in ~/report.ipynb.")
	h.set(func() { h.deaf = errors.New("it does not listen") })
	term.Type("K")
	see(term, "End the kernel")
	term.Type("y")
	see(term, "it does not listen")
	if got := strings.Join(h.asked, ", "); got != "interrupt 3f2a11, restart 3f2a11, kill 3f2a11, kill 3f2a11" {
		t.Errorf("asked were %s", got)
	}
}

func TestWhatCannotBeDoneSaysWhy(t *testing.T) {
	t.Parallel()
	h := &house{all: three()}
	term := show(t, h, 80, 24)
	see(term, "report.ipynb")
	for _, c := range []struct{ key, move, why string }{
		{"i", "j", "Not now: nothing is running."},
		{"enter", "j", "Not now: it waits for a notebook and has none yet."},
		{"enter", "j", "Not now: it runs on devbox-7."},
		{"K", "", "Not now: it runs on devbox-7."},
	} {
		if c.move != "" {
			term.Type(c.move)
		}
		term.Type(c.key)
		see(term, c.why)
	}
	term.Type(":")
	see(term, "end the kernel", "it runs on devbox-7", "find")
	term.Type("esc", "?")
	see(term, "Keys of the sessions", "interrupt the kernel")
	if len(h.asked) > 0 || len(h.opens) > 0 {
		t.Errorf("asked %q, opened %v", h.asked, h.opens)
	}
}

func TestFindingNarrowsTheListAndEscGoesBack(t *testing.T) {
	t.Parallel()
	h := &house{all: three()}
	term := show(t, h, 80, 24)
	see(term, "report.ipynb")
	term.Type("/", "aud")
	see(term, "session c0ffee", "/ aud")
	term.WaitFor("the others to go", func(s string) bool { return !strings.Contains(s, "report.ipynb") })
	if _, y, shown := term.Cursor(); y != 21 || !shown {
		t.Errorf("the cursor is in row %d, shown %v", y, shown)
	}
	term.Type("enter", "q")
	term.WaitEnd()
	if h.lists == 0 {
		t.Error("nothing was listed")
	}
}

func TestEscForgetsTheSearchFirst(t *testing.T) {
	t.Parallel()
	term := show(t, &house{all: three()}, 80, 24)
	see(term, "report.ipynb")
	term.Type("/", "zzz")
	see(term, "no session is called that")
	term.Type("enter", "esc")
	see(term, "report.ipynb")
	term.Type("esc")
	term.WaitEnd()
}
