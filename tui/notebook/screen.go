package notebook

import (
	"context"
	"io/fs"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/widget"
	"nbterm/render"
	"nbterm/storage"
	"nbterm/tui/editor"
	"nbterm/tui/images"
	"nbterm/tui/keymap"
	"nbterm/tui/list"
	"nbterm/tui/theme"
)

// Deps are what a screen is given.
type Deps struct {
	Doc   *notebook.Notebook
	Store storage.Store
	Path  string           // of the notebook within Store
	Was   storage.Revision // of what Doc was parsed from; None for a new file
	// Address is the notebook's own, as other screens open it: a path or a URL.
	Address string
	Name    string // for the title, such as "report.ipynb"
	Place   string // where it is, such as "~/notebooks"
	// Connect finds the host of the notebook or starts one. It runs in the
	// background, at the start and again when a host has ended, and is told the
	// revision of the file that the document stands on.
	Connect   func(context.Context, storage.Revision) (Connection, error)
	Kernel    string // display name of the kernel, before it is up
	Notice    string // said once at the start, such as which kernel stands in; may be ""
	Follow    bool   // the selection goes with the cell that runs, until a key is pressed
	Cell      int    // to begin at, 1 for the first; 0 is the first too
	FoldOver  int    // rows of outputs from which a cell's are folded; 0 never folds
	TabWidth  int    // columns of a tab stop
	AutoClose bool   // brackets and quotes close themselves
	// ReadOnly shows and follows, and changes nothing: neither document nor kernel
	// nor file.
	ReadOnly bool
	// Partial says that Doc is only the beginning; with a revision Was that is none of
	// the file's, the first look brings the rest.
	Partial bool
	Safety  Safety
	// Cost measures the kernel whose process is pid, off the program's goroutine and
	// once at a time; nil shows none.
	Cost   func(pid int) Cost
	Images *images.Layer // places pictures; nil where there are only block characters
	Tools  *render.Tools // may be nil
	Files  fs.FS         // what markdown may show of the files beside the notebook; comparable; may be nil
	Keys   *keymap.Map
	Theme  theme.Theme
	Now    func() time.Time
}

// Connection is a host to work with.
type Connection struct {
	Host   session.Host
	Holds  host.Mark // how much of the host's events the document holds
	Notice string    // said once; may be ""
}

// Screen shows one notebook. It belongs to the program's goroutine.
type Screen struct {
	Deps
	ses    *session.Session // its Host is nil until there is one
	feed   host.Feed
	early  []uint64        // cells that were run before there was a host
	ctx    context.Context // ends with the screen; commands that wait honour it
	cancel context.CancelFunc

	view  *view
	list  *list.List
	size  struct{ w, h int }
	alone bool // there is no screen below

	sel        selection
	actions    map[string]action
	history    history
	clip       []*notebook.Cell
	saving     saving
	keeping    keeping
	pending    keymap.Pending // keys of a sequence that has begun
	notices    notices
	lane       lane
	connecting bool      // a Connect is under way
	lost       bool      // the host has ended
	pace       time.Time // when events were folded last
	ticking    bool
	pricing    pricing

	typing struct { // what typed found for a version of the editor's text
		version uint64
		differs bool
	}
	textKeys  map[string]editor.Command
	registers *editor.Registers // what was cut and copied, shared by all cells
	aheadBusy bool              // a lookAhead is under way
	telling   telling           // what the kernel is told of widgets
}

// selection is the cell with the cursor and, when a range is selected, its other end.
type selection struct {
	at   int
	mark int // other end; equal to at when one cell is selected
}

func (s selection) span() (from, to int) { return min(s.at, s.mark), max(s.at, s.mark) }

