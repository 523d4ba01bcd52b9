package render

import (
	"encoding/json"
	"strings"
	"testing"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/render/term"
)

// payloads try to reach the terminal through text: to read the clipboard, retitle,
// hide, move, answer on stdin, show other text than is there.
func payloads() []string {
	return []string{
		"\x1b]52;c;ZXZpbA==\x07", "\x1b]52;c;?\x1b\\", "\x1b]0;title\x07", "\x1b]2;title\x1b\\", "\x1b]1;icon\x07",
		"\x1b]4;1;?\x07", "\x1b]10;?\x07", "\x1b]11;#ff0000\x1b\\", "\x1b]104\x07", "\x1b]7;file://host/x\x07",
		"\x1b]9;notify\x07", "\x1b]9;4;1;50\x07", "\x1b]777;notify;a;b\x07", "\x1b]133;A\x07", "\x1b]1337;File=inline=1:QUJD\x07",
		"\x1b]1337;SetUserVar=a=Yg==\x07", "\x1b]50;font\x07", "\x1b]8;;file:///etc/passwd\x1b\\x\x1b]8;;\x1b\\",
		"\x1b]8;;javascript:alert(1)\x07x\x1b]8;;\x07", "\x1b]8;;http://a\nb\x1b\\x\x1b]8;;\x1b\\", "\x1b]8;;https://ok.example/\x1b\\never closed",
		"\x1b]8;id=x;https://ok.example/\x07x", "\x1b]8;;http://\u202e/\x07x",
		"\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\", "\x1bP$q m\x1b\\", "\x1bP+q544e\x1b\\", "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\", "\x1bP1000p",
		"\x1b_Ga=T,f=100;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x1bXsos\x1b\\", "\x1bk title\x1b\\",
		"\x1b[c", "\x1b[>c", "\x1b[=c", "\x1b[5n", "\x1b[6n", "\x1b[?6n", "\x1b[18t", "\x1b[21t", "\x1b[20t", "\x1b[14t", "\x1b[?u", "\x1b[>0q",
		"\x1b[?1049h", "\x1b[?1000h", "\x1b[?2004h", "\x1b[?25l", "\x1b[?1004h", "\x1b[?2026h", "\x1b[4h", "\x1b[20h", "\x1b[3J", "\x1b[2J", "\x1b[H",
		"\x1b[1;1H", "\x1b[10;10f", "\x1b[5S", "\x1b[5T", "\x1b[2;5r", "\x1b[!p", "\x1b[61\"p", "\x1b[5i", "\x1b[4i", "\x1b[2 q", "\x1b[1000000b", "\x1b[99999999@",
		"\x1b[8mhidden\x1b[28m", "\x1b[38;2;0;0;0;48;2;0;0;0;8mx", "\x1b[1;8;4mx", "\x1b[38:2::1:2:3:::8mx", "\x1b[0;0;0;0;0;0;0;0;0;0;0;8mx",
		"\x1bc", "\x1b7\x1b8", "\x1b#8", "\x1b(0qqq\x1b(B", "\x1b)0\x0eqqq\x0f", "\x1b%G", "\x1b=", "\x1b>", "\x1bM", "\x1bD", "\x1bE", "\x1bZ", "\x1b\x1b\x1b[31m",
		"\u009b31m", "\u009d52;c;eA==\u009c", "\u0090q\u009c", "\u009f G\u009c", "\u009e\u009c", "\u0098\u009c", "\u0085\u008d", "\x9b31m", "\x9d0;x\x9c", "\xc2",
		"\x00\x01\x02\x05\x07\x08\x0b\x0c\x0e\x0f\x11\x13\x18\x1a\x7f", "\x05", "a\x08\x08\x08b", "abc\rxyz\r", "\x1b[31", "\x1b[", "\x1b]", "\x1bP", "\x1b_", "\x1b",
		"\u202eabc\u202c", "\u2066\u2067\u2068x\u2069", "\u200e\u200f\u061c", "a\u200bb\u200cc\u200dd\u2060e\ufeff", "\u00ad\u034f\u180e\u115f\u3164\uffa0",
		"\U000e0041\U000e0042", "\U000e0100\ufe0f\ufe00", "x\ufe0f\ufe0f", "\u2028\u2029", "\ufff9a\ufffab\ufffb", "\U0010eeee\u0305\u0305", "\ufffe\uffff",
		"e" + strings.Repeat("\u0301", 40), strings.Repeat("\u0301", 5), "👩\u200d\u200d💻", "\u0600\u0600", "\xf0\x9f\x91", "\xed\xa0\x80",
		"&#27;[31mred", "&#x1b;]52;c;eA==&#7;", "&amp;#27;[8mx", "&**#27;**[8mx", "&#155;31m", "&#x9b;8m", "&#8238;abc", "&Tab;&NewLine;&zwj;", "~~&**#27;**[31mFAKE~~",
		"`&#27;]0;x&#7;`", "[a](https://x.org/&#27;]0;x)", "![&#27;[8m](x)", "[x](javascript:&#27;)", "<b>&#27;[8m</b>", "<a href=\"https://x.org/&#27;&#7;\">l</a>",
		"<img alt=\"\x1b]0;x\x07&#27;[8m\" src=x>", "<svg width=\"\x1b[8m\">", "\uf8f0#27;[8m\uf8f1\uf8f2", "\\u001b]52;c;eA==\\u0007", "| a |\n|---|\n| &#27;[8m |", "$\x1b[8m$",
	}
}

