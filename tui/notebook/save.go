package notebook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/storage"
	"nbterm/tui/dialog"
	"nbterm/tui/screen"
)

// saving is where the document stands against the file.
type saving struct {
	was     storage.Revision // revision of the file that our document came from
	version uint64           // document version that is in the file
	running bool             // a save is under way
	writing *written         // what it has come to
	again   bool             // and another was asked for meanwhile
	upgrade bool             // the user agreed to a newer format
	quit    bool             // close once saved
	at      time.Time        // of the last save

	base    *notebook.Notebook // the document as it is in the file
	met     uint64             // counts how often document and file became the same
	asking  bool               // a question about the file is open
	seen    string             // state of the file at the last look, see lookedMsg
	refused string             // state that was told or asked about and is left alone
}

// savedMsg is the end of a save.
type savedMsg struct {
	from    *Screen
	version uint64
	doc     *notebook.Notebook // what was written
	mark    host.Mark          // to be set, with the revision that was written
	info    storage.Info
	err     error
}

// save writes the document if nobody else has written the file meanwhile.
func (s *Screen) save() tea.Cmd {
	s.commit()
	if s.saving.running {
		s.saving.again = true
		return nil
	}
	if s.Doc.Upgraded() && s.Dirty() && !s.saving.upgrade {
		return s.askUpgrade()
	}
	s.saving.running = true
	return s.write(s.saving.was)
}

// askUpgrade asks once before a file of nbformat 2 or 3 becomes one of 4: there is
// no writing back what was edited in the old form.
func (s *Screen) askUpgrade() tea.Cmd {
	return dialog.Open(dialog.Choice{
		Title: s.Name + " is of an old format, nbformat 3 or older.",
		Body:  "It is shown upgraded; saving writes it as nbformat 4.5. Nothing has been written.",
		Options: []dialog.Option{
			{Key: "u", Text: "upgrade the file", Do: func() tea.Cmd { s.saving.upgrade = true; return s.save() }},
			{Key: "c", Text: "save an upgraded copy beside it", Do: s.saveCopy},
			{Key: "esc", Text: "neither: go on editing", Do: func() tea.Cmd { s.saving.quit = false; return nil }},
		},
	})
}

func (s *Screen) write(was storage.Revision) tea.Cmd {
	doc, data, version, mark := s.Doc.Clone(), s.Doc.Bytes(), s.Doc.Version(), s.ses.Mark("")
	store, path, ctx, intend := s.Store, s.Path, s.ctx, s.intend(mark, data)
	w := &written{}
	s.saving.writing = w
	return func() tea.Msg {
		intend()
		w.mu.Lock()
		defer w.mu.Unlock()
		info, err := store.Write(context.WithoutCancel(ctx), path, data, was)
		if err == nil {
			w.doc, w.rev = doc, info.Revision
		}
		return savedMsg{s, version, doc, mark, info, err}
	}
}

// written is what a save has brought to the file, known before the screen hears of it:
// the program may end in between.
type written struct {
	mu  sync.Mutex         // held while the file is written
	doc *notebook.Notebook // nil before it is written
	rev storage.Revision
}

func (s *Screen) saved(m savedMsg) tea.Cmd {
	s.saving.running = false
	again := s.saving.again
	s.saving.again = false
	if m.err != nil {
		s.saving.quit = false
		if m.info.Revision != storage.None {
			s.saving.was = m.info.Revision // the bytes are in place, if perhaps not durably
			s.saving.base = m.doc
		}
		if errors.Is(m.err, storage.ErrConflict) || errors.Is(m.err, storage.ErrExist) {
			return s.askConflict(m.err)
		}
		s.alarm(saveAlarm, "Not saved: "+clean(m.err.Error())+". Your edits are kept here; save again when it is mended.")
		return nil
	}
	s.saving.was, s.saving.version, s.saving.at = m.info.Revision, m.version, s.Now()
	s.saving.base, s.saving.refused = m.doc, ""
	s.saving.met++
	s.alarm(saveAlarm, "")
	m.mark.Revision = string(m.info.Revision)
	marked := tea.Sequence(s.secure(), s.setMark(m.mark))
	switch {
	case again && s.Dirty():
		return tea.Batch(marked, s.save())
	case s.saving.quit && !s.Dirty():
		return tea.Sequence(marked, screen.Done)
	}
	return marked
}

// setMark has the host remember how much of its events the file holds.
func (s *Screen) setMark(m host.Mark) tea.Cmd {
	h := s.ses.Host
	if h == nil || s.lost {
		return nil
	}
	return func() tea.Msg { return doneMsg{s, "note the save in the session", h.SetMark(m)} }
}

