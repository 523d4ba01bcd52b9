package browser

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/dialog"
)

// work is the one thing that is being done to files.
type work struct {
	what     string // "copying"
	name     string // the entry in hand
	at, of   int    // entries
	done     int64  // bytes of the entry in hand
	total    int64
	begun    time.Time
	cancel   context.CancelFunc // nil where nothing is done
	heard    chan progressed
	undoings []undoing // latest last
}

// undoing is how something that was done is taken back.
type undoing struct {
	what string
	do   func(context.Context) error
}

// line says how far the work is.
func (w work) line(now time.Time) string {
	text := w.what + " " + clean(w.name)
	if w.of > 1 {
		text += fmt.Sprintf("  %d of %d", w.at+1, w.of)
	}
	if w.total > 0 {
		text += fmt.Sprintf("  %d %% of %s", w.done*100/w.total, size(w.total))
		if took := now.Sub(w.begun); took > time.Second && w.done > 0 {
			text += fmt.Sprintf("  %s/s", size(int64(float64(w.done)/took.Seconds())))
		}
	}
	return text + " · esc stops"
}

// progressed tells how far the work is; it may come late and is then dropped.
type progressed struct {
	name        string
	at          int
	done, total int64
}

// worked is the end of the work.
type worked struct {
	what string
	n    int // entries done
	err  error
	undo *undoing
	dirs []string // folders that are to be listed anew
}

// start does one thing after another to entries, off the program's goroutine. each
// gives how it is taken back, or nil.
func (s *Screen) start(what string, entries []Entry, dirs []string, each func(context.Context, Entry, func(done, total int64)) (func(context.Context) error, error)) tea.Cmd {
	ctx, cancel := context.WithCancel(s.ctx)
	heard := make(chan progressed, 1)
	s.work.what, s.work.name, s.work.at, s.work.of = what, entries[0].Name, 0, len(entries)
	s.work.done, s.work.total, s.work.begun, s.work.cancel, s.work.heard = 0, 0, s.Now(), cancel, heard
	run := func() tea.Msg {
		defer cancel()
		defer close(heard)
		var undos []func(context.Context) error
		end := worked{what: what, dirs: dirs}
		for i, e := range entries {
			tell(heard, progressed{name: e.Name, at: i, total: e.Size})
			undo, err := each(ctx, e, func(done, total int64) { tell(heard, progressed{e.Name, i, done, total}) })
			if undo != nil {
				undos = append(undos, undo)
			}
			if err != nil {
				end.err = err
				break
			}
			end.n++
		}
		if len(undos) > 0 {
			end.undo = &undoing{what: what, do: backwards(undos)}
		}
		return end
	}
	return tea.Batch(run, listen(heard))
}

// backwards takes back the last first.
func backwards(undos []func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		var errs []error
		for i := len(undos) - 1; i >= 0; i-- {
			errs = append(errs, undos[i](ctx))
		}
		return errors.Join(errs...)
	}
}

// tell puts the newest progress in the place of an older one that nobody heard.
func tell(heard chan progressed, p progressed) {
	select {
	case <-heard:
	default:
	}
	select {
	case heard <- p:
	default: // another part of the same transfer was quicker
	}
}

// frame is how often progress is shown.
const frame = 100 * time.Millisecond

func listen(heard chan progressed) tea.Cmd {
	return tea.Tick(frame, func(time.Time) tea.Msg {
		p, ok := <-heard
		if !ok {
			return nil
		}
		return p
	})
}

func (s *Screen) takeProgress(p progressed) tea.Cmd {
	if s.work.cancel == nil {
		return nil
	}
	s.work.name, s.work.at, s.work.done, s.work.total = p.name, p.at, p.done, p.total
	return listen(s.work.heard)
}

