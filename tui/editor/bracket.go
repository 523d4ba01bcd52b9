package editor

import "strings"

// matchLimit is how many bytes are looked at to find the other bracket of a pair.
const matchLimit = 20_000

const (
	openers = "([{"
	closers = ")]}"
)

// Match gives the bracket beside the cursor (the one before it first) and its
// partner. Quotes and comments are not looked into; ok is false when there is no
// bracket, no partner, or none within some 20,000 bytes.
func (b *Buffer) Match() (at, partner Pos, ok bool) {
	line, col := b.lines[b.cursor.Line], b.cursor.Col
	for _, c := range []int{col - 1, col} {
		if c < 0 || c >= len(line) || strings.IndexByte(openers+closers, line[c]) < 0 {
			continue
		}
		at = Pos{b.cursor.Line, c}
		if strings.IndexByte(openers, line[c]) >= 0 {
			partner, ok = b.seek(at, 1)
		} else {
			partner, ok = b.seek(at, -1)
		}
		if ok {
			return at, partner, true
		}
	}
	return Pos{}, Pos{}, false
}

// seek finds the partner of the bracket at p, forwards or backwards. Brackets of
// all kinds count; a partner of the wrong kind is none.
func (b *Buffer) seek(p Pos, dir int) (Pos, bool) {
	mine := b.lines[p.Line][p.Col]
	depth, line, col := 0, p.Line, p.Col
	for left := matchLimit; left > 0; left-- {
		s := b.lines[line]
		if col < 0 || col >= len(s) {
			line += dir
			if line < 0 || line >= len(b.lines) {
				return Pos{}, false
			}
			col = 0
			if dir < 0 {
				col = len(b.lines[line]) - 1
			}
			continue
		}
		depth += weight(s[col]) * dir
		if depth == 0 {
			return Pos{line, col}, pairOf(s[col]) == mine
		}
		col += dir
	}
	return Pos{}, false
}

// openerOf finds what the first unmatched closing bracket of head, which is the
// beginning of the line, closes.
func (b *Buffer) openerOf(line int, head string) (Pos, bool) {
	depth := 0
	for i := range min(len(head), scanLimit) {
		depth += weight(head[i])
		if depth < 0 {
			return b.seek(Pos{line, i}, -1)
		}
	}
	return Pos{}, false
}

// weight is +1 for an opening bracket, -1 for a closing one, else 0.
func weight(c byte) int {
	switch c {
	case '(', '[', '{':
		return 1
	case ')', ']', '}':
		return -1
	}
	return 0
}

// pairOf is the other bracket or quote of a pair; 0 for anything else.
func pairOf(c byte) byte {
	if i := strings.IndexByte(openers, c); i >= 0 {
		return closers[i]
	}
	if i := strings.IndexByte(closers, c); i >= 0 {
		return openers[i]
	}
	if c == '"' || c == '\'' || c == '`' {
		return c
	}
	return 0
}

// pairs remembers the closing brackets that were put in automatically and not yet
// typed: they stand right after the cursor, the innermost last. They count only
// while nothing but typing happened.
type pairs struct {
	closers []byte
	at      Pos
	version uint64
}

// pending gives the automatic closers after the cursor.
func (b *Buffer) pending() []byte {
	if b.pairs.version != b.version || b.pairs.at != b.cursor || b.selecting {
		return nil
	}
	return b.pairs.closers
}

// keepPairs says which automatic closers stand after the cursor now.
func (b *Buffer) keepPairs(closers []byte) {
	b.pairs = pairs{closers: closers, at: b.cursor, version: b.version}
}

// closes reports whether typing c should step over the c that follows the cursor:
// it was put in automatically, or it is the quote that ends a string.
func (b *Buffer) closes(c byte) bool {
	line, col := b.lines[b.cursor.Line], b.cursor.Col
	if !b.AutoClose || col >= len(line) || line[col] != c || nextCluster(line, col) != col+1 {
		return false
	}
	if p := b.pending(); len(p) > 0 && p[len(p)-1] == c {
		return true
	}
	return strings.IndexByte(b.lang.quotes, c) >= 0 && b.inQuote(c)
}

// inQuote reports whether the cursor stands in a string that c began on its line.
func (b *Buffer) inQuote(c byte) bool {
	head := b.lines[b.cursor.Line][:b.cursor.Col]
	if len(head) > scanLimit {
		return false
	}
	in := false
	for i := 0; i < len(head); i++ {
		switch head[i] {
		case '\\':
			if i++; i == len(head) {
				return false // what comes next is escaped
			}
		case c:
			in = !in
		}
	}
	return in
}

// opens reports whether typing c should bring its partner: nothing but space or
// closing signs follows, and for a quote nothing it could belong to comes before.
func (b *Buffer) opens(c byte) bool {
	quote := strings.IndexByte(b.lang.quotes, c) >= 0
	if !b.AutoClose || !quote && strings.IndexByte(openers, c) < 0 {
		return false
	}
	line, col := b.lines[b.cursor.Line], b.cursor.Col
	if col < len(line) && strings.IndexByte(" \t)]},;:", line[col]) < 0 {
		return false
	}
	if !quote || col == 0 {
		return true
	}
	if b.inQuote(c) || line[col-1] == c {
		return false
	}
	start := col
	for start > 0 && classOf(line, prevCluster(line, start)) == wordClass {
		start = prevCluster(line, start)
	}
	return start == col || b.lang.colon && isStringPrefix(line[start:col])
}

// isStringPrefix reports whether s may stand before a quote in Python.
func isStringPrefix(s string) bool {
	return len(s) <= 2 && strings.Trim(strings.ToLower(s), "rbfut") == ""
}
