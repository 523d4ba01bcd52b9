package notebook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
	"nbterm/storage"
	"nbterm/tui/dialog"
	"nbterm/tui/list"
)

// What is an edit? The file is compared with the document three ways, with base
// between them: the file as it was when document and file last met, which is when it
// was read, saved or merged. An edit is what a person does: texts and kinds of cells,
// their order and number, metadata. Outputs and execution counts are none. They stream
// into the document of everyone who is attached to the host, can be made again, and
// are journalled by the host anyway; if they counted, a notebook with a running cell
// could never be reloaded, and of two people watching one run both would be asked
// about a conflict that neither has made. So a document is unsaved as soon as outputs
// came, and yet takes a changed file without a word; its outputs stay unless the file
// brings a new text for their cell.
//
// A change of the file is one of its content, by the store's revision; who touches a
// file says nothing. It is taken in at once:
//
//	document without edits    it becomes the file, keeping selection and scroll
//	edits of other cells      merged
//	edits of the same cell    asked, both texts in view; until then nothing is done,
//	                          and a save meets the change again by compare-and-swap
//
// The document stays the same object and cells keep their identity, so what runs,
// what is drawn, and undo of edits stay valid. Steps of undo that change the list of
// cells count positions: they are dropped when the merge changed the list.

// lookEvery is how often the file is looked at: a stat where the store is local.
const lookEvery = 2 * time.Second

// lookMsg says that it is time to look at the file, lookedMsg what was seen.
type lookMsg struct{ from *Screen }

type lookedMsg struct {
	from  *Screen
	saved uint64 // how often the document had met the file when the look began
	file  *notebook.Notebook
	state string // names what was seen; "" when it is the file we know
	rev   storage.Revision
	err   error
	save  bool // the file is read in order to save afterwards
}

// gone is the state of a file that is not there.
const gone = "gone"

// watch waits for the next look.
func (s *Screen) watch() tea.Cmd {
	every, ctx := s.Safety.LookEvery, s.ctx
	if every == 0 {
		every = lookEvery
	}
	return func() tea.Msg {
		pause := time.NewTimer(every)
		defer pause.Stop()
		select {
		case <-pause.C:
			return lookMsg{s}
		case <-ctx.Done():
			return nil
		}
	}
}

// look compares the file with what we know of it, and reads it when it is another.
func (s *Screen) look() tea.Cmd {
	if s.saving.running || s.saving.asking {
		return s.watch()
	}
	m := lookedMsg{from: s, saved: s.saving.met}
	store, path, ctx, was, refused := s.Store, s.Path, s.ctx, s.saving.was, s.saving.refused
	return func() tea.Msg {
		info, err := store.Stat(ctx, path)
		if err == nil && info.Revision != storage.None && (info.Revision == was || string(info.Revision) == refused) {
			return m
		}
		return read(ctx, store, path, was, m)
	}
}

// mergeAndSave reads the file that stood in the way of a save.
func (s *Screen) mergeAndSave() tea.Cmd {
	m := lookedMsg{from: s, saved: s.saving.met, save: true}
	store, path, ctx, was := s.Store, s.Path, s.ctx, s.saving.was
	s.saving.asking = true
	return func() tea.Msg { return read(ctx, store, path, was, m) }
}

// read reads a file that is not the one we know.
func read(ctx context.Context, store storage.Store, path string, was storage.Revision, m lookedMsg) tea.Msg {
	data, info, err := store.Read(ctx, path)
	switch {
	case errors.Is(err, storage.ErrNotExist):
		if was != storage.None {
			m.state = gone
		}
	case err != nil:
		m.state, m.err = err.Error(), err
	case info.Revision != was || m.save:
		m.state, m.rev = string(info.Revision), info.Revision
		m.file, m.err = notebook.Parse(data)
	}
	return m
}

