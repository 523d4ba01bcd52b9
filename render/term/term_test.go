package term

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"nbterm/render/ink"
)

func options(width int) Options {
	return Options{Width: width, Colors: ink.TrueColor, Links: true}
}

func TestPlaysOutputAsATerminalWould(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string
	}{
		{"lines", "a\nb\n", []string{"a", "b"}},
		{"no last line break", "a\nb", []string{"a", "b"}},
		{"empty lines stay", "a\n\n\nb\n\n", []string{"a", "", "", "b", ""}},
		{"crlf", "a\r\nb\r\n", []string{"a", "b"}},
		{"progress", " 10%\r 20%\r100%\n", []string{"100%"}},
		{"shorter text leaves the rest", "abcdef\rxy", []string{"xycdef"}},
		{"erase to the end after return", "abcdef\r\x1b[Kxy", []string{"xy"}},
		{"erase to the end in the middle", "abcdef\b\b\b\x1b[K", []string{"abc"}},
		{"erase line", "abc\x1b[2Kd", []string{"   d"}},
		{"erase to the start", "abcdef\x1b[3D\x1b[1K", []string{"    ef"}},
		{"backspace", "abc\b\bX", []string{"aXc"}},
		{"tabs", "a\tb\tc", []string{"a       b       c"}},
		{"tab after wide", "日本\tx", []string{"日本    x"}},
		{"up and over", "one\ntwo\n\x1b[2AONE\n", []string{"ONE", "two"}},
		{"up keeps the column", "abc\nxy\x1b[A!", []string{"ab!", "xy"}},
		{"up beyond the top stays", "a\n\x1b[99Ab", []string{"b"}},
		{"down makes no lines", "a\x1b[999999999Bb", []string{"ab"}},
		{"right pads", "a\x1b[3Cb", []string{"a   b"}},
		{"right stops at the edge", "a\x1b[999999Cb", []string{"a" + strings.Repeat(" ", 18) + "b"}},
		{"column", "abcdef\x1b[2GX", []string{"aXcdef"}},
		{"erase below", "a\nb\nc\x1b[2A\x1b[J", []string{"a"}},
		{"erase all", "a\nb\n\x1b[H\x1b[2Jc", []string{"c"}},
		{"cursor hidden and shown", "\x1b[?25la\x1b[?25h", []string{"a"}},
		{"colour kept", "\x1b[31mred\x1b[0m plain", []string{"\x1b[31mred\x1b[m plain"}},
		{"colour over lines", "\x1b[1;32mg\nh\x1b[m\ni", []string{"\x1b[1;32mg\x1b[m", "\x1b[1;32mh\x1b[m", "i"}},
		{"colour changes", "\x1b[31ma\x1b[34mb", []string{"\x1b[31ma\x1b[0;34mb\x1b[m"}},
		{"256 and true colours", "\x1b[38;5;208ma\x1b[48;2;1;2;3mb", []string{"\x1b[38;5;208ma\x1b[0;38;5;208;48;2;1;2;3mb\x1b[m"}},
		{"colons", "\x1b[38:2::9:8:7ma\x1b[38:5:99;4:3mb", []string{"\x1b[38;2;9;8;7ma\x1b[0;4;38;5;99mb\x1b[m"}},
		{"conceal dropped", "\x1b[8mpw\x1b[28m", []string{"pw"}},
		{"unknown attributes dropped", "\x1b[11;51;99mx", []string{"x"}},
		{"bad colour dropped", "\x1b[38;2;999;0;0;1mx", []string{"\x1b[1mx\x1b[m"}},
		{"wrap", "abcdefghijklmnopqrstuvwxyz", []string{"abcdefghijklmnopqrst", "uvwxyz"}},
		{"wrap wide", "a日本語日本語日本語日本語", []string{"a日本語日本語日本語", "日本語"}},
		{"wrap restates the colour", "\x1b[31m" + strings.Repeat("x", 21), []string{"\x1b[31m" + strings.Repeat("x", 20) + "\x1b[m", "\x1b[31mx\x1b[m"}},
		{"overwrite half of a wide one", "日本\r\x1b[Cx", []string{" x本"}},
		{"combining", "e\u0301a", []string{"e\u0301a"}},
		{"lone mark is carried", "\u0301a", []string{"◌\u0301a"}},
		{"emoji sequence", "👩\u200d💻!", []string{"👩\u200d💻!"}},
		{"flag tags", "🏴\U000e0067\U000e0062\U000e007f", []string{"🏴\U000e0067\U000e0062\U000e007f"}},
		{"bidi shown", "a\u202eb", []string{"a\x1b[7m<U+202E>\x1b[mb"}},
		{"zero width shown", "a\u200bb\u2060", []string{"a\x1b[7m<U+200B>\x1b[mb\x1b[7m<U+2060>\x1b[m"}},
		{"joiner between letters shown", "pay\u200dpal", []string{"pay\x1b[7m<U+200D>\x1b[mpal"}},
		{"persian non-joiner kept", "می\u200cخواهم", []string{"می\u200cخواهم"}},
		{"invalid bytes", "a\xff\xfeb", []string{"a\ufffd\ufffdb"}},
		{"cut character", "a\xe6\x97", []string{"a\ufffd\ufffd"}},
		{"c1 as utf-8 is a sequence", "a\u009b31mb\u009d52;c;xx\u009cc", []string{"a\x1b[31mbc\x1b[m"}},
		{"raw c1", "a\x9b31mb", []string{"a\ufffd31mb"}},
		{"clipboard", "a\x1b]52;c;ZXZpbA==\ab", []string{"ab"}},
		{"title unterminated ends with its line", "a\x1b]0;evil\nb", []string{"a", "b"}},
		{"dcs", "a\x1bPqabc\x1b\\b", []string{"ab"}},
		{"apc", "a\x1b_Gf=100;AAAA\x1b\\b", []string{"ab"}},
		{"link kept", "\x1b]8;;https://x.org/a\x1b\\t\x1b]8;;\x1b\\", []string{"\x1b]8;;https://x.org/a\x1b\\t\x1b]8;;\x1b\\"}},
		{"link by bel, id dropped", "\x1b]8;id=1;http://x.org\at\x1b]8;;\a", []string{"\x1b]8;;http://x.org\x1b\\t\x1b]8;;\x1b\\"}},
		{"file link dropped", "\x1b]8;;file:///etc/passwd\x1b\\t\x1b]8;;\x1b\\", []string{"t"}},
		{"charset and reset dropped", "a\x1b(0b\x1bcc", []string{"abc"}},
		{"bell, nul, delete", "a\a\x00\x7fb", []string{"ab"}},
		{"blanks at the end", "abc" + strings.Repeat(" ", 40) + "\n", []string{"abc"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := Lines(tt.in, options(20))
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			holds(t, tt.in, 20)
		})
	}
}