func (s *Screen) takeWorked(m worked) tea.Cmd {
	s.work.cancel = nil
	switch {
	case errors.Is(m.err, context.Canceled):
		s.notice = notice{text: fmt.Sprintf("stopped %s after %s; do it again to go on", m.what, plural(m.n, "file"))}
	case m.err != nil:
		s.notice = notice{text: clean(strings.ReplaceAll(m.err.Error(), "\n", "; ")), loud: true}
	default:
		clear(s.tree.marked)
		s.notice = notice{text: m.what + " is done"}
		if m.undo != nil {
			s.notice.text += " · z takes it back"
		}
	}
	if m.undo != nil {
		s.work.undoings = append(s.work.undoings, *m.undo)
	}
	var cmds []tea.Cmd
	slices.Sort(m.dirs)
	for _, d := range slices.Compact(m.dirs) {
		if n := s.tree.find(d); n != nil && n.open {
			cmds = append(cmds, s.list(n))
		}
	}
	return tea.Batch(cmds...)
}

// busy says why nothing can be begun now.
func (s *Screen) busy() string {
	if s.work.cancel != nil {
		return "something is being done already; esc stops it"
	}
	return ""
}

// chosen is what an action is for: what is marked, else what the cursor is on.
func (s *Screen) chosen() []Entry {
	var marked []Entry
	for _, n := range s.tree.rows {
		if len(marked) == len(s.tree.marked) {
			break
		}
		if s.tree.marked[n.URL] {
			marked = append(marked, n.Entry)
		}
	}
	if len(marked) > 0 {
		return marked
	}
	if n := s.tree.current(); n != nil && n.parent != nil {
		return []Entry{n.Entry}
	}
	return nil
}

// dirsOf are the folders that entries are in.
func (s *Screen) dirsOf(entries []Entry) []string {
	var dirs []string
	seen := map[string]bool{}
	for _, e := range entries {
		if n := s.tree.find(e.URL); n != nil && n.parent != nil && !seen[n.parent.URL] {
			seen[n.parent.URL] = true
			dirs = append(dirs, n.parent.URL)
		}
	}
	return dirs
}

func (s *Screen) askTransfer(verb string, move bool) tea.Cmd {
	entries, dir := s.chosen(), s.around()
	return s.ask(verb+" "+names(entries)+" to ", strings.TrimRight(s.Namer.Short(dir), "/")+"/", prompt{
		enter: func(s *Screen, to string) tea.Cmd { return s.transfer(entries, dir, strings.TrimSpace(to), move) },
	})
}

// transfer copies or moves entries to what was typed: into it where it is a folder,
// or ends in a slash, or there are several; else under that name. What is no whole
// address is a name in dir.
func (s *Screen) transfer(entries []Entry, dir, to string, move bool) tea.Cmd {
	if to == "" {
		return nil
	}
	into := strings.HasSuffix(to, "/") || len(entries) > 1
	dest := s.Namer.Long(dir, to)
	if n := s.tree.find(dest); n != nil && n.Dir {
		into = true
	}
	what := "copying"
	if move {
		what = "moving"
	}
	dirs := append(s.dirsOf(entries), dest)
	if up, ok := s.Namer.Parent(dest); ok {
		dirs = append(dirs, up)
	}
	return s.start(what, entries, dirs, func(ctx context.Context, e Entry, report func(done, total int64)) (func(context.Context) error, error) {
		target := dest
		if into {
			target = s.Namer.Join(dest, e.Name)
		}
		if !move {
			had, err := s.Writer.Has(ctx, target)
			if err != nil {
				return nil, err
			}
			if err := s.Writer.Copy(ctx, e.URL, target, report); err != nil {
				return nil, err
			}
			if had { // a folder that was added to, or a copy that went on: not all of it is ours
				return nil, nil
			}
			return func(ctx context.Context) error { _, err := s.Writer.Remove(ctx, target); return err }, nil
		}
		if err := s.Writer.Move(ctx, e.URL, target, report); err != nil {
			return nil, err
		}
		return func(ctx context.Context) error {
			return s.Writer.Move(ctx, target, e.URL, func(int64, int64) {})
		}, nil
	})
}

