package notebook

import (
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
	"nbterm/engine/recovery"
	"nbterm/storage"
	"nbterm/tui/dialog"
)

// Safety is how a screen looks after edits that are not saved.
type Safety struct {
	Keeper *recovery.Keeper  // where they are kept; nil keeps none
	Left   []*recovery.Found // what earlier programs left of this notebook
	// KeepAfter is how soon after a change edits are on disk, not counting the disk's
	// own time; 0 is a third of a second.
	KeepAfter time.Duration
	// LookEvery is how often the file is looked at for changes by others; 0 is every
	// two seconds.
	LookEvery time.Duration
}

// keepAfter and the writing itself together stay well below a second.
const keepAfter = time.Second / 3

// keeping is where the edits on disk stand against the document.
type keeping struct {
	stamp    stamp // of what was given to the keeper last
	count    uint64
	waiting  bool              // for keepMsg or keptMsg
	took     time.Duration     // how long the last writing took
	restored []*recovery.Found // taken over: to be removed once what they held is kept
	over     bool              // the user has let the edits go
	failed   bool              // and was told so
}

// stamp names a state of all that a person can edit. It is cheap to make, for it is
// made after every message; that two stamps differ does not prove an edit.
type stamp struct {
	edits   uint64 // changes of cells, undone ones included
	editing uint64
	typed   uint64 // version of the text in the editor
	base    storage.Revision
}

func (s *Screen) stamp() stamp {
	st := stamp{edits: s.history.count, base: s.saving.was}
	if s.view.ed != nil {
		st.editing, st.typed = s.view.editing, s.view.ed.Version()
	}
	return st
}

// keepMsg says that it is time to keep what was edited; keptMsg that it is on disk.
type keepMsg struct{ from *Screen }

type keptMsg struct {
	from *Screen
	took time.Duration
	err  error
}

// guard sees to it that edits are on disk within a second of the first.
func (s *Screen) guard() tea.Cmd {
	k := &s.keeping
	if s.Safety.Keeper == nil || k.waiting || k.over || k.stamp == s.stamp() {
		return nil
	}
	k.waiting = true
	wait := s.Safety.KeepAfter
	if wait == 0 {
		wait = keepAfter
	}
	// What was typed during a long writing has waited already.
	return tea.Tick(max(wait-k.took, time.Millisecond), func(time.Time) tea.Msg { return keepMsg{s} })
}

// secure hands the edits to the keeper.
func (s *Screen) secure() tea.Cmd {
	if s.Safety.Keeper == nil || s.keeping.over {
		return nil
	}
	write := s.keepEdits()
	s.keeping.waiting = true
	return func() tea.Msg {
		began := time.Now()
		err := write()
		return keptMsg{s, time.Since(began), err}
	}
}

// keepEdits takes the document as it is now, with what is being typed, and returns what
// writes it; where nothing is edited that takes away what was kept. Outputs alone
// are no reason to write: the kernel's host has them.
func (s *Screen) keepEdits() (write func() error) {
	s.keeping.count++
	s.keeping.stamp = s.stamp()
	n, base, was, doc := s.keeping.count, s.saving.base, s.saving.was, s.Doc.Clone()
	if i := doc.Index(s.view.editing); s.view.ed != nil && i >= 0 {
		doc.Replace(i, doc.Cell(i).WithSource(s.view.ed.Value()))
	}
	keeper, restored := s.Safety.Keeper, s.keeping.restored
	s.keeping.restored = nil
	return func() error {
		var err error
		if merge.Edited(base, doc) {
			err = keeper.Write(n, string(was), base, doc)
		} else {
			err = keeper.Remove(n)
		}
		if err != nil {
			return err
		}
		for _, f := range restored {
			err = errors.Join(err, f.Remove())
		}
		return err
	}
}

func (s *Screen) kept(m keptMsg) {
	k := &s.keeping
	k.waiting, k.took = false, m.took
	if m.err == nil {
		k.failed = false
		return
	}
	k.stamp = stamp{} // to be tried again
	if !k.failed {
		k.failed = true
		s.say("Unsaved edits would not survive a crash: " + clean(m.err.Error()) + ".")
	}
}

// Keep keeps what is not saved for the next program. It is for the end of this one,
// when nothing else uses the screen any more.
func (s *Screen) Keep() error {
	if s.Safety.Keeper == nil {
		return nil
	}
	if w := s.saving.writing; s.saving.running && w != nil {
		w.mu.Lock() // a save that is under way comes to its end
		if w.doc != nil {
			s.saving.base, s.saving.was = w.doc, w.rev
		}
		w.mu.Unlock()
	}
	var err error
	if !s.keeping.over {
		err = s.keepEdits()()
	}
	for _, f := range s.Safety.Left {
		err = errors.Join(err, f.Close())
	}
	return errors.Join(err, s.Safety.Keeper.Close())
}

// letGo takes the edits away that are on disk.
func (s *Screen) letGo() tea.Cmd {
	if s.Safety.Keeper == nil {
		return nil
	}
	s.keeping.over = true
	s.keeping.count++
	n, keeper := s.keeping.count, s.Safety.Keeper
	return func() tea.Msg { return doneMsg{s, "remove the copy of your unsaved edits", keeper.Remove(n)} }
}

// leftMsg brings edits that an earlier program left.
type leftMsg struct {
	from *Screen
	left left
	err  error
}

// left are such edits, read.
type left struct {
	found     *recovery.Found
	revision  storage.Revision
	base, doc *notebook.Notebook
}

