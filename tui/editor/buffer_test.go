package editor

import (
	"strings"
	"testing"
)

// In these tests | is the cursor and ¦ the other end of the selection.

// marked makes a buffer of text with marks.
func marked(t testing.TB, language, text string) *Buffer {
	t.Helper()
	cursor, anchor := strings.Index(text, "|"), strings.Index(text, "¦")
	if cursor < 0 {
		t.Fatalf("no cursor in %q", text)
	}
	b := NewBuffer(strings.NewReplacer("|", "", "¦", "").Replace(text))
	b.lang = languageOf(language)
	switch {
	case anchor < 0:
		b.SetCursor(b.At(cursor))
	case anchor < cursor:
		b.Select(b.At(anchor), b.At(cursor-len("¦")))
	default:
		b.Select(b.At(anchor-1), b.At(cursor))
	}
	return b
}

// show is the text of a buffer with marks.
func show(b *Buffer) string {
	text := b.Value()
	cursor := b.Offset(b.cursor)
	if _, ok := b.Selection(); !ok {
		return text[:cursor] + "|" + text[cursor:]
	}
	anchor := b.Offset(b.anchor)
	if anchor < cursor {
		return text[:anchor] + "¦" + text[anchor:cursor] + "|" + text[cursor:]
	}
	return text[:cursor] + "|" + text[cursor:anchor] + "¦" + text[anchor:]
}

type bufferCase struct {
	name, before, after string
	do                  func(b *Buffer)
}

func runCases(t *testing.T, language string, cases []bufferCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := marked(t, language, c.before)
			original := b.Value()
			c.do(b)
			if got := show(b); got != c.after {
				t.Fatalf("\n got %q\nwant %q", got, c.after)
			}
			for b.Undo() {
			}
			if b.Value() != original {
				t.Fatalf("undone: %q, was %q", b.Value(), original)
			}
			for b.Redo() {
			}
			if want := strings.NewReplacer("|", "", "¦", "").Replace(c.after); b.Value() != want {
				t.Fatalf("redone: %q, want %q", b.Value(), want)
			}
		})
	}
}

func typing(text string) func(*Buffer) {
	return func(b *Buffer) {
		for _, r := range text {
			if r == '\n' {
				b.Newline()
			} else {
				b.Type(string(r))
			}
		}
	}
}

func TestTypingPutsTextAtTheCursor(t *testing.T) {
	t.Parallel()
	runCases(t, "python", []bufferCase{
		{"in the middle", "ab|cd", "abxy|cd", typing("xy")},
		{"over a selection", "a¦bc|d", "ax|d", typing("x")},
		{"over a selection of lines", "a¦b\nc|d", "ax|d", typing("x")},
		{"a character of many runes at once", "a|", "a👩‍👩‍👧|", func(b *Buffer) { b.Type("👩‍👩‍👧") }},
		{"a letter before a lone mark takes it", "|\u0301x", "e\u0301|x", typing("e")},
	})
}

func TestBracketsAndQuotesCloseThemselves(t *testing.T) {
	t.Parallel()
	runCases(t, "python", []bufferCase{
		{"at the end of a line", "f|", "f(|)", typing("(")},
		{"not before a word", "|f", "(|f", typing("(")},
		{"before a closing bracket", "f(|)", "f([|])", typing("[")},
		{"the closer is stepped over", "f|", "f([1])|", typing("([1])")},
		{"a closer that was there before is not", "f(a|)", "f(a)|)", typing(")")},
		{"around a selection", "x ¦abc| y", "x (¦abc|) y", typing("(")},
		{"quotes around a selection", "¦abc|", "\"¦abc|\"", typing("\"")},
		{"a string", "x = |", "x = \"hi\"|", typing("\"hi\"")},
		{"an apostrophe is left alone", "# don|", "# don't|", typing("'t")},
		{"a prefixed string", "x = f|", "x = f\"|\"", typing("\"")},
		{"three quotes", "x = |", "x = \"\"\"|", typing("\"\"\"")},
		{"the end of a string typed before", "x = 'a|'", "x = 'a'|", typing("'")},
		{"an escaped quote does not end it", `x = 'a\|'`, `x = 'a\'|'`, typing("'")},
		{"an empty pair goes as a whole", "f|", "f|", func(b *Buffer) { b.Type("("); b.Backspace() }},
		{"inside an outer pair", "f|", "f(|)", func(b *Buffer) { typing("([")(b); b.Backspace() }},
		{"after moving away nothing is stepped over", "f|", "f()|)", func(b *Buffer) {
			b.Type("(")
			b.SetCursor(Pos{})
			b.SetCursor(Pos{0, 2})
			b.Type(")")
		}},
	})
	runCases(t, "markdown", []bufferCase{{"quotes in prose do not", "say |", "say \"|", typing("\"")}})
	b := marked(t, "python", "f|")
	b.AutoClose = false
	if typing("(\"")(b); show(b) != "f(\"|" {
		t.Errorf("turned off: %q", show(b))
	}
}