// holds checks what is true of any output: rows are in the grammar and fit, a
// second pass changes nothing, and where it was cut into writes does not matter.
func holds(t *testing.T, in string, width int) {
	t.Helper()
	o := options(width)
	rows := Lines(in, o)
	for _, row := range rows {
		if err := Verify(row); err != nil {
			t.Fatalf("%q: row %q: %v", in, row, err)
		}
		if w := measure([]byte(row)); w > width {
			t.Fatalf("%q: row %q has %d cells", in, row, w)
		}
	}
	if again := Lines(strings.Join(rows, "\n")+"\n", o); len(rows) > 0 && !reflect.DeepEqual(again, rows) {
		t.Fatalf("%q: not idempotent\nfirst  %q\nsecond %q", in, rows, again)
	}
	if len(in) > 400 {
		return
	}
	whole := NewScreen(o)
	whole.Write(in)
	whole.Flush()
	if got := whole.Rows(0, whole.Len()); len(rows) > 0 && !reflect.DeepEqual(got, rows) {
		t.Fatalf("%q: Screen gives %q, Lines %q", in, got, rows)
	}
	for cut := range len(in) {
		s := NewScreen(o)
		s.Write(in[:cut])
		s.Rows(0, 2)
		s.Write(in[cut:])
		s.Flush()
		if got := s.Rows(0, s.Len()); len(got)+len(rows) > 0 && !reflect.DeepEqual(got, rows) {
			t.Fatalf("%q cut at %d:\n got %q\nwant %q", in, cut, got, rows)
		}
		for _, row := range Lines(in[:cut], o) {
			if err := Verify(row); err != nil {
				t.Fatalf("%q: %v", in[:cut], err)
			}
		}
	}
}

