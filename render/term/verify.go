package term

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// colour is one colour of an SGR as Verify accepts it.
const colour = `[349][0-7]|10[0-7]|[34]9|[34]8;5;` + byteValue + `|[34]8;2;` + byteValue + `;` + byteValue + `;` + byteValue

const byteValue = `(?:25[0-5]|2[0-4]\d|1?\d?\d)`

var sgrPattern = regexp.MustCompile(`^\x1b\[(?:(?:0|[1-57]|9|2[1-57]|29|53|55|` + colour + `)(?:;|m)|m)+`)

// Verify says what in one row is outside the grammar of the package comment, nil
// when nothing is. It shares no code with what makes the rows.
func Verify(row string) error {
	styled, linked := false, false
	for i := 0; i < len(row); {
		rest := row[i:]
		switch {
		case strings.HasPrefix(rest, "\x1b["):
			end := strings.IndexByte(rest, 'm') + 1
			if end == 0 || len(sgrPattern.FindString(rest[:end])) != end {
				return fmt.Errorf("byte %d: %.40q is no SGR that may be written", i, rest)
			}
			styled = rest[:end] != "\x1b[m" && rest[:end] != "\x1b[0m"
			i += end
		case strings.HasPrefix(rest, "\x1b]8;;"):
			url, _, ok := strings.Cut(rest[5:], "\x1b\\")
			if !ok || !fitTarget(url) {
				return fmt.Errorf("byte %d: %.40q is no link that may be written", i, rest)
			}
			linked = url != ""
			i += 5 + len(url) + 2
		default:
			r, n := utf8.DecodeRuneInString(rest)
			if err := verifyRune(r, n, row[:i]); err != nil {
				return fmt.Errorf("byte %d: %w", i, err)
			}
			i += n
		}
	}
	switch {
	case styled:
		return fmt.Errorf("row ends with a style still on")
	case linked:
		return fmt.Errorf("row ends within a link")
	}
	return nil
}

var targetPattern = regexp.MustCompile(`^(?:(?i:https?)://[!-~]+)?$`)

func fitTarget(url string) bool { return len(url) <= 2048 && targetPattern.MatchString(url) }

// verifyRune judges one character; before is the row up to it.
func verifyRune(r rune, size int, before string) error {
	switch {
	case r == utf8.RuneError && size <= 1:
		return fmt.Errorf("bytes that are not UTF-8")
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return fmt.Errorf("control U+%04X", r)
	case r == 0x61c, r >= 0x200e && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return fmt.Errorf("bidi control U+%04X", r)
	case r == 0xad, r == 0x34f, r == 0x115f, r == 0x1160, r == 0x180e, r == 0x200b, r == 0x2028, r == 0x2029,
		r >= 0x2060 && r <= 0x206f, r == 0x3164, r == 0xfeff, r == 0xffa0, r >= 0xfff0 && r <= 0xfffb, r == 0x10eeee, r&0xfffe == 0xfffe:
		return fmt.Errorf("invisible U+%04X", r)
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	if before == "" {
		last = 0
	}
	switch {
	case (r == 0x200c || r == 0x200d) && last < 0x600,
		r >= 0xfe00 && r <= 0xfe0f && last < 0xa0 && !strings.ContainsRune("0123456789#*", last),
		r >= 0xe0100 && r <= 0xe01ef && last < 0x2e80,
		r >= 0xe0000 && r <= 0xe007f && last != 0x1f3f4 && (last < 0xe0020 || last > 0xe007e):
		return fmt.Errorf("invisible U+%04X with nothing to work on", r)
	}
	return nil
}