// looked takes in what a look has seen. A file that is missing or no notebook is
// told when it is so twice: many programs write a file in two steps.
func (s *Screen) looked(m lookedMsg) tea.Cmd {
	again := s.watch()
	if m.save {
		again, s.saving.asking = nil, false
	}
	known := m.state == s.saving.seen
	s.saving.seen = m.state
	switch {
	case m.saved != s.saving.met || s.saving.running || s.saving.asking:
		s.saving.seen = "" // it was saved or merged meanwhile
	case m.file != nil && m.err == nil && (m.save || m.state != s.saving.refused):
		return tea.Batch(again, s.meet(m))
	case m.save:
		s.alarm(saveAlarm, "Not merged: "+s.trouble(m)+" Your edits are kept here.")
	case m.state != "" && known && m.state != s.saving.refused:
		s.saving.refused = m.state
		s.say(s.trouble(m))
	case m.state == "" && s.saving.refused == gone:
		s.saving.refused = "" // it is back
	}
	return again
}

// trouble says why the file cannot be taken in.
func (s *Screen) trouble(m lookedMsg) string {
	if m.state == gone {
		return s.Name + " was removed from disk; what you see is here only."
	}
	if m.rev != storage.None {
		return s.Name + " on disk is no longer a notebook: " + clean(m.err.Error()) + "."
	}
	return s.Name + " cannot be read any more: " + clean(m.err.Error()) + "."
}

// meet brings document and file together.
func (s *Screen) meet(m lookedMsg) tea.Cmd {
	s.commit()
	edited := merge.Edited(s.saving.base, s.Doc)
	s.saving.asking = true
	return s.resolve(&meeting{
		base: s.saving.base, mine: s.Doc, theirs: m.file, name: [2]string{"here", "on disk"},
		apply: func(r merge.Result, choices map[uint64]merge.Choice) tea.Cmd {
			s.saving.asking = false
			anew := s.remake(func() { s.saving.base = r.Apply(s.Doc, choices) })
			moved := s.moved(s.saving.was, m.rev)
			s.saving.was, s.saving.refused, s.saving.seen = m.rev, "", ""
			s.saving.met++
			if r.Kept == 0 && len(r.Conflicts) == 0 {
				s.saving.version = s.Doc.Version()
			}
			s.report(r, edited, anew)
			if m.save && s.Dirty() {
				return tea.Sequence(moved, s.save())
			}
			return tea.Batch(moved, s.secure())
		},
		refuse: func() tea.Cmd {
			s.saving.asking, s.saving.refused = false, m.state
			s.say("Nothing was changed here or on disk; saving asks again.")
			return nil
		},
	})
}

// report says what a merge did, if it shows.
func (s *Screen) report(r merge.Result, edited, anew bool) {
	text := ""
	partial := s.Partial
	s.Partial = false
	switch n := r.Taken + len(r.Conflicts); {
	case n == 0:
		return
	case partial:
		s.say("all " + plural(s.Doc.Len(), "cell") + " are here")
		return
	case edited:
		text = "merged " + plural(n, "cell") + " changed on disk"
	default:
		text = "reloaded: changed on disk"
	}
	if anew {
		text += " · undo begins anew, the list of cells is another"
	}
	s.say(text)
}

// remake runs a change of the whole document and keeps what the user looks at. It is
// true when steps of undo had to be dropped.
func (s *Screen) remake(change func()) (dropped bool) {
	before := s.keys(0, s.Doc.Len()-1)
	at, mark, top := s.sel.at, s.sel.mark, s.list.Top()
	change()
	if s.Doc.Len() == 0 {
		s.Doc.Insert(0, notebook.NewCell(notebook.Code, ""))
	}
	after := s.keys(0, s.Doc.Len()-1)
	if !slices.Equal(before, after) {
		dropped = len(s.history.undo)+len(s.history.redo) > 0
		s.history.undo, s.history.redo = nil, nil
	}
	s.view.lang = language(s.Doc)
	s.view.forget()
	s.reopen()
	s.sel = selection{s.find(before, at), s.find(before, mark)}
	from, to := s.sel.span()
	s.view.selected, s.view.current = [2]int{from, to}, s.sel.at
	s.layout()
	if s.size.w > 0 {
		s.list.SetTop(list.Pos{Item: s.find(before, top.Item), Row: top.Row})
	}
	return dropped
}

// safety takes the messages that are about edits and the file.
func (s *Screen) safety(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case keepMsg:
		if m.from == s {
			return s.secure()
		}
	case keptMsg:
		if m.from == s {
			s.kept(m)
		}
	case leftMsg:
		if m.from == s {
			return s.askLeft(m)
		}
	case lookMsg:
		if m.from == s {
			return s.look()
		}
	case lookedMsg:
		if m.from == s {
			return s.looked(m)
		}
	}
	return nil
}

