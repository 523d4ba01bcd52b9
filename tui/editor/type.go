package editor

import "strings"

// Type puts typed text in: over the selection, with brackets and quotes closing
// themselves when AutoClose is set.
func (b *Buffer) Type(text string) {
	if text == "" {
		return
	}
	if s, ok := b.Selection(); ok {
		if len(text) == 1 && b.AutoClose && b.surrounds(text[0]) {
			b.surround(s, text[0])
			return
		}
		b.Replace(s, text)
		return
	}
	if len(text) == 1 && b.closes(text[0]) {
		p := b.pending()
		b.cursor.Col++
		b.keepPairs(p[:max(len(p)-1, 0)])
		return
	}
	after := b.pending()
	closer := ""
	if len(text) == 1 && b.opens(text[0]) {
		closer = string(pairOf(text[0]))
	}
	kind := typeStep
	if closer != "" {
		kind = plainStep
	}
	b.step(kind, func() {
		end := b.replace(Span{b.cursor, b.cursor}, text+closer)
		b.cursor = Pos{end.Line, end.Col - len(closer)}
		if text == ":" {
			b.alignClause()
		}
	})
	b.keepPairs(append(after, closer...))
}

// alignClause puts a clause just typed, "else:" say, below its statement.
func (b *Buffer) alignClause() {
	line := b.cursor.Line
	if b.cursor.Col != len(b.lines[line]) {
		return
	}
	if indent, ok := b.lang.clauseIndent(b, line); ok {
		b.replace(Span{Pos{line, 0}, Pos{line, len(leading(b.lines[line]))}}, indent)
		b.cursor = Pos{line, len(b.lines[line])}
	}
}

// surrounds reports whether typing c over a selection puts it around.
func (b *Buffer) surrounds(c byte) bool {
	return strings.IndexByte(openers, c) >= 0 || strings.IndexByte(b.lang.quotes, c) >= 0
}

// surround puts a pair around a span and leaves the span selected.
func (b *Buffer) surround(s Span, c byte) {
	b.step(plainStep, func() {
		b.replace(Span{s.To, s.To}, string(pairOf(c)))
		b.replace(Span{s.From, s.From}, string(c))
		b.anchor = Pos{s.From.Line, s.From.Col + 1}
		b.cursor = s.To
		if s.To.Line == s.From.Line {
			b.cursor.Col++
		}
		b.selecting = true
	})
}

// Paste puts foreign text in, over the selection: line ends become newlines,
// control characters other than tab are left out, nothing else is touched and
// nothing is indented or closed.
func (b *Buffer) Paste(text string) {
	s, _ := b.Selection()
	b.Replace(s, clean(text))
}

// clean normalises line ends and drops control characters but tab and newline.
func clean(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' || 0x7f <= r && r < 0xa0 }) < 0 {
		return text
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var out strings.Builder
	out.Grow(len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\r':
			out.WriteByte('\n')
		case c < ' ' && c != '\t' && c != '\n', c == 0x7f:
		case c == 0xc2 && i+1 < len(text) && 0x80 <= text[i+1] && text[i+1] < 0xa0:
			i++ // a C1 control, U+0080 to U+009F
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// Newline breaks the line and indents the next one as the language does.
func (b *Buffer) Newline() {
	s, _ := b.Selection()
	b.step(plainStep, func() {
		at := b.replace(s, "")
		line := b.lines[at.Line]
		indent := b.lang.indentation(b, at)
		from, to := at, at
		for to.Col < len(line) && (line[to.Col] == ' ' || line[to.Col] == '\t') {
			to.Col++
		}
		if strings.Trim(line[:at.Col], " \t") == "" {
			if to.Col < len(line) {
				start := Pos{at.Line, 0} // the text keeps the indentation it has
				b.replace(Span{start, start}, "\n")
				b.cursor = Pos{at.Line + 1, at.Col}
				return
			}
			from.Col = 0 // a line of blanks is left empty
		}
		below := ""
		if b.splitsPair(from, to) {
			below = "\n" + leading(line)
		}
		end := b.replace(Span{from, to}, "\n"+indent+below)
		b.cursor = end
		if below != "" {
			b.cursor = Pos{end.Line - 1, len(indent)}
		}
	})
}

// splitsPair reports whether the newline comes right between two brackets.
func (b *Buffer) splitsPair(from, to Pos) bool {
	line := b.lines[from.Line]
	return b.lang.code && from.Col > 0 && to.Col < len(line) &&
		strings.IndexByte(openers, line[from.Col-1]) >= 0 && pairOf(line[from.Col-1]) == line[to.Col]
}

// remove deletes the selection, or else up to the place where gives.
func (b *Buffer) remove(kind stepKind, where func() Pos) string {
	s, ok := b.Selection()
	if !ok {
		s = Span{b.cursor, where()}
		if s.To.Before(s.From) {
			s.From, s.To = s.To, s.From
		}
	} else {
		kind = plainStep
	}
	text := strings.Clone(b.Text(s))
	b.step(kind, func() { b.cursor = b.replace(s, "") })
	return text
}

// Backspace deletes the selection or the cluster before the cursor; one level of
// indentation where there is only indentation; an empty pair as a whole.
func (b *Buffer) Backspace() {
	if _, ok := b.Selection(); ok || b.cursor.Col == 0 {
		b.remove(backspaceStep, b.left)
		return
	}
	line, col := b.lines[b.cursor.Line], b.cursor.Col
	if head := line[:col]; leading(head) == head && head[col-1] == ' ' {
		b.remove(backspaceStep, func() Pos { return Pos{b.cursor.Line, len(b.lang.shallower(head))} })
		return
	}
	pending := b.pending()
	if col < len(line) && b.AutoClose && pairOf(line[col-1]) == line[col] && b.surrounds(line[col-1]) {
		b.step(plainStep, func() {
			b.cursor = b.replace(Span{Pos{b.cursor.Line, col - 1}, Pos{b.cursor.Line, col + 1}}, "")
		})
		b.keepPairs(pending[:max(len(pending)-1, 0)])
		return
	}
	b.remove(backspaceStep, b.left)
	b.keepPairs(pending)
}

// Delete deletes the selection or the cluster after the cursor.
func (b *Buffer) Delete() { b.remove(deleteStep, b.right) }

// DeleteWordLeft deletes the selection, or back to the beginning of the word, and
// returns what it deleted; at the beginning of a line the two lines join.
// DeleteWordRight, KillLine and KillLineStart do the same to their bounds.
func (b *Buffer) DeleteWordLeft() string { return b.remove(plainStep, b.wordLeft) }

// DeleteWordRight is described at DeleteWordLeft.
func (b *Buffer) DeleteWordRight() string { return b.remove(plainStep, b.wordRight) }

// KillLine deletes up to the end of the line, at the end the newline.
func (b *Buffer) KillLine() string {
	return b.remove(plainStep, func() Pos {
		if end := len(b.lines[b.cursor.Line]); b.cursor.Col < end {
			return Pos{b.cursor.Line, end}
		}
		return b.right()
	})
}

// KillLineStart deletes down to the start of the line, at the start the newline
// before it.
func (b *Buffer) KillLineStart() string {
	return b.remove(plainStep, func() Pos {
		if b.cursor.Col > 0 {
			return Pos{b.cursor.Line, 0}
		}
		return b.left()
	})
}