func TestNewlineIndentsAsTheLanguageDoes(t *testing.T) {
	t.Parallel()
	nl := func(b *Buffer) { b.Newline() }
	runCases(t, "python", []bufferCase{
		{"keeps indentation", "    a = 1|", "    a = 1\n    |", nl},
		{"deeper after a colon", "if x:|", "if x:\n    |", nl},
		{"deeper after a colon and a comment", "if x:  # why|", "if x:  # why\n    |", nl},
		{"a colon in a comment is none", "x = 1  # note:|", "x = 1  # note:\n|", nl},
		{"a colon in a string is none", "x = \"a:\"|", "x = \"a:\"\n|", nl},
		{"deeper in an open bracket", "f(a,|", "f(a,\n    |", nl},
		{"a bracket in a string is not open", "x = \"(\"|", "x = \"(\"\n|", nl},
		{"between brackets they part", "f(|)", "f(\n    |\n)", nl},
		{"back where a call began", "    f(\n        a,\n        b)|", "    f(\n        a,\n        b)\n    |", nl},
		{"a block after a condition on lines", "if (a and\n        b):|", "if (a and\n        b):\n    |", nl},
		{"shallower after return", "def f():\n    return 1|", "def f():\n    return 1\n|", nl},
		{"shallower after pass", "    if x:\n        pass|", "    if x:\n        pass\n    |", nl},
		{"not after a word that begins so", "    passing = 1|", "    passing = 1\n    |", nl},
		{"return with an open bracket", "    return f(|", "    return f(\n        |", nl},
		{"blanks after the cursor go", "ab|   cd", "ab\n|cd", nl},
		{"a line of blanks is left empty", "    |", "\n    |", nl},
		{"before indented text", "|    a", "\n|    a", nl},
		{"within indentation", "  |  a", "\n  |  a", nl},
		{"tabs are kept", "\tif x:|", "\tif x:\n\t    |", nl},
		{"over a selection", "    a¦bc|d", "    a\n    |d", nl},
	})
	runCases(t, "r", []bufferCase{
		{"deeper after a brace", "f <- function(x) {|}", "f <- function(x) {\n    |\n}", nl},
		{"a colon means nothing", "x <- 1:|", "x <- 1:\n|", nl},
		{"return means nothing", "    return|", "    return\n    |", nl},
	})
	runCases(t, "markdown", []bufferCase{{"prose keeps indentation", "  - a (|", "  - a (\n  |", nl}})
}

func TestAClauseGoesBelowItsStatement(t *testing.T) {
	t.Parallel()
	runCases(t, "python", []bufferCase{
		{"else", "if a:\n    b\n    else|", "if a:\n    b\nelse:|", typing(":")},
		{"elif with a condition", "if a:\n    b\n    elif c|", "if a:\n    b\nelif c:|", typing(":")},
		{"of the inner statement", "for x in y:\n    if z:\n        q\n        else|", "for x in y:\n    if z:\n        q\n    else:|", typing(":")},
		{"already there", "if a:\n    if b:\n        return\n    else|", "if a:\n    if b:\n        return\n    else:|", typing(":")},
		{"except", "try:\n    a\n\n    except E|", "try:\n    a\n\nexcept E:|", typing(":")},
		{"not without a statement", "x = 1\n    else|", "x = 1\n    else:|", typing(":")},
		{"not a word that begins so", "if a:\n    elsewhere|", "if a:\n    elsewhere:|", typing(":")},
		{"not in the middle of a line", "if a:\n    else| x", "if a:\n    else:| x", typing(":")},
	})
}

