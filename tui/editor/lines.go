package editor

import "strings"

// touched is the range of lines the selection or the cursor is on, both included.
// A line that the selection merely reaches at column 0 is not one of them.
func (b *Buffer) touched() (from, to int) {
	s, ok := b.Selection()
	from, to = s.From.Line, s.To.Line
	if ok && to > from && s.To.Col == 0 {
		to--
	}
	return from, to
}

// eachLine runs do on the lines touched as one step. do returns how many bytes it
// put in (or, negative, took out) and at which column; cursor and selection move
// along.
func (b *Buffer) eachLine(do func(line int) (col, n int)) {
	from, to := b.touched()
	cursor, anchor, selecting := b.cursor, b.anchor, b.selecting
	b.step(plainStep, func() {
		for i := from; i <= to; i++ {
			col, n := do(i)
			shift(&cursor, i, col, n, selecting)
			shift(&anchor, i, col, n, selecting)
		}
		b.cursor, b.anchor, b.selecting = cursor, anchor, selecting
	})
}

// shift moves p along with n bytes put in or taken out at col of its line. The
// bounds of a selection stay where the bytes go in, so that it covers them.
func shift(p *Pos, line, col, n int, selecting bool) {
	if p.Line != line || p.Col < col || p.Col == col && selecting {
		return
	}
	p.Col = max(p.Col+n, col)
}

// Indent puts the lines touched one level deeper; empty lines stay empty.
func (b *Buffer) Indent() {
	b.eachLine(func(i int) (int, int) {
		if b.lines[i] == "" {
			return 0, 0
		}
		b.replace(Span{Pos{i, 0}, Pos{i, 0}}, b.lang.unit)
		return 0, len(b.lang.unit)
	})
}

// Dedent takes one level of indentation off the lines touched.
func (b *Buffer) Dedent() {
	b.eachLine(func(i int) (int, int) {
		indent := leading(b.lines[i])
		less := b.lang.shallower(indent)
		b.replace(Span{Pos{i, 0}, Pos{i, len(indent)}}, less)
		return len(less), len(less) - len(indent)
	})
}

// InsertIndent puts blanks in up to the next level of indentation.
func (b *Buffer) InsertIndent() {
	s, _ := b.Selection()
	unit := b.lang.unit
	if s.From.Col > 0 && b.lines[s.From.Line][s.From.Col-1] == '\t' {
		unit = "\t"
	} else if unit != "\t" {
		unit = unit[s.From.Col%len(unit):]
	}
	b.Replace(s, unit)
}

// inIndentation reports whether only blanks come before the cursor on its line.
func (b *Buffer) inIndentation() bool {
	return strings.Trim(b.lines[b.cursor.Line][:b.cursor.Col], " \t") == ""
}

// ToggleComment makes comments of the lines touched, or code when all that are not
// blank are comments. It reports whether the language has such comments.
func (b *Buffer) ToggleComment() bool {
	sign := b.lang.comment
	if sign == "" {
		return false
	}
	from, to := b.touched()
	col, all, blank := -1, true, true
	for i := from; i <= to; i++ {
		text := strings.TrimLeft(b.lines[i], " \t")
		if text == "" {
			continue
		}
		if n := len(b.lines[i]) - len(text); col < 0 || n < col {
			col = n
		}
		blank = false
		all = all && strings.HasPrefix(text, sign)
	}
	b.eachLine(func(i int) (int, int) {
		n := len(leading(b.lines[i]))
		switch {
		case blank:
			b.replace(Span{Pos{i, n}, Pos{i, n}}, sign+" ")
			return n, len(sign) + 1
		case n == len(b.lines[i]):
			return 0, 0
		case all:
			end := n + len(sign)
			if strings.HasPrefix(b.lines[i][end:], " ") {
				end++
			}
			b.replace(Span{Pos{i, n}, Pos{i, end}}, "")
			return n, n - end
		}
		b.replace(Span{Pos{i, col}, Pos{i, col}}, sign+" ")
		return col, len(sign) + 1
	})
	return true
}

// DuplicateLines copies the lines touched and puts the cursor in the lower copy.
func (b *Buffer) DuplicateLines() {
	from, to := b.touched()
	cursor, anchor, selecting := b.cursor, b.anchor, b.selecting
	b.step(plainStep, func() {
		end := Pos{to, len(b.lines[to])}
		b.replace(Span{end, end}, "\n"+strings.Join(b.lines[from:to+1], "\n"))
		n := to - from + 1
		b.cursor, b.anchor, b.selecting = Pos{cursor.Line + n, cursor.Col}, Pos{anchor.Line + n, anchor.Col}, selecting
	})
}

// MoveLines moves the lines touched one line up (dir -1) or down (dir +1) and
// reports whether there was room.
func (b *Buffer) MoveLines(dir int) bool {
	from, to := b.touched()
	first, last := min(from, from+dir), max(to, to+dir)
	if first < 0 || last >= len(b.lines) {
		return false
	}
	cursor, anchor, selecting := b.cursor, b.anchor, b.selecting
	block := strings.Join(b.lines[from:to+1], "\n")
	text := block + "\n" + b.lines[first]
	if dir > 0 {
		text = b.lines[last] + "\n" + block
	}
	b.step(plainStep, func() {
		b.replace(Span{Pos{first, 0}, Pos{last, len(b.lines[last])}}, text)
		b.cursor, b.anchor, b.selecting = Pos{cursor.Line + dir, cursor.Col}, Pos{anchor.Line + dir, anchor.Col}, selecting
	})
	return true
}

// DeleteLines deletes the lines touched, newlines included.
func (b *Buffer) DeleteLines() string {
	from, to := b.touched()
	s := Span{Pos{from, 0}, Pos{to + 1, 0}}
	if to == len(b.lines)-1 {
		s.To = b.end()
		if from > 0 {
			s.From = Pos{from - 1, len(b.lines[from-1])}
		}
	}
	text := strings.Join(b.lines[from:to+1], "\n") + "\n"
	col := b.cursor.Col
	b.step(plainStep, func() {
		b.replace(s, "")
		b.cursor = b.clamp(Pos{min(from, len(b.lines)-1), col})
	})
	return text
}
