package caps

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

// hear gives a probe what a terminal writes, as the program would.
func hear(p *Probe, answers string) (changed bool) {
	var d uv.EventDecoder
	for b := []byte(answers); len(b) > 0; {
		n, e := d.Decode(b)
		b = b[n:]
		if v, ok := e.(uv.TerminalVersionEvent); ok {
			e = tea.TerminalVersionMsg(v)
		}
		changed = p.Hear(e) || changed
	}
	return changed
}

const kittyOK = "\x1b_Gi=31;OK\x1b\\"

func TestChoosesWhatTheTerminalSurelyShows(t *testing.T) {
	t.Parallel()
	da1, da1Sixel := "\x1b[?62;22c", "\x1b[?62;4;22c"
	for name, c := range map[string]struct {
		env     map[string]string
		setting string
		answers string
		over    bool // the time is up
		want    Protocol
	}{
		"kitty":                        {answers: "\x1bP>|kitty(0.41.1)\x1b\\" + kittyOK + da1, want: Kitty},
		"kitty before placeholders":    {answers: "\x1bP>|kitty(0.26.5)\x1b\\" + kittyOK + da1, want: Blocks},
		"kitty that refuses graphics":  {answers: "\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;ENOTSUPPORTED\x1b\\" + da1, want: Blocks},
		"ghostty":                      {answers: "\x1bP>|ghostty 1.1.3\x1b\\" + kittyOK + da1, want: Kitty},
		"konsole, without placeholder": {answers: "\x1bP>|Konsole 24.12\x1b\\" + kittyOK + da1Sixel, want: Sixel},
		"wezterm":                      {answers: "\x1bP>|WezTerm 20240203\x1b\\" + kittyOK + da1, want: ITerm2},
		"xterm with sixel":             {answers: "\x1bP>|XTerm(379)\x1b\\" + da1Sixel, want: Sixel},
		"xterm without":                {answers: "\x1bP>|XTerm(379)\x1b\\" + da1, want: Blocks},
		"iTerm2 by its environment":    {env: map[string]string{"TERM_PROGRAM": "iTerm.app"}, answers: da1, want: ITerm2},
		"silent iTerm2":                {env: map[string]string{"LC_TERMINAL": "iTerm2"}, over: true, want: ITerm2},
		"silent":                       {over: true, want: Blocks},
		"answers still to come":        {answers: "\x1bP>|kitty(0.41.1)\x1b\\" + kittyOK, want: Blocks},
		"kitty through tmux":           {env: map[string]string{"TMUX": "x"}, answers: "\x1bP>|tmux 3.5a\x1b\\\x1bP>|kitty(0.41.1)\x1b\\" + da1 + kittyOK, want: Kitty},
		"tmux that lets nothing pass":  {env: map[string]string{"TMUX": "x", "TERM_PROGRAM": "tmux"}, answers: da1, want: Blocks},
		"tmux that only says sixel":    {env: map[string]string{"TMUX": "x"}, answers: da1Sixel, want: Blocks},
		"tmux, told to use sixel":      {env: map[string]string{"TMUX": "x"}, setting: "sixel", answers: da1Sixel, want: Sixel},
		"iTerm2 around tmux":           {env: map[string]string{"TMUX": "x", "LC_TERMINAL": "iTerm2"}, answers: da1, want: Blocks},
		"told to use sixel":            {setting: "sixel", answers: da1, want: Sixel},
		"told to use blocks":           {setting: "blocks", answers: "\x1bP>|kitty(0.41.1)\x1b\\" + kittyOK + da1, want: Blocks},
		"told to show none":            {setting: "none", answers: da1, want: Hidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.setting == "" {
				c.setting = "auto"
			}
			p := NewProbe(c.setting, func(key string) string { return c.env[key] }, nil)
			hear(p, c.answers)
			if c.over {
				p.Hear(OverMsg{})
			}
			if got := p.Terminal().Protocol; got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestSizeOfACell(t *testing.T) {
	t.Parallel()
	da1 := "\x1b[?62;4c"
	kernel := func() Size { return Size{Cols: 80, Rows: 24, Width: 640, Height: 408} }
	wrong := func() Size { return Size{Cols: 80, Rows: 24, Width: 1280, Height: 768} }
	for name, c := range map[string]struct {
		tmux    string
		size    func() Size
		answers string
		w, h    int
	}{
		"the terminal's word first":    {"", kernel, "\x1b[6;18;9t" + da1, 9, 18},
		"then the kernel's":            {"", kernel, da1, 8, 17},
		"not the kernel's within tmux": {"x", wrong, da1, 0, 0},
		"within tmux its answer":       {"x", wrong, "\x1b[6;17;8t" + da1, 8, 17},
		"area by cells":                {"", nil, "\x1b[4;480;800t" + da1, 10, 20},
		"nobody says":                  {"", nil, da1, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := NewProbe("auto", func(key string) string { return map[string]string{"TMUX": c.tmux}[key] }, c.size)
			p.Hear(tea.WindowSizeMsg{Width: 80, Height: 24})
			hear(p, c.answers)
			if got := p.Terminal(); got.CellWidth != c.w || got.CellHeight != c.h {
				t.Errorf("got %d x %d, want %d x %d", got.CellWidth, got.CellHeight, c.w, c.h)
			}
		})
	}
}

func TestAsksOnlyWhatMatters(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	for _, setting := range []string{"none", "blocks"} {
		if ask := NewProbe(setting, none, nil).Ask(); ask != "" {
			t.Errorf("%s asks %q", setting, ask)
		}
	}
	ask := NewProbe("auto", none, nil).Ask()
	if !strings.HasSuffix(ask, "\x1b[c") {
		t.Errorf("the question that all answer is not last: %q", ask)
	}
	wrapped := NewProbe("auto", func(k string) string { return map[string]string{"TMUX": "x"}[k] }, nil).Ask()
	if !strings.Contains(wrapped, "\x1bPtmux;\x1b\x1b_G") {
		t.Errorf("within tmux kitty is not asked through it: %q", wrapped)
	}
}

func TestTellsOfAChangeOnce(t *testing.T) {
	t.Parallel()
	p := NewProbe("auto", func(string) string { return "" }, nil)
	if hear(p, "\x1bP>|kitty(0.41.1)\x1b\\"+kittyOK) {
		t.Error("told before all answers were there")
	}
	if !hear(p, "\x1b[?62c") || p.Terminal().Protocol != Kitty {
		t.Error("not told when they were")
	}
	if hear(p, "\x1b[?62c") || p.Hear(OverMsg{}) {
		t.Error("told again of nothing new")
	}
}