// New makes a screen.
func New(d Deps) *Screen {
	s := &Screen{Deps: d, actions: newActions(), textKeys: d.Keys.TextKeys(), registers: &editor.Registers{}, notices: notices{line: d.Notice}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.ses = session.New(d.Doc, nil)
	s.view = &view{
		doc: d.Doc, ses: s.ses, now: d.Now, brush: newBrush(d),
		drawn: map[uint64]*drawn{}, fold: map[uint64]fold{},
	}
	s.telling = telling{map[string]flight{}, map[string]widget.Change{}, map[string]bool{}}
	s.view.models = s.ses.Widgets.Models()
	s.list = list.New(s.view)
	s.saving.version, s.saving.was = d.Doc.Version(), d.Was
	if d.Doc.Len() == 0 {
		s.Doc.Insert(0, notebook.NewCell(notebook.Code, ""))
		s.saving.version = d.Doc.Version()
	}
	s.saving.base, s.keeping.stamp = d.Doc.Clone(), s.stamp()
	s.choose(max(d.Cell-1, 0))
	return s
}

func language(doc *notebook.Notebook) string {
	if l := doc.Language(); l != "" {
		return l
	}
	return "python"
}

// Init looks for a kernel while the first frame is drawn, and for what was left
// unsaved.
func (s *Screen) Init() tea.Cmd { return tea.Batch(s.connect(), s.recall(), s.watch()) }

// Close lets go of the host.
func (s *Screen) Close() error {
	s.cancel()
	if s.ses.Host == nil {
		return nil
	}
	s.feed.Close()
	return s.ses.Host.Close()
}

// setSize gives the screen its area.
func (s *Screen) setSize(w, h int) {
	s.size.w, s.size.h = w, h
	s.view.width, s.view.pictureRows = w, pictureRows(h)
	s.layout()
	s.reveal()
}

// setTheme repaints all in another theme.
func (s *Screen) setTheme(t theme.Theme) {
	if t == s.Theme {
		return
	}
	s.Theme, s.view.theme = t, t
	if s.view.ed != nil {
		s.view.ed.SetPalette(t.Palette)
	}
}

// layout gives the list what the header, the notice and the footer leave.
func (s *Screen) layout() {
	rows := s.size.h - 4 - len(s.noticeRows()) // title, rule, rule, footer
	if s.size.h < 8 {
		rows = s.size.h - 2 - len(s.noticeRows()) // title and footer only
	}
	s.list.SetHeight(max(rows, 1))
}

// Dirty is true when there is something to save.
func (s *Screen) Dirty() bool {
	if s.typed() {
		return true
	}
	return s.Doc.Version() != s.saving.version
}

// typed is true when the editor's text is not the document's. It is asked several
// times a frame, so the answer for a version of the text is remembered.
func (s *Screen) typed() bool {
	ed := s.view.ed
	if ed == nil {
		return false
	}
	if v := ed.Version(); v != s.typing.version {
		i := s.Doc.Index(s.view.editing)
		s.typing.version, s.typing.differs = v, i >= 0 && ed.Value() != s.Doc.Cell(i).Source()
	}
	return s.typing.differs
}

// Busy is true while a cell runs or waits.
func (s *Screen) Busy() bool { return s.ses.Kernel.Running != 0 || s.ses.Kernel.Waiting > 0 }

// choose selects one cell.
func (s *Screen) choose(i int) {
	i = min(max(i, 0), s.Doc.Len()-1)
	s.unhold()
	s.sel = selection{i, i}
	s.show()
}

// jump goes to a cell that was asked for, 1 for the first; 0 stays.
func (s *Screen) jump(cell int) {
	if cell > 0 {
		s.leave()
		s.choose(cell - 1)
	}
}

// extend moves the cursor and keeps the other end of the selection.
func (s *Screen) extend(i int) {
	s.sel.at = min(max(i, 0), s.Doc.Len()-1)
	s.show()
}

func (s *Screen) show() {
	from, to := s.sel.span()
	s.view.selected, s.view.current = [2]int{from, to}, s.sel.at
	s.reveal()
}

// reveal scrolls to the cursor: the field that waits for input, the cursor's row
// in edit mode, else the selected cell.
func (s *Screen) reveal() {
	if s.Doc.Len() == 0 || s.size.w == 0 {
		return
	}
	if s.view.prompt != nil {
		if i := s.Doc.Index(s.ses.Kernel.Running); i >= 0 {
			h := s.view.Height(i) - gap
			s.list.Reveal(i, h-1, h)
		}
		return
	}
	if i, at, ok := s.operating(); ok {
		row := s.view.inputHeight(i) + at.Row
		// What it makes its callbacks show stands below it.
		end := s.view.Height(i) - gap
		s.list.Reveal(i, row, max(min(end, row+s.list.Height()), row+1))
		return
	}
	if ed := s.view.ed; ed != nil {
		row, _ := ed.Cursor(s.view.textWidth())
		s.list.Reveal(s.sel.at, row, row+1)
		return
	}
	s.list.Reveal(s.sel.at, 0, s.view.Height(s.sel.at)-gap)
}

func (s *Screen) cell() *notebook.Cell { return s.Doc.Cell(s.sel.at) }

// selectedKeys names the selected cells from top to bottom.
func (s *Screen) selectedKeys() []uint64 {
	from, to := s.sel.span()
	return s.keys(from, to)
}

func (s *Screen) keys(from, to int) []uint64 {
	var keys []uint64
	for i := from; i <= to; i++ {
		keys = append(keys, s.Doc.Cell(i).Key())
	}
	return keys
}

// edit opens the selected cell for typing.
func (s *Screen) edit() {
	c := s.cell()
	s.sel.mark = s.sel.at
	// The editor that draws the cell knows how to undo its earlier edits.
	s.view.ed = s.view.at(s.sel.at).src
	if s.view.ed == nil {
		s.view.ed = s.view.newEditor(c)
	}
	s.view.ed.SetKeys(s.textKeys)
	s.view.ed.SetAutoClose(s.AutoClose)
	s.view.ed.SetRegisters(s.registers)
	s.view.ed.SetFocused(true)
	s.view.ed.SetPage(s.list.Height())
	s.view.editing = c.Key()
	s.typing.version, s.typing.differs = s.view.ed.Version(), false
	s.show()
}

// commit writes what was typed into the document and stays in edit mode.
func (s *Screen) commit() {
	if s.view.ed == nil {
		return
	}
	i := s.Doc.Index(s.view.editing)
	if i < 0 {
		s.view.ed, s.view.editing = nil, 0
		return
	}
	if !s.typed() {
		return
	}
	s.typing.differs = false
	c, text := s.Doc.Cell(i), s.view.ed.Value()
	if c.Source() != text {
		s.history.did(change(s.Doc.Replace(i, c.WithSource(text)), i))
	}
}

// leave ends edit mode.
func (s *Screen) leave() {
	s.commit()
	if s.view.ed != nil {
		s.view.ed.SetFocused(false)
		s.view.ed, s.view.editing = nil, 0
	}
	s.show()
}