func FuzzLinesStayInTheGrammar(f *testing.F) {
	for _, s := range []string{"a\x1b[31mb\x1b]8;;http://a.b\x1b\\c", "\u202e\u200d👩\u200d💻", "x\r\x1b[Ky\tz\b\b", "日本\x1b[1A\x1b[2J\xff", "\u0600\u0600a\u1161"} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		holds(t, s, 1+max(width, -width)%40)
		c := Clean(s)
		if err := Verify(c); err != nil || strings.ContainsAny(c, "\x1b\n") {
			t.Fatalf("Clean(%q) = %q: %v", s, c, err)
		}
		if again := Clean(c); again != c {
			t.Fatalf("Clean twice: %q then %q", c, again)
		}
	})
}

func TestRowsAreReadLazilyWhileOutputGrows(t *testing.T) {
	t.Parallel()
	s := NewScreen(options(10))
	for i := range 1000 {
		s.Write(fmt.Sprintf("line %d is long\n", i))
		if got := s.Len(); got != 2*(i+1) {
			t.Fatalf("after %d lines: %d rows", i+1, got)
		}
	}
	if got := s.Rows(1000, 1002); !reflect.DeepEqual(got, []string{"line 500 i", "s long"}) {
		t.Errorf("got %q", got)
	}
	s.Resize(80)
	if got := s.Len(); got != 1000 {
		t.Errorf("after resize: %d rows", got)
	}
	if got := s.Rows(998, 2000); !reflect.DeepEqual(got, []string{"line 998 is long", "line 999 is long"}) {
		t.Errorf("got %q", got)
	}
}

func TestColoursAreBroughtWithinTheTerminal(t *testing.T) {
	t.Parallel()
	in := "\x1b[1;38;2;250;10;10;48;5;21mx"
	for colors, want := range map[ink.Colors]string{
		ink.TrueColor: "\x1b[1;38;2;250;10;10;48;5;21mx\x1b[m",
		ink.ANSI256:   "\x1b[1;38;5;196;48;5;21mx\x1b[m",
		ink.ANSI16:    "\x1b[1;91;104mx\x1b[m",
		ink.NoColor:   "\x1b[1mx\x1b[m",
	} {
		if got := Lines(in, Options{Width: 9, Colors: colors})[0]; got != want {
			t.Errorf("%d: got %q want %q", colors, got, want)
		}
	}
}

func BenchmarkPlain100kLines(b *testing.B) {
	var sb strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&sb, "%06d the quick brown fox jumps over the lazy dog, again and again\n", i)
	}
	text := sb.String()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s := NewScreen(options(80))
		s.Write(text)
		if len(s.Rows(s.Len()-50, s.Len())) != 50 {
			b.Fatal("rows")
		}
	}
}

func BenchmarkColoured100kLines(b *testing.B) {
	text := strings.Repeat("\x1b[32mINFO\x1b[0m 2026-11-21 \x1b[1mthing\x1b[22m happened — naïve\n", 100_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s := NewScreen(options(80))
		s.Write(text)
		s.Rows(s.Len()-50, s.Len())
	}
}

