package notebook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host"
	"nbterm/storage"
	"nbterm/tui/dialog"
)

// saving is where the document stands against the file.
type saving struct {
	was     storage.Revision // revision of the file that our document came from
	version uint64           // document version that is in the file
	running bool             // a save is under way
	again   bool             // and another was asked for meanwhile
	quit    bool             // quit once saved
	at      time.Time        // of the last save
}

// savedMsg is the end of a save.
type savedMsg struct {
	from    *Screen
	version uint64
	mark    host.Mark // to be set, with the revision that was written
	info    storage.Info
	err     error
}

// QuitMsg asks the program to end.
type QuitMsg struct{}

// save writes the document if nobody else has written the file meanwhile.
func (s *Screen) save() tea.Cmd {
	s.commit()
	if s.saving.running {
		s.saving.again = true
		return nil
	}
	s.saving.running = true
	return s.write(s.saving.was)
}

func (s *Screen) write(was storage.Revision) tea.Cmd {
	data, version, mark := s.Doc.Bytes(), s.Doc.Version(), s.ses.Mark("")
	store, path, ctx := s.Store, s.Path, s.ctx
	return func() tea.Msg {
		info, err := store.Write(context.WithoutCancel(ctx), path, data, was)
		return savedMsg{s, version, mark, info, err}
	}
}

func (s *Screen) saved(m savedMsg) tea.Cmd {
	s.saving.running = false
	again := s.saving.again
	s.saving.again = false
	if m.err != nil {
		s.saving.quit = false
		if errors.Is(m.err, storage.ErrConflict) || errors.Is(m.err, storage.ErrExist) {
			return s.askConflict()
		}
		s.shout("Not saved: " + clean(m.err.Error()) + ". Your edits are kept here; save again when it is mended.")
		return nil
	}
	s.saving.was, s.saving.version, s.saving.at = m.info.Revision, m.version, s.Now()
	if s.notice.loud {
		s.setNotice(notice{})
	}
	m.mark.Revision = string(m.info.Revision)
	marked := s.setMark(m.mark)
	switch {
	case again && s.Dirty():
		return tea.Batch(marked, s.save())
	case s.saving.quit && !s.Dirty():
		return tea.Sequence(marked, leave)
	}
	return marked
}

// leave asks the program to end.
func leave() tea.Msg { return QuitMsg{} }

// setMark has the host remember how much of its events the file holds.
func (s *Screen) setMark(m host.Mark) tea.Cmd {
	h := s.ses.Host
	if h == nil || s.lost {
		return nil
	}
	return func() tea.Msg { return doneMsg{s, "note the save in the session", h.SetMark(m)} }
}

// askConflict lets the user choose when the file is not what was read.
func (s *Screen) askConflict() tea.Cmd {
	return dialog.Open(dialog.Choice{
		Title: s.Name + " was changed by someone else since it was read.",
		Body:  "Nothing has been written. What now?",
		Options: []dialog.Option{
			{Key: "c", Text: "save mine as a copy beside it", Do: s.saveCopy},
			{Key: "o", Text: "overwrite theirs with mine", Do: s.overwrite},
			{Key: "esc", Text: "neither: go on editing"},
		},
	})
}

// overwrite saves against whatever the file is now.
func (s *Screen) overwrite() tea.Cmd {
	s.commit()
	s.saving.running = true
	data, version, mark := s.Doc.Bytes(), s.Doc.Version(), s.ses.Mark("")
	store, path, ctx := s.Store, s.Path, s.ctx
	return func() tea.Msg {
		was := storage.None
		_, theirs, err := store.Read(ctx, path)
		switch {
		case err == nil:
			was = theirs.Revision
		case !errors.Is(err, storage.ErrNotExist):
			return savedMsg{s, version, mark, theirs, err}
		}
		info, err := store.Write(context.WithoutCancel(ctx), path, data, was)
		return savedMsg{s, version, mark, info, err}
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
		s.shout("The copy was not saved: " + clean(m.err.Error()) + ". Your edits are kept here.")
		return
	}
	s.say("Saved as " + clean(m.path) + "; the file itself is untouched.")
}

// quit ends the program, asking first when something would be lost.
func (s *Screen) quit() tea.Cmd {
	s.commit()
	if s.Dirty() && !s.ReadOnly {
		return dialog.Open(dialog.Choice{
			Title: s.Name + " has unsaved changes.",
			Options: []dialog.Option{
				{Key: "s", Text: "save and quit", Do: func() tea.Cmd { s.saving.quit = true; return s.save() }},
				{Key: "d", Text: "discard them and quit", Do: s.discard},
				{Key: "esc", Text: "stay"},
			},
		})
	}
	return leave
}

// discard ends the program and sees to it that what was not saved, outputs
// included, is not saved by anyone else either.
func (s *Screen) discard() tea.Cmd {
	return tea.Sequence(s.setMark(s.ses.Mark(string(s.saving.was))), leave)
}