// recall reads what earlier programs left, the latest first.
func (s *Screen) recall() tea.Cmd {
	if len(s.Safety.Left) == 0 {
		return nil
	}
	found := s.Safety.Left[0]
	s.Safety.Left = s.Safety.Left[1:]
	return func() tea.Msg {
		l := left{found: found}
		e, err := found.Read()
		if err == nil {
			l.doc, err = notebook.Parse(e.Doc)
		}
		if err != nil {
			return leftMsg{s, l, err}
		}
		l.revision = storage.Revision(e.Revision)
		if l.base, err = notebook.Parse(e.Base); err != nil {
			l.base = notebook.New("", "", "") // cells are found by what they are
		}
		return leftMsg{s, l, nil}
	}
}

// askLeft asks what is to become of edits that were left; where the file says the same
// there is nothing to ask.
func (s *Screen) askLeft(m leftMsg) tea.Cmd {
	if m.err != nil {
		s.say("Unsaved edits of an earlier session cannot be read: " + clean(m.err.Error()) + ".")
		return tea.Batch(closing(s, m.left.found), s.recall())
	}
	l := m.left
	if !merge.Edited(s.Doc, l.doc) {
		return tea.Batch(s.forget(l), s.recall())
	}
	changes := merge.Diff(s.Doc, s.preview(l))
	body := fmt.Sprintf("nbterm ended on %s without saving them. %s.", l.found.Time.In(s.Now().Location()).Format("Jan 2 at 15:04"), differ(len(changes)))
	if l.revision != s.saving.was {
		body += " The file was changed since; they are merged cell by cell."
	}
	s.saving.asking = true
	ask := &dialog.Choice{Title: "There are unsaved edits of " + s.Name + ".", Body: body}
	view := func() tea.Cmd { // the question stays below
		text := &dialog.Text{Title: "- in the file  + in the unsaved edits · j k scroll · esc closes", Lines: s.differences(changes)}
		return tea.Sequence(dialog.Open(ask), dialog.Open(text))
	}
	ask.Options = []dialog.Option{
		{Key: "r", Text: "restore them", Do: func() tea.Cmd { return s.restore(l) }},
		{Key: "v", Text: "view what differs", Do: view},
		{Key: "d", Text: "discard them", Do: func() tea.Cmd { return s.answered(s.forget(l)) }},
		{Key: "esc", Text: "decide at the next opening", Do: func() tea.Cmd { return s.answered(closing(s, l.found)) }},
	}
	return dialog.Open(ask)
}

func differ(cells int) string {
	if cells == 1 {
		return "1 cell differs"
	}
	return plural(cells, "cell") + " differ"
}

// answered goes on after a question about the file.
func (s *Screen) answered(cmd tea.Cmd) tea.Cmd {
	s.saving.asking = false
	return tea.Batch(cmd, s.recall())
}

// forget deletes edits that were left.
func (s *Screen) forget(l left) tea.Cmd {
	return func() tea.Msg { return doneMsg{s, "remove unsaved edits", l.found.Remove()} }
}

func closing(s *Screen, f *recovery.Found) tea.Cmd {
	return func() tea.Msg { return doneMsg{s, "leave unsaved edits where they are", f.Close()} }
}

// restore merges edits that were left into the document, which is then unsaved.
func (s *Screen) restore(l left) tea.Cmd {
	return s.resolve(&meeting{
		base: l.base, mine: l.doc, theirs: s.Doc, name: [2]string{"unsaved edits", "the file"},
		apply: func(r merge.Result, choices map[uint64]merge.Choice) tea.Cmd {
			s.remake(func() { r.Apply(s.Doc, choices) })
			s.history.count++
			s.keeping.restored = append(s.keeping.restored, l.found)
			s.say("Restored " + plural(r.Kept+len(r.Conflicts), "cell") + " of unsaved edits.")
			return s.answered(s.secure())
		},
		refuse: func() tea.Cmd { return s.answered(closing(s, l.found)) },
	})
}

// preview is the document as it would be with the edits.
func (s *Screen) preview(l left) *notebook.Notebook {
	doc := s.Doc.Clone()
	merge.Merge(l.base, l.doc, doc).Apply(doc, nil)
	return doc
}

// differences shows cells before and after, by lines.
func (s *Screen) differences(changes []merge.Pair) []string {
	var rows []string
	for _, p := range changes {
		var a, b, head string
		switch {
		case p.A == nil:
			b, head = p.B.Source(), "a new cell"
		case p.B == nil:
			a, head = p.A.Source(), fmt.Sprintf("cell %d, deleted", s.Doc.Index(p.A.Key())+1)
		default:
			a, b, head = p.A.Source(), p.B.Source(), fmt.Sprintf("cell %d", s.Doc.Index(p.A.Key())+1)
		}
		rows = append(rows, s.Theme.Accent(head))
		for _, line := range merge.Lines(a, b) {
			text := untab(line.Text)
			switch {
			case line.InA && line.InB:
				rows = append(rows, s.Theme.Muted("  "+text))
			case line.InA && p.A != nil:
				rows = append(rows, s.Theme.Failed("- "+text))
			case line.InB && p.B != nil:
				rows = append(rows, s.Theme.Ok("+ "+text))
			}
		}
		rows = append(rows, "")
	}
	return rows
}

// untab makes a line of source fit for the screen.
func untab(line string) string { return clean(strings.ReplaceAll(line, "\t", "    ")) }
