package notebook

import (
	"io/fs"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/widget"
	"nbterm/render"
	"nbterm/tui/editor"
	"nbterm/tui/images"
	"nbterm/tui/theme"
)

// brush is all that the drawing of a cell depends on besides the cell and its
// fold. Equal brushes draw equally, on any goroutine.
type brush struct {
	theme theme.Theme
	width int    // of the screen
	lang  string // of code cells
	tab   int    // columns of a tab stop
	// foldOver is the rows from which the outputs of a cell are folded; 0 is never.
	foldOver int
	// pictureRows is how many rows a picture may take.
	pictureRows int
	caps        render.Caps
	tools       *render.Tools
	files       fs.FS // comparable, see Deps
	images      *images.Layer
}

func newBrush(d Deps) brush {
	return brush{
		theme: d.Theme, lang: language(d.Doc), tab: d.TabWidth, foldOver: d.FoldOver,
		caps: render.Caps{Colors: render.TrueColor, Hyperlinks: true}, tools: d.Tools, files: d.Files, images: d.Images,
	}
}

// pictureRows leaves of a screen of h rows enough to see the cell above a picture.
func pictureRows(h int) int { return min(max(h*3/5, 8), 40) }

func (b brush) textWidth() int { return max(b.width-gutterWidth-1, 1) }

func (b brush) context() render.Context {
	return render.Context{
		Width: b.textWidth(), MaxRows: b.pictureRows, Palette: b.theme.Palette, Caps: b.caps, Tools: b.tools, Files: b.files,
		MaxLine: render.MaxLine,
	}
}

// proseWidth is where running text is wrapped at the latest: longer lines tire.
const proseWidth = 100

// prose is the context of markdown.
func (b brush) prose() render.Context {
	ctx := b.context()
	ctx.Width = min(ctx.Width, proseWidth)
	return ctx
}

// drawn is one version of a cell as one brush drew it.
type drawn struct {
	cell    *notebook.Cell
	brush   brush
	src     *editor.Editor // draws the input of code and raw cells, row by row
	in      piece          // the input of markdown cells
	outputs outputs
}

func (d *drawn) isOf(c *notebook.Cell, f fold, b brush, w widgets) bool {
	return d != nil && d.cell == c && d.outputs.fold == f && d.brush == b && d.outputs.fresh(w)
}

// draw draws c and takes from old what is the same still. What is too much work
// for the program's goroutine it leaves as jobs, with a stand-in.
func (b brush) draw(c *notebook.Cell, f fold, w widgets, old *drawn) (*drawn, []job) {
	d := &drawn{cell: c, brush: b}
	if old != nil && old.brush != b {
		old = nil
	}
	var jobs []job
	if old != nil && old.cell.Kind() == c.Kind() && old.cell.Source() == c.Source() {
		d.src, d.in = old.src, old.in
	} else {
		jobs = b.drawInput(c, d)
	}
	var before outputs
	if old != nil {
		before = old.outputs
	}
	outs, more := b.drawOutputs(c, f, w, before)
	d.outputs = outs
	return d, append(jobs, more...)
}

// drawInput draws markdown; other cells get an editor that draws them.
func (b brush) drawInput(c *notebook.Cell, d *drawn) []job {
	src := c.Source()
	switch {
	case c.Kind() != notebook.Markdown:
		d.src = b.newEditor(c)
		d.src.SetFocused(false)
	case session.Blank(src):
		d.in = rows{b.theme.Faint("empty markdown cell")}
	case len(src) <= heavyMark && !render.IsSlowMarkdown(src, b.caps):
		d.in = job{md: c, ctx: b.prose(), images: b.images}.do()
	default:
		j := job{md: c, ctx: b.prose(), images: b.images}
		d.in = rows(orBlank(render.Code(src, "", j.ctx).Lines))
		return []job{j}
	}
	return nil
}

// newEditor makes an editor for c.
func (b brush) newEditor(c *notebook.Cell) *editor.Editor {
	lang := ""
	switch c.Kind() {
	case notebook.Code:
		lang = b.lang
	case notebook.Markdown:
		lang = "markdown"
	}
	ed := editor.New(c.Source(), lang, b.theme.Palette)
	if b.tab > 0 {
		ed.SetTabWidth(b.tab)
	}
	return ed
}

// drawOutputs draws the outputs of c, taking from old what is the same still.
func (b brush) drawOutputs(c *notebook.Cell, f fold, w widgets, old outputs) (outputs, []job) {
	o := outputs{fold: f, over: b.foldOver}
	if c.Kind() != notebook.Code || !c.HasOutputs() {
		return o, nil
	}
	known := make(map[*notebook.Output]shown, len(old.shown))
	for _, s := range old.shown {
		known[s.out] = s
	}
	var jobs []job
	for i, out := range c.Outputs() {
		was, ok := known[out]
		if !ok {
			was.view = widget.ViewOf(out)
		}
		if p := b.controls(was, w); p != nil {
			o.shown = append(o.shown, shown{out, p, was.view})
			continue
		}
		p := was.piece
		if _, gone := p.(*controls); gone {
			ok = false // the widget was closed: another form stands for it
		}
		if !ok && i < len(old.shown) {
			p, ok = goOn(old.shown[i].piece, out)
		}
		if !ok {
			j := job{out: out, ctx: b.context(), images: b.images}
			if isHeavy(out) {
				jobs = append(jobs, j)
				p = b.standIn(out)
			} else {
				p = j.do()
			}
		}
		o.shown = append(o.shown, shown{out, p, was.view})
	}
	o.measure(b.theme)
	return o, jobs
}