func BenchmarkProgressBar10kUpdates(b *testing.B) {
	text := strings.Repeat("\r 63%|██████████████▌        | 19/30 [00:12<00:07,  1.52it/s]", 10_000)
	for b.Loop() {
		Lines(text, options(80))
	}
}

func TestVerifyRefusesWhatIsOutsideTheGrammar(t *testing.T) {
	t.Parallel()
	bad := []string{
		"\x1b", "\x1b[", "\x1b[31", "\x1b[31mx", "\x1b[8mx\x1b[m", "\x1b[1;8mx\x1b[m", "\x1b[38;5;256mx\x1b[m", "\x1b[38;2;1;2mx\x1b[m",
		"\x1b[?25l", "\x1b[2J", "\x1b[1A", "\x1b[K", "\x1b[31:1mx\x1b[m", "\x1b[11mx\x1b[m", "\x1b]0;x\a", "\x1b]8;;file:///x\x1b\\x\x1b]8;;\x1b\\",
		"\x1b]8;;http://a\x1b\\x", "\x1b]8;;http://a b\x1b\\x\x1b]8;;\x1b\\", "\x1b]8;id=1;http://a\x1b\\x\x1b]8;;\x1b\\",
		"\x1bPq\x1b\\", "\x1b_x\x1b\\", "\x1bc", "a\nb", "a\rb", "\t", "\a", "\x00", "\x7f", "\u009b31m", "\xff", "\u202e", "\u2066", "\u200e", "\u061c",
		"\u200b", "\ufeff", "\u2060", "a\u200db", "\u00ad", "\U000e0041", "a\ufe0f", "\U0010eeee", "\u2028", "\u3164",
	}
	for _, row := range bad {
		if Verify(row) == nil {
			t.Errorf("%q passes", row)
		}
	}
	good := []string{
		"", "plain", "日本 é 👩\u200d💻 1\ufe0f\u20e3", "\x1b[31mx\x1b[m", "\x1b[0;1;38;5;255;48;2;0;0;255mx\x1b[0m", "\x1b[mx", "\x1b[97;107mx\x1b[m",
		"\x1b]8;;https://a.b/c?d=e&f\x1b\\x\x1b]8;;\x1b\\", "\ufffd",
	}
	for _, row := range good {
		if err := Verify(row); err != nil {
			t.Errorf("%q: %v", row, err)
		}
	}
}

func TestCleanShowsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"report.ipynb": "report.ipynb", "a\x1b[31mb": "a^[[31mb", "a\nb\rc\td": "a⏎b^Mc^Id", "a\u202eb": "a<U+202E>b", "\u009b8m": "<U+009B>8m",
		"\xff": "\ufffd", "é日本": "é日本", "\u0301x": "◌\u0301x", "x\u200by": "x<U+200B>y", "👩\u200d💻": "👩\u200d💻", "": "", "\x00\x7f": "^@^?",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBombsAreBounded(t *testing.T) {
	t.Parallel()
	rows := Lines("e"+strings.Repeat("\u0301", 1_000_000), options(80))
	if len(rows) != 1 || len(rows[0]) > 2*maxCluster {
		t.Errorf("combining marks: %d rows, %d bytes", len(rows), len(rows[0]))
	}
	if rows := Lines(strings.Repeat("\x1b[4096G\x1b[999999999B\x1b[999999999Cx", 1000), options(80)); len(rows) > 4096 {
		t.Errorf("moves: %d rows", len(rows))
	}
	s := NewScreen(options(80))
	s.Write("\x1b]52;c;" + strings.Repeat("A", 10_000_000))
	if cap(s.in.seq) > 1<<16 {
		t.Errorf("an open string keeps %d bytes", cap(s.in.seq))
	}
	s.Write("\nnext")
	if got := s.Rows(0, s.Len()); !reflect.DeepEqual(got, []string{"", "next"}) {
		t.Errorf("after an open string: %q", got)
	}
}
