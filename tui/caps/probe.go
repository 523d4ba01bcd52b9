package caps

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Probe is one inquiry. It belongs to the program's goroutine.
type Probe struct {
	fixed  bool // the user has said which protocol
	want   Protocol
	getenv func(string) string
	size   func() Size
	tmux   bool

	version   string // lower case, of the terminal outside of tmux where there is one
	kitty     bool   // answered to the query for graphics
	sixel     bool   // said so in its device attributes
	answered  bool   // the last question was answered
	over      bool   // the time is up
	cell      [2]int // told by CSI 16 t
	area      [2]int // told by CSI 14 t, of a screen of...
	grid      [2]int // ... so many cells
	announced Terminal
}

// OverMsg says that Patience is over.
type OverMsg struct{}

// NewProbe makes an inquiry. images is the setting: "auto" or the name of a
// protocol. size asks the kernel and may be nil.
func NewProbe(images string, getenv func(string) string, size func() Size) *Probe {
	p := &Probe{getenv: getenv, size: size}
	p.want, p.fixed = protocolNamed(images)
	p.tmux = getenv("TMUX") != "" || strings.HasPrefix(getenv("TERM"), "tmux")
	if p.size == nil {
		p.size = func() Size { return Size{} }
	}
	return p
}

// queryID is the number of the picture that the query for kitty graphics names.
const queryID = "31"

// Ask gives what to write to the terminal, "" when there is nothing to find out.
// The question every terminal answers comes last: with its answer all are there.
func (p *Probe) Ask() string {
	if p.fixed && !p.asksCell() {
		return ""
	}
	query := "\x1b_Gi=" + queryID + ",s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
	ask := ""
	switch {
	case p.fixed:
	case p.tmux: // dropped by a tmux that does not pass through; then pictures would not arrive either
		ask = ansi.TmuxPassthrough(ansi.RequestNameVersion) + ansi.TmuxPassthrough(query)
	default:
		ask = ansi.RequestNameVersion + query
	}
	return ask + "\x1b[16t\x1b[14t" + ansi.RequestPrimaryDeviceAttributes
}

// asksCell is true where the size of a cell matters.
func (p *Probe) asksCell() bool { return p.want == Kitty || p.want.Overlaid() }

// Hear takes a message of the program; true means that Terminal has changed.
func (p *Probe) Hear(msg tea.Msg) bool {
	switch m := msg.(type) {
	case tea.TerminalVersionMsg:
		if v := strings.ToLower(m.Name); !p.tmux || !strings.HasPrefix(v, "tmux") {
			p.version = v
		}
	case uv.KittyGraphicsEvent:
		p.kitty = p.kitty || strconv.Itoa(m.Options.ID) == queryID && string(m.Payload) == "OK"
	case uv.PrimaryDeviceAttributesEvent:
		p.sixel, p.answered = slices.Contains(m, sixelAttribute), true
	case uv.CellSizeEvent:
		p.cell = [2]int{m.Width, m.Height}
	case uv.PixelSizeEvent:
		p.area = [2]int{m.Width, m.Height}
	case tea.WindowSizeMsg:
		p.grid = [2]int{m.Width, m.Height}
	case OverMsg:
		p.over = true
	default:
		return false
	}
	now := p.judge()
	changed := now != p.announced
	p.announced = now
	return changed
}

// sixelAttribute is what terminals with sixel name in their device attributes (DA1).
const sixelAttribute = 4

// Terminal is what is known so far.
func (p *Probe) Terminal() Terminal { return p.announced }

// judge puts together what was heard. Nothing is decided before all answers are
// there or the time is up, so that pictures are not drawn twice.
func (p *Probe) judge() Terminal {
	t := Terminal{Tmux: p.tmux}
	switch {
	case p.fixed && (!p.asksCell() || p.answered || p.over):
		t.Protocol = p.want
	case p.answered || p.over:
		t.Protocol = p.choose()
	default:
		return Terminal{}
	}
	t.Quarters = !p.tmux && drawsBlocks(p.named())
	t.CellWidth, t.CellHeight = p.cellSize()
	return t
}

// choose takes the best protocol that is certain to work.
func (p *Probe) choose() Protocol {
	switch {
	case p.kitty && placeholders(p.version):
		return Kitty
	case !p.tmux && speaksITerm2(p.named()) && !p.sixel:
		return ITerm2
	case p.sixel && !p.tmux: // tmux says so whatever the terminal outside can do, and draws plus signs where it cannot
		return Sixel
	}
	return Blocks
}

// named is the terminal's own name for itself, or what the environment says.
func (p *Probe) named() string {
	if p.version != "" {
		return p.version
	}
	return strings.ToLower(p.getenv("TERM_PROGRAM") + " " + p.getenv("LC_TERMINAL") + " " + p.getenv("TERM"))
}

// placeholders is true for versions that know Unicode placeholders: others speak
// kitty's protocol without them.
func placeholders(version string) bool {
	if strings.HasPrefix(version, "ghostty") {
		return true
	}
	rest, ok := strings.CutPrefix(version, "kitty(")
	if !ok {
		return false
	}
	parts := strings.SplitN(strings.TrimSuffix(rest, ")"), ".", 3)
	if len(parts) < 2 {
		return false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	const first = 28 // kitty 0.28 brought them
	return err1 == nil && err2 == nil && (major > 0 || minor >= first)
}

func speaksITerm2(name string) bool {
	for _, n := range []string{"iterm", "wezterm", "mintty", "rio"} {
		if strings.Contains(name, n) {
			return true
		}
	}
	return false
}

// cellSize is the size of a cell in pixels, 0 when nobody says. What tmux tells the
// kernel was measured wrong, so there only its answers count.
func (p *Probe) cellSize() (w, h int) {
	if p.cell[0] > 0 && p.cell[1] > 0 {
		return p.cell[0], p.cell[1]
	}
	if s := p.size(); !p.tmux && s.Cols > 0 && s.Rows > 0 && s.Width >= s.Cols && s.Height >= s.Rows {
		return s.Width / s.Cols, s.Height / s.Rows
	}
	if p.area[0] > 0 && p.grid[0] > 0 && p.grid[1] > 0 && p.area[1] > 0 {
		return p.area[0] / p.grid[0], p.area[1] / p.grid[1]
	}
	return 0, 0
}