// sinks are all ways from a payload to rows.
func sinks() map[string]func(string, Context) Block {
	return map[string]func(string, Context) Block{
		"stream":   func(s string, c Context) Block { return Stream("stdout", s, c) },
		"stderr":   func(s string, c Context) Block { return Stream("stderr", s, c) },
		"error":    func(s string, c Context) Block { return Output(notebook.NewError(s, s, []string{s, s}), c) },
		"markdown": func(s string, c Context) Block { return Markdown(s, c) },
		"list":     func(s string, c Context) Block { return Markdown("- a "+s+"\n  > "+s+"\n\n      "+s, c) },
		"fence":    func(s string, c Context) Block { return Markdown("```python\n"+s+"\n```", c) },
		"heading": func(s string, c Context) Block {
			return Markdown("# **a** "+s+" b\n\n| "+s+" | b |\n|--|--|\n| c | "+s+" |", c)
		},
		"html": func(s string, c Context) Block { return Output(bundle(mime.TextEntry("text/html", s)), c) },
		"html cell": func(s string, c Context) Block {
			return Output(bundle(mime.TextEntry("text/html", "<table><td>"+s+"</td><td><a href='http://x/"+s+"'>x</a></table><pre>"+s)), c)
		},
		"json": func(s string, c Context) Block {
			raw, _ := json.Marshal(map[string]any{s: []string{s}})
			return Output(bundle(mime.Entry{Type: "application/json", Raw: raw}), c)
		},
		"raw json": func(s string, c Context) Block {
			return Output(bundle(mime.Entry{Type: "application/json", Raw: json.RawMessage(s)}), c)
		},
		"type": func(s string, c Context) Block {
			return Output(bundle(mime.Entry{Type: "x/" + s, Raw: json.RawMessage("1")}), c)
		},
		"svg": func(s string, c Context) Block {
			return Output(bundle(mime.TextEntry("image/svg+xml", "<svg width='"+s+"' height='1'>")), c)
		},
		"tabular": func(s string, c Context) Block {
			return Output(bundle(mime.TextEntry("text/latex", "\\begin{tabular}{lr}"+s+" & \\textbf{"+s+"} \\\\ a & b \\end{tabular}")), c)
		},
		"styled": func(s string, c Context) Block {
			return Output(bundle(mime.TextEntry("text/html", "<style>#a{color:"+s+";background:"+s+"}</style><table><tr><td id=a style='color:"+s+"'>"+s)), c)
		},
		"resource": func(s string, c Context) Block {
			name, _ := json.Marshal(s)
			return Output(bundle(mime.Entry{Type: "application/vnd.dataresource+json", Raw: json.RawMessage(
				`{"schema":{"fields":[{"name":` + string(name) + `}]},"data":[[` + string(name) + `]]}`)}), c)
		},
		"latex":  func(s string, c Context) Block { return Output(bundle(mime.TextEntry("text/latex", s)), c) },
		"python": func(s string, c Context) Block { return Code("x = '"+s+"'\n!"+s, "python", c) },
		"clean":  func(s string, c Context) Block { c.Width = 1 << 20; return Block{Lines: []string{term.Clean(s)}} },
	}
}

func TestNothingButTheGrammarReachesTheTerminal(t *testing.T) {
	t.Parallel()
	for name, sink := range sinks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, p := range payloads() {
				ctx := Context{Width: 30, Palette: DarkPalette(), Caps: Caps{Colors: Colors(i % 4), Hyperlinks: i%3 > 0}}
				width := ctx.Width
				if name == "clean" {
					width = 1 << 20
				}
				check(t, name, sink(p, ctx), width)
				check(t, name, sink("before "+p+" after\nnext", ctx), width)
				for cut := 1; cut < len(p) && cut < 28; cut++ {
					check(t, name, sink(p[:cut], ctx), width)
					if cut%4 == 0 {
						check(t, name, sink(p[cut:]+p[:cut], ctx), width)
					}
				}
			}
		})
	}
}

func TestEntitiesNeverBecomeEscapes(t *testing.T) {
	t.Parallel()
	ctx := testContext(60)
	for _, p := range []string{"&#27;[31mred", "&amp;#27;[31mred", "~~&**#27;**[31mred~~", "**&**#27;[31mred", "&**#x1b;**[31mred"} {
		for _, row := range Markdown("x "+p, ctx).Lines {
			if strings.Contains(row, "\x1b[31m") {
				t.Errorf("%q became %q", p, row)
			}
		}
	}
}

func TestRemoteImagesAreNamedOnly(t *testing.T) {
	t.Parallel()
	rows := Markdown("![alt](https://evil.example/a.png) ![](https://evil.example/b.png?x=1) <img src=\"https://evil.example/c.png\">", testContext(80)).Lines
	got := strings.Join(rows, " ")
	for _, want := range []string{"[image: alt]", "[image: b.png]", "[image: c.png]"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if strings.Contains(got, "evil.example") {
		t.Errorf("%q names the host", got)
	}
}

func FuzzMarkdownAndHTML(f *testing.F) {
	for _, p := range payloads() {
		f.Add(p, 20)
	}
	f.Add(read(f, "report.md"), 40)
	f.Add(read(f, "page.html"), 40)
	f.Fuzz(func(t *testing.T, s string, width int) {
		ctx := Context{Width: 1 + max(width, -width)%100, Palette: DarkPalette(), Caps: Caps{Colors: TrueColor, Hyperlinks: width%2 == 0}}
		check(t, "markdown", Markdown(s, ctx), ctx.Width)
		check(t, "html", Output(bundle(mime.TextEntry("text/html", s)), ctx), ctx.Width)
	})
}
