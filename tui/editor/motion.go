package editor

// The places a motion leads to from the cursor. Those that need to know widths
// (rows up and down) are the Editor's.

func (b *Buffer) left() Pos {
	p := b.cursor
	switch {
	case p.Col > 0:
		p.Col = prevCluster(b.lines[p.Line], p.Col)
	case p.Line > 0:
		p = Pos{p.Line - 1, len(b.lines[p.Line-1])}
	}
	return p
}

func (b *Buffer) right() Pos {
	p := b.cursor
	switch {
	case p.Col < len(b.lines[p.Line]):
		p.Col = nextCluster(b.lines[p.Line], p.Col)
	case p.Line+1 < len(b.lines):
		p = Pos{p.Line + 1, 0}
	}
	return p
}

// wordLeft is the start of the word, or run of signs, before the cursor; at the
// start of a line the end of the line above.
func (b *Buffer) wordLeft() Pos {
	p := b.cursor
	if p.Col == 0 {
		return b.left()
	}
	line := b.lines[p.Line]
	skip := func(c class) {
		for p.Col > 0 {
			prev := prevCluster(line, p.Col)
			if classOf(line, prev) != c {
				return
			}
			p.Col = prev
		}
	}
	skip(spaceClass)
	if p.Col > 0 {
		skip(classOf(line, prevCluster(line, p.Col)))
	}
	return p
}

// wordRight is the end of the word, or run of signs, after the cursor; at the end
// of a line the start of the line below.
func (b *Buffer) wordRight() Pos {
	p := b.cursor
	line := b.lines[p.Line]
	if p.Col == len(line) {
		return b.right()
	}
	skip := func(c class) {
		for p.Col < len(line) && classOf(line, p.Col) == c {
			p.Col = nextCluster(line, p.Col)
		}
	}
	skip(spaceClass)
	if p.Col < len(line) {
		skip(classOf(line, p.Col))
	}
	return p
}

// wordAt is the word, run of signs or run of blanks at p.
func (b *Buffer) wordAt(p Pos) Span {
	p = b.valid(p)
	line := b.lines[p.Line]
	if line == "" {
		return Span{p, p}
	}
	at := p.Col
	if at == len(line) {
		at = prevCluster(line, at)
	}
	c := classOf(line, at)
	from, to := at, at
	for from > 0 && classOf(line, prevCluster(line, from)) == c {
		from = prevCluster(line, from)
	}
	for to < len(line) && classOf(line, to) == c {
		to = nextCluster(line, to)
	}
	return Span{Pos{p.Line, from}, Pos{p.Line, to}}
}

// home is the first character that is not blank, or column 0 when the cursor is
// there already.
func (b *Buffer) home() Pos {
	if n := len(leading(b.lines[b.cursor.Line])); n != b.cursor.Col {
		return Pos{b.cursor.Line, n}
	}
	return Pos{b.cursor.Line, 0}
}

func (b *Buffer) lineEnd() Pos {
	return Pos{b.cursor.Line, len(b.lines[b.cursor.Line])}
}