func TestDeleting(t *testing.T) {
	t.Parallel()
	back, del := (*Buffer).Backspace, (*Buffer).Delete
	runCases(t, "python", []bufferCase{
		{"a character back", "ab|c", "a|c", back},
		{"a character on", "ab|cd", "ab|d", del},
		{"a cluster of many runes back", "a👩‍👩‍👧|b", "a|b", back},
		{"a letter with its marks", "xe\u0301\u0302|y", "x|y", back},
		{"a flag, not half of two", "🇩🇪🇫🇷|", "🇩🇪|", back},
		{"a wide character on", "|漢字", "|字", del},
		{"a byte that is not UTF-8", "a\xff\xfe|b", "a\xff|b", back},
		{"the newline before", "ab\n|cd", "ab|cd", back},
		{"the newline after", "ab|\ncd", "ab|cd", del},
		{"one level of indentation", "        |x", "    |x", back},
		{"up to the next level", "      |x", "    |x", back},
		{"a tab", "\t\t|x", "\t|x", back},
		{"a blank after text is one character", "a    |x", "a   |x", back},
		{"the selection back", "a¦bc|d", "a|d", back},
		{"the selection on", "a|bc¦d", "a|d", del},
		{"at the start nothing", "|a", "|a", back},
		{"at the end nothing", "a|", "a|", del},
		{"a word back", "foo.bar baz|", "foo.bar |", func(b *Buffer) { b.DeleteWordLeft() }},
		{"a word and blanks back", "foo.bar   |", "foo.|", func(b *Buffer) { b.DeleteWordLeft() }},
		{"signs back", "a == |", "a |", func(b *Buffer) { b.DeleteWordLeft() }},
		{"a word on", "|foo bar", "| bar", func(b *Buffer) { b.DeleteWordRight() }},
		{"to the end of the line", "a|bc\nd", "a|\nd", func(b *Buffer) { b.KillLine() }},
		{"at its end the newline", "abc|\nd", "abc|d", func(b *Buffer) { b.KillLine() }},
		{"to the start of the line", "x\nab|c", "x\n|c", func(b *Buffer) { b.KillLineStart() }},
		{"whole lines", "a\nb¦b\nc|c\nd", "a\nd|", func(b *Buffer) { b.DeleteLines() }},
		{"the last line", "a\nb|b", "a|", func(b *Buffer) { b.DeleteLines() }},
	})
}

func TestLinesTogether(t *testing.T) {
	t.Parallel()
	indent, dedent := (*Buffer).Indent, (*Buffer).Dedent
	comment := func(b *Buffer) { b.ToggleComment() }
	runCases(t, "python", []bufferCase{
		{"indent the selected", "¦a\n\nb|", "¦    a\n\n    b|", indent},
		{"a line reached at column 0 is not selected", "¦a\n|b", "¦    a\n|b", indent},
		{"dedent the selected", "    ¦a\n  b|\nc", "¦a\nb|\nc", dedent},
		{"dedent one line", "      a|", "    a|", dedent},
		{"dedent what is not indented", "a|", "a|", dedent},
		{"tab goes to the next level", "  |x", "    |x", (*Buffer).InsertIndent},
		{"tab after a tab is a tab", "\t|x", "\t\t|x", (*Buffer).InsertIndent},
		{"comment a line", "    a = |1", "    # a = |1", comment},
		{"comment at the least indentation", "¦  if a:\n\n    b|", "¦  # if a:\n\n  #   b|", comment},
		{"uncomment", "  # if¦ a:\n  #   b|", "  if¦ a:\n    b|", comment},
		{"uncomment without the blank", "#a|", "a|", comment},
		{"comment when one is not", "¦# a\nb|", "¦# # a\n# b|", comment},
		{"comment an empty line", "  |", "  # |", comment},
		{"duplicate", "a\nb|c\nd", "a\nbc\nb|c\nd", (*Buffer).DuplicateLines},
		{"duplicate the selected", "¦a\nb|\nc", "a\nb\n¦a\nb|\nc", (*Buffer).DuplicateLines},
		{"move up", "a\nb|c\nd", "b|c\na\nd", func(b *Buffer) { b.MoveLines(-1) }},
		{"move down to the end", "¦a\nb|\nc", "c\n¦a\nb|", func(b *Buffer) { b.MoveLines(1) }},
		{"no room above", "a|\nb", "a|\nb", func(b *Buffer) { b.MoveLines(-1) }},
	})
	runCases(t, "javascript", []bufferCase{{"another sign", "a|", "// a|", comment}})
	if b := marked(t, "markdown", "a|"); b.ToggleComment() || show(b) != "a|" {
		t.Errorf("prose has no comments: %q", show(b))
	}
}

func TestPasteKeepsAllButControls(t *testing.T) {
	t.Parallel()
	paste := func(s string) func(*Buffer) { return func(b *Buffer) { b.Paste(s) } }
	runCases(t, "python", []bufferCase{
		{"line ends become newlines", "|", "a\nb\nc\nd|", paste("a\r\nb\rc\nd")},
		{"controls go, tabs stay", "|", "a\tb[31mc|", paste("a\x00\tb\x1b[31mc\x7f")},
		{"C1 controls go", "|", "ab|", paste("a\u009bb")},
		{"bytes that are not UTF-8 stay", "|", "a\xff\x80b|", paste("a\xff\x80b\x00")},
		{"no closing, no indenting", "if x:|", "if x:\n(\n  \"|", paste("\n(\n  \"")},
		{"over the selection", "a¦b|c", "aXc"[:2] + "|c", paste("X")},
	})
}