// around is the folder that an action is in: of a folder under the cursor that is
// closed, the one it stands in.
func (s *Screen) around() string {
	n := s.tree.current()
	if n != nil && n.parent != nil && !n.open {
		return n.parent.URL
	}
	return s.folder()
}

func (s *Screen) askRename() tea.Cmd {
	n := s.tree.current()
	e, dir := n.Entry, n.parent.URL
	return s.ask("rename to ", e.Name, prompt{enter: func(s *Screen, name string) tea.Cmd {
		name = strings.TrimSpace(name)
		if name == "" || name == e.Name {
			return nil
		}
		if strings.Contains(name, "/") {
			s.notice = notice{text: "a name has no slash in it; m moves to another folder", loud: true}
			return nil
		}
		target := s.Namer.Join(dir, name)
		return s.start("renaming", []Entry{e}, []string{dir}, func(ctx context.Context, e Entry, report func(done, total int64)) (func(context.Context) error, error) {
			if err := s.Writer.Move(ctx, e.URL, target, report); err != nil {
				return nil, err
			}
			return func(ctx context.Context) error {
				return s.Writer.Move(ctx, target, e.URL, func(int64, int64) {})
			}, nil
		})
	}})
}

func (s *Screen) askDelete() tea.Cmd {
	entries := s.chosen()
	body := ""
	for _, e := range entries {
		if !s.Writer.Keeps(e.URL) {
			body = "This is for good: there is no wastebasket there."
		}
	}
	for _, e := range entries {
		if s.live[e.URL] != "" {
			body = strings.TrimSpace(body + " A kernel runs for " + clean(e.Name) + "; it goes on.")
		}
	}
	remove := func() tea.Cmd {
		return s.start("deleting", entries, s.dirsOf(entries), func(ctx context.Context, e Entry, _ func(done, total int64)) (func(context.Context) error, error) {
			return s.Writer.Remove(ctx, e.URL)
		})
	}
	return dialog.Open(dialog.Choice{
		Title: "Delete " + names(entries) + "?", Body: body,
		Options: []dialog.Option{{Key: "D", Text: "delete", Do: remove}, {Key: "esc", Text: "keep"}},
	})
}

// names says what entries are meant, in few words.
func names(entries []Entry) string {
	if len(entries) == 1 {
		return clean(entries[0].Name)
	}
	return thousands(len(entries)) + " entries"
}

func (s *Screen) askNew(label string, makeIt func(context.Context, string) error, suffix string) tea.Cmd {
	dir := s.folder()
	return s.ask(label, "", prompt{enter: func(s *Screen, name string) tea.Cmd {
		name = strings.TrimSpace(name)
		if name == "" {
			return nil
		}
		if suffix != "" && !strings.HasSuffix(name, suffix) {
			name += suffix
		}
		e := Entry{Name: name, URL: s.Namer.Join(dir, name)}
		return s.start("making", []Entry{e}, []string{dir}, func(ctx context.Context, e Entry, _ func(done, total int64)) (func(context.Context) error, error) {
			if err := makeIt(ctx, e.URL); err != nil {
				return nil, err
			}
			return func(ctx context.Context) error { _, err := s.Writer.Remove(ctx, e.URL); return err }, nil
		})
	}})
}

// undo takes the last change back.
func (s *Screen) undo() tea.Cmd {
	n := len(s.work.undoings)
	u := s.work.undoings[n-1]
	s.work.undoings = s.work.undoings[:n-1]
	dirs := s.openDirs()
	return s.start("taking back "+u.what, []Entry{{}}, dirs, func(ctx context.Context, _ Entry, _ func(done, total int64)) (func(context.Context) error, error) {
		return nil, u.do(ctx)
	})
}

// openDirs are all folders that are shown open.
func (s *Screen) openDirs() []string {
	var dirs []string
	for _, n := range s.tree.rows {
		if n.Dir && n.open {
			dirs = append(dirs, n.URL)
		}
	}
	return dirs
}
