package render

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"nbterm/render/term"
)

// MaxLine is a Context.MaxLine for screens: of a line that fills 10,000 rows nobody reads the rest.
const MaxLine = 1_000_000

// clipper writes text to a screen, and of each line no more than the limit: nobody
// reads a hundred megabytes in one line, and to wrap them costs a second and three
// times their memory. What is left out is marked. Text may come in pieces cut between
// characters; the result is that of the whole.
type clipper struct {
	limit int // bytes of a line, 0 is all
	run   int // bytes since the line began
	cut   bool
}

// write plays text. A carriage return begins a line too: a bar of progress may be
// drawn a million times on one.
func (c *clipper) write(s *term.Screen, text string) {
	if c.limit <= 0 {
		s.Write(text)
		return
	}
	for text != "" {
		end := strings.IndexAny(text, "\r\n")
		if end < 0 {
			c.part(s, text)
			return
		}
		if c.run+end > c.limit {
			c.part(s, text[:end])
			text = text[end:]
			end = 0
		}
		// Lines that fit are passed on together with those that follow.
		fit := c.fitting(text, end)
		s.Write(text[:fit])
		text, c.run, c.cut = text[fit:], 0, false
	}
}

// fitting is the length of the lines at the start of text, of which the first ends at
// end, up to the first that is too long or has no end.
func (c *clipper) fitting(text string, end int) int {
	fit := end + 1
	for fit < len(text) {
		n := strings.IndexAny(text[fit:], "\r\n")
		if n < 0 || n > c.limit {
			break
		}
		fit += n + 1
	}
	return fit
}

// part plays a part of one line.
func (c *clipper) part(s *term.Screen, text string) {
	if c.cut {
		return
	}
	if c.run+len(text) <= c.limit {
		s.Write(text)
		c.run += len(text)
		return
	}
	end := c.limit - c.run
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	s.Write(text[:end])
	s.Flush() // a sequence that the cut has left open would swallow the mark
	s.Write(fmt.Sprintf("\x1b[m … the rest of this line is not drawn: it is longer than %s", size(c.limit)))
	c.run, c.cut = c.limit, true
}