func TestMotions(t *testing.T) {
	t.Parallel()
	to := func(where func(*Buffer) Pos) func(*Buffer) { return func(b *Buffer) { b.SetCursor(where(b)) } }
	runCases(t, "python", []bufferCase{
		{"left over a cluster", "a👩‍👩‍👧|", "a|👩‍👩‍👧", to((*Buffer).left)},
		{"left to the line above", "ab\n|c", "ab|\nc", to((*Buffer).left)},
		{"right to the line below", "ab|\nc", "ab\n|c", to((*Buffer).right)},
		{"word left", "foo bar|", "foo |bar", to((*Buffer).wordLeft)},
		{"word left stops at signs", "foo.bar|", "foo.|bar", to((*Buffer).wordLeft)},
		{"word right to its end", "|foo bar", "foo| bar", to((*Buffer).wordRight)},
		{"word right over blanks", "foo|  bar", "foo  bar|", to((*Buffer).wordRight)},
		{"words have marks and digits", "|naïve_e\u0301x2 y", "naïve_e\u0301x2| y", to((*Buffer).wordRight)},
		{"home to the text", "   ab|c", "   |abc", to((*Buffer).home)},
		{"home again to column 0", "   |abc", "|   abc", to((*Buffer).home)},
		{"home from the indentation", " |  abc", "   |abc", to((*Buffer).home)},
	})
}

func TestUndoTakesBackAWordAtATime(t *testing.T) {
	t.Parallel()
	b := marked(t, "python", "|")
	typing("one two\nx")(b)
	var seen []string
	for b.Undo() {
		seen = append(seen, show(b))
	}
	want := []string{"one two\n|", "one two|", "one |", "|"}
	if strings.Join(seen, "/") != strings.Join(want, "/") {
		t.Errorf("%q, want %q", seen, want)
	}
}

func TestUndoJoinsRemovingAndRestoresTheSelection(t *testing.T) {
	t.Parallel()
	b := marked(t, "python", "abcdef|")
	b.Backspace()
	b.Backspace()
	b.SetCursor(Pos{0, 1})
	b.Delete()
	b.Delete()
	b.Undo()
	if show(b) != "a|bcd" {
		t.Errorf("after one undo: %q", show(b))
	}
	b.Undo()
	if show(b) != "abcdef|" {
		t.Errorf("after two: %q", show(b))
	}
	b.Redo()
	if show(b) != "abcd|" {
		t.Errorf("redone: %q", show(b))
	}
	b = marked(t, "python", "a¦bc|d")
	b.Type("x")
	b.Undo()
	if show(b) != "a¦bc|d" {
		t.Errorf("selection: %q", show(b))
	}
}

func TestANewEditForgetsWhatCouldBeRedone(t *testing.T) {
	t.Parallel()
	b := marked(t, "python", "|")
	b.Type("a")
	b.Undo()
	b.Type("b")
	if b.Redo() || b.Value() != "b" {
		t.Errorf("redone to %q", b.Value())
	}
}

func TestMatchingBrackets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"f(a[1]|)":      "f(a<1>|)",
		"|(a)":          "|<a>",
		"f(\n  x,\n|)":  "f<\n  x,\n|>",
		"f((a)|":        "f(<a>|",
		"(]|":           "(]|",
		"a|":            "a|",
		"|":             "|",
		"{[(|)]}":       "{[<|>]}",
		"(\n\n\n|\n\n)": "(\n\n\n|\n\n)",
	} {
		b := marked(t, "python", text)
		got := show(b)
		if at, partner, ok := b.Match(); ok {
			raw := []byte(b.Value())
			first, second := b.Offset(at), b.Offset(partner)
			raw[min(first, second)], raw[max(first, second)] = '<', '>'
			cursor := b.Offset(b.cursor)
			got = string(raw[:cursor]) + "|" + string(raw[cursor:])
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestOffsetsAndPlacesAgree(t *testing.T) {
	t.Parallel()
	b := NewBuffer("ab\n\ncdé\n")
	for offset := 0; offset <= len(b.Value()); offset++ {
		if got := b.Offset(b.At(offset)); got != offset {
			t.Errorf("offset %d became %d", offset, got)
		}
	}
	if b.At(99) != b.end() || b.At(-1) != (Pos{}) {
		t.Error("offsets outside of the text are not clamped")
	}
}