// standIn is what is shown while an output is drawn: as many rows as it will take,
// where that can be told.
func (b brush) standIn(out *notebook.Output) waiting {
	text := b.theme.Faint("drawing …")
	if out.Kind() == notebook.Stream {
		return waiting{text}
	}
	w := make(waiting, max(render.Height(out.Bundle(), b.context()), 1))
	w[0] = text
	return w
}

// waiting stands for a piece that a job is drawing.
type waiting rows

func (w waiting) Len() int                   { return len(w) }
func (w waiting) Rows(from, to int) []string { return w[from:to] }

// goOn gives the piece of a stream a later version of it.
func goOn(p piece, out *notebook.Output) (piece, bool) {
	switch p := p.(type) {
	case *live:
		return p, p.grow(out)
	case waiting: // the job's piece will catch up, see place
		return p, out.Kind() == notebook.Stream
	}
	return nil, false
}

// job is a drawing that is too much work for the program's goroutine.
type job struct {
	out *notebook.Output // of this output
	md  *notebook.Cell   // or of this markdown cell
	ctx render.Context

	images *images.Layer
}

// From these sizes in bytes on a drawing is a job. Below them the slowest renderer
// stays under a few milliseconds.
const (
	heavyText   = 1 << 20
	heavyBundle = 24 << 10
	heavyMark   = 3 << 10
)

func isHeavy(out *notebook.Output) bool {
	if out.Kind() == notebook.Stream {
		return len(out.Text()) > heavyText
	}
	size := 0
	for _, e := range out.Bundle().Entries() {
		if strings.HasPrefix(e.Type, "image/") || e.Type == "application/pdf" || render.IsSlow(e) {
			return true // few bytes may be many pixels, or much to compute
		}
		size += len(e.Raw)
	}
	return size > heavyBundle
}

// do draws; it runs on any goroutine.
func (j job) do() piece {
	if j.md != nil {
		b := render.MarkdownCell(j.md, j.ctx)
		b.Lines = orBlank(b.Lines)
		return placed(b, j.images)
	}
	if j.out.Kind() == notebook.Stream {
		l := &live{render.NewPrinter(j.out.StreamName(), j.ctx), j.out.StreamName()}
		l.grow(j.out)
		return l
	}
	return placed(render.Output(j.out, j.ctx), j.images)
}

func orBlank(lines []string) []string {
	if len(lines) == 0 {
		return []string{""}
	}
	return lines
}

// drawnMsg is the end of a job.
type drawnMsg struct {
	from  *Screen
	job   job
	piece piece
}

// aheadMsg brings cells that were drawn before they came into view.
type aheadMsg struct {
	from  *Screen
	drawn []*drawn
}

// ahead is how many cells on either side of the screen are drawn before they are
// seen; about two screens of ordinary cells.
const ahead = 12

// prepare draws what the screen shows and has the rest, and what is near, drawn
// in the background.
func (s *Screen) prepare() tea.Cmd {
	if s.size.w == 0 || s.Doc.Len() == 0 {
		return nil
	}
	first, last := s.list.Top().Item, s.list.Top().Item
	for rows := -s.list.Top().Row; last < s.Doc.Len() && rows < s.list.Height(); last++ {
		rows += s.view.Height(last)
	}
	var cmds []tea.Cmd
	for _, j := range s.view.jobs {
		cmds = append(cmds, func() tea.Msg { return drawnMsg{s, j, j.do()} })
	}
	s.view.jobs = nil
	return tea.Batch(append(cmds, s.lookAhead(first-ahead, last+ahead))...)
}

// lookAhead has cells [from, to) that were never drawn drawn in the background.
func (s *Screen) lookAhead(from, to int) tea.Cmd {
	if s.aheadBusy {
		return nil
	}
	var cells []*notebook.Cell
	for i := max(from, 0); i < min(to, s.Doc.Len()); i++ {
		if c := s.Doc.Cell(i); s.view.drawn[c.Key()] == nil {
			cells = append(cells, c)
		}
	}
	if cells == nil {
		return nil
	}
	s.aheadBusy = true
	w := widgets{models: s.view.models}
	b, folds := s.view.brush, make([]fold, len(cells))
	for i, c := range cells {
		folds[i] = s.view.foldOf(c)
	}
	return func() tea.Msg {
		m := aheadMsg{from: s}
		for i, c := range cells {
			d, jobs := b.draw(c, folds[i], w, nil)
			for _, j := range jobs {
				d.place(j, j.do())
			}
			if d.src != nil {
				d.src.Prepare(b.textWidth())
			}
			m.drawn = append(m.drawn, d)
		}
		return m
	}
}

// keep takes cells drawn ahead, unless they were drawn meanwhile.
func (s *Screen) keep(m aheadMsg) {
	s.aheadBusy = false
	for _, d := range m.drawn {
		if key := d.cell.Key(); s.view.drawn[key] == nil && d.brush == s.view.brush {
			s.view.drawn[key] = d
		}
	}
}

// place puts the result of a job where it is still wanted.
func (v *view) place(m drawnMsg) {
	for _, d := range v.drawn {
		if (d.brush.context() == m.job.ctx || d.brush.prose() == m.job.ctx) && d.place(m.job, m.piece) {
			return
		}
	}
}

// place puts the result of a job in; false when it is not this cell's.
func (d *drawn) place(j job, p piece) bool {
	if j.md != nil {
		if d.cell != j.md {
			return false
		}
		d.in = p
		return true
	}
	for i, s := range d.outputs.shown {
		if _, waits := s.piece.(waiting); !waits {
			continue
		}
		l, isLive := p.(*live)
		if s.out == j.out || isLive && l.grow(s.out) {
			d.outputs.shown[i].piece = p
			d.outputs.measure(d.brush.theme)
			return true
		}
	}
	return false
}