// find gives the place of the cell that was at a position, or of the nearest before
// it that is still there.
func (s *Screen) find(before []uint64, at int) int {
	for i := min(at, len(before)-1); i >= 0; i-- {
		if n := s.Doc.Index(before[i]); n >= 0 {
			return n
		}
	}
	return 0
}

// reopen gives the editor the text that its cell has now.
func (s *Screen) reopen() {
	if s.view.ed == nil {
		return
	}
	i := s.Doc.Index(s.view.editing)
	if i < 0 {
		s.view.ed.SetFocused(false)
		s.view.ed, s.view.editing = nil, 0
		return
	}
	s.view.ed.SetValue(s.Doc.Cell(i).Source())
	s.typing.version, s.typing.differs = s.view.ed.Version(), false
}

// meeting is a merge that may have to ask.
type meeting struct {
	base, mine, theirs *notebook.Notebook
	name               [2]string // what mine and theirs are called
	choices            map[uint64]merge.Choice
	apply              func(merge.Result, map[uint64]merge.Choice) tea.Cmd
	refuse             func() tea.Cmd // the user decides nothing now; nothing was changed
}

// resolve asks about one conflict after the other and applies the merge in the end.
// It merges anew each time: outputs may have come meanwhile.
func (s *Screen) resolve(m *meeting) tea.Cmd {
	if m.choices == nil {
		m.choices = map[uint64]merge.Choice{}
	}
	r := merge.Merge(m.base, m.mine, m.theirs)
	for i, c := range r.Conflicts {
		if _, ok := m.choices[c.Key]; !ok {
			return dialog.Open(s.conflict(m, c, i, len(r.Conflicts)))
		}
	}
	return m.apply(r, m.choices)
}

// conflict is the question which of two texts of a cell to keep.
func (s *Screen) conflict(m *meeting, c merge.Conflict, i, of int) dialog.Dialog {
	choose := func(choice merge.Choice) func() tea.Cmd {
		return func() tea.Cmd {
			m.choices[c.Key] = choice
			return s.resolve(m)
		}
	}
	texts := [2]string{}
	where := 0
	heads := m.name
	for side, cell := range []*notebook.Cell{c.Mine, c.Theirs} {
		if cell == nil {
			heads[side] += " (deleted)"
			continue
		}
		texts[side] = cell.Source()
		if n := s.Doc.Index(cell.Key()); n >= 0 {
			where = n + 1
		}
	}
	title := "A cell was changed in both: " + m.name[0] + ", and " + m.name[1] + "."
	if where > 0 {
		title = fmt.Sprintf("Cell %d was changed in both: %s, and %s.", where, m.name[0], m.name[1])
	}
	if of > 1 {
		title += fmt.Sprintf(" (%d of %d)", i+1, of)
	}
	keys := []dialog.Option{
		{Key: "m", Text: keepText(c.Mine, m.name[0]), Do: choose(merge.Mine)},
		{Key: "t", Text: keepText(c.Theirs, m.name[1]), Do: choose(merge.Theirs)},
		{Key: "b", Text: "both, as two cells", Do: choose(merge.Both)},
		{Key: "esc", Text: "later", Do: m.refuse},
	}
	if c.Mine == nil || c.Theirs == nil {
		keys = slices.Delete(keys, 2, 3)
	}
	d := &dialog.Compare{Title: title, Heads: heads, Options: keys}
	for _, l := range merge.Lines(texts[0], texts[1]) {
		if l.InA != l.InB && (l.InA && c.Mine == nil || l.InB && c.Theirs == nil) {
			continue // the empty line of a text that is not there
		}
		d.Lines = append(d.Lines, dialog.Line{Text: untab(l.Text), Left: l.InA, Right: l.InB})
	}
	return d
}

func keepText(c *notebook.Cell, name string) string {
	switch {
	case c == nil:
		return "delete it"
	case name == "here":
		return "mine, here"
	case name == "on disk":
		return "theirs, on disk"
	}
	return name
}