// intend tells the host what is about to be written, so that a program that is killed
// before it can set the mark leaves nothing to be saved twice. Without it more is
// folded anew, no more: what fails is not told.
func (s *Screen) intend(m host.Mark, data []byte) func() {
	h := s.ses.Host
	if h == nil || s.lost || s.ReadOnly {
		return func() {}
	}
	m.Revision = host.Content(data)
	return func() { _ = h.Intend(m) }
}

// moved tells the host that the file is another since somebody else changed it.
func (s *Screen) moved(from, to storage.Revision) tea.Cmd {
	h := s.ses.Host
	if h == nil || s.lost || s.ReadOnly {
		return nil
	}
	return func() tea.Msg { _ = h.Moved(string(from), string(to)); return nil } // as in intend
}

// askConflict lets the user choose when the file is not what was read.
func (s *Screen) askConflict(err error) tea.Cmd {
	answer := func(do func() tea.Cmd) func() tea.Cmd {
		return func() tea.Cmd { s.saving.asking = false; return do() }
	}
	s.saving.asking = true
	options := []dialog.Option{
		{Key: "m", Text: "merge theirs into mine and save both", Do: answer(s.mergeAndSave)},
		{Key: "c", Text: "save mine as a copy beside it", Do: answer(s.saveCopy)},
		{Key: "o", Text: "overwrite theirs with mine", Do: answer(s.overwrite)},
		{Key: "esc", Text: "neither: go on editing", Do: answer(func() tea.Cmd { return nil })},
	}
	if c, ok := errors.AsType[*storage.Conflict](err); ok && c.Have == storage.None {
		options = options[1:] // it was removed: there is nothing to merge
	}
	return dialog.Open(dialog.Choice{
		Title:   s.Name + " was changed by someone else since it was read.",
		Body:    "Nothing has been written. What now?",
		Options: options,
	})
}

// overwrite saves against whatever the file is now.
func (s *Screen) overwrite() tea.Cmd {
	s.commit()
	s.saving.running = true
	doc, data, version, mark := s.Doc.Clone(), s.Doc.Bytes(), s.Doc.Version(), s.ses.Mark("")
	store, path, ctx, intend := s.Store, s.Path, s.ctx, s.intend(mark, data)
	return func() tea.Msg {
		intend()
		was := storage.None
		_, theirs, err := store.Read(ctx, path)
		switch {
		case err == nil:
			was = theirs.Revision
		case !errors.Is(err, storage.ErrNotExist):
			return savedMsg{s, version, doc, mark, theirs, err}
		}
		info, err := store.Write(context.WithoutCancel(ctx), path, data, was)
		return savedMsg{s, version, doc, mark, info, err}
	}
}

// copiedMsg is the end of a save beside the file.
type copiedMsg struct {
	from *Screen
	path string
	err  error
}

// saveCopy writes the document beside the file under a name that is free.
func (s *Screen) saveCopy() tea.Cmd {
	s.commit()
	data, store, ctx := s.Doc.Bytes(), s.Store, s.ctx
	base := strings.TrimSuffix(s.Path, ".ipynb")
	return func() tea.Msg {
		for n := 1; n < 100; n++ {
			path := fmt.Sprintf("%s.mine-%d.ipynb", base, n)
			_, err := store.Write(context.WithoutCancel(ctx), path, data, storage.None)
			if !errors.Is(err, storage.ErrExist) && !errors.Is(err, storage.ErrConflict) {
				return copiedMsg{s, path, err}
			}
		}
		return copiedMsg{s, base, storage.ErrExist}
	}
}

func (s *Screen) copied(m copiedMsg) {
	if m.err != nil {
		s.alarm(saveAlarm, "The copy was not saved: "+clean(m.err.Error())+". Your edits are kept here.")
		return
	}
	s.say("Saved as " + clean(m.path) + "; the file itself is untouched.")
}

// shut closes the notebook, asking first when something would be lost.
func (s *Screen) shut() tea.Cmd {
	s.commit()
	if s.Dirty() && !s.ReadOnly {
		return dialog.Open(dialog.Choice{
			Title: s.Name + " has unsaved changes.",
			Options: []dialog.Option{
				{Key: "s", Text: "save and close", Do: func() tea.Cmd { s.saving.quit = true; return s.save() }},
				{Key: "d", Text: "discard them and close", Do: s.discard},
				{Key: "esc", Text: "stay"},
			},
		})
	}
	return screen.Done
}

// discard closes the notebook and sees to it that what was not saved, outputs
// included, is not saved by anyone else either.
func (s *Screen) discard() tea.Cmd {
	return tea.Sequence(s.letGo(), s.setMark(s.ses.Mark(string(s.saving.was))), screen.Done)
}
