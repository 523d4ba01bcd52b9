package term

import (
	"fmt"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// maxCluster bounds the bytes of one character with all its marks, so that a
// million combining marks do not become one cell.
const maxCluster = 64

const (
	zwnj    = '\u200c'
	zwj     = '\u200d'
	dotted  = '◌' // carries a mark that has nothing to sit on
	flag    = '\U0001f3f4'
	tagLow  = '\U000e0020'
	tagHigh = '\U000e007f'
)

// simple reports runes that stand alone, are visible and need no further look:
// most of what is printed.
func simple(r rune) bool {
	switch {
	case r < 0x7f:
		return r >= 0x20
	case r < 0x300:
		return r >= 0xa0 && r != 0xad
	case r < 0x483:
		return r >= 0x370
	case r < 0x2028:
		return r >= 0x2010
	case r < 0x25a0:
		return r >= 0x2500
	case r < 0x2900:
		return r >= 0x2800
	case r < 0x3099:
		return r >= 0x3041
	case r < 0xa000:
		return r >= 0x30a0 && r != 0x3164 && r < 0x3200 || r >= 0x4e00
	}
	return false
}

// hidden reports runes that draw nothing, reorder text or stand for no character:
// the tools of text that reads otherwise than it runs (UTR 36, "Trojan source").
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0xad:
		return true
	case r < 0x34f:
		return false
	case r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5,
		r >= 0x180b && r <= 0x180f,
		r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
		r == 0x3164, r >= 0xfdd0 && r <= 0xfdef, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r == 0xffa0,
		r >= 0xfff0 && r <= 0xfffb, r&0xfffe == 0xfffe,
		r >= 0x13430 && r <= 0x1345f, r >= 0x1bca0 && r <= 0x1bca3, r >= 0x1d173 && r <= 0x1d17a,
		r >= 0xe0000 && r <= 0xe0fff,
		r == 0x10eeee: // kitty's placeholder: could call up an image of ours
		return true
	}
	return false
}

// keeps reports whether a hidden rune has an honest use right after tail, the
// character it would join: joiners in scripts and emoji, variation selectors,
// the tags of a flag.
func keeps(r rune, tail []byte) bool {
	if len(tail) == 0 {
		return false
	}
	last, _ := utf8.DecodeLastRune(tail)
	switch {
	case r == zwnj, r == zwj:
		return last >= 0x600 && (!hidden(last) || last == 0xfe0f || within(last, tagLow, tagHigh))
	case within(r, tagLow, tagHigh):
		first, _ := utf8.DecodeRune(tail)
		return first == flag && (last == flag || within(last, tagLow, tagHigh-1))
	case hidden(last):
		return false
	case within(r, 0xfe00, 0xfe0f): // of symbols, emoji and keycaps
		return last >= 0xa0 || within(last, '0', '9') || last == '#' || last == '*'
	case within(r, 0x180b, 0x180f): // of Mongolian letters, but for the vowel separator
		return r != 0x180e && within(last, 0x1800, 0x18af)
	case within(r, 0xe0100, 0xe01ef): // of ideographs
		return within(last, 0x2e80, 0x9fff) || within(last, 0xf900, 0xfaff) || within(last, 0x20000, 0x3ffff)
	}
	return false
}

func within(r, low, high rune) bool { return r >= low && r <= high }

// joins reports whether r continues the character in tail.
func joins(tail []byte, r rune) bool {
	if len(tail) == 0 {
		return false
	}
	var buf [maxCluster + 2*utf8.UTFMax]byte
	all := utf8.AppendRune(append(buf[:0], tail...), r)
	g := displaywidth.BytesGraphemes(all)
	return g.Next() && len(g.Value()) == len(all)
}

// verdict is what becomes of one rune.
type verdict uint8

const (
	stands  verdict = iota // a character of its own
	joined                 // part of the character before it
	carried                // a mark without a base: the dotted circle carries it
	marked                 // shown by its number
	dropped
)

// judge decides on a rune that follows the character in tail ("" at the start of
// a line).
func judge(r rune, tail []byte) verdict {
	switch {
	case simple(r):
		return stands
	case hidden(r) && !keeps(r, tail):
		return marked
	case joins(tail, r):
		if len(tail)+utf8.RuneLen(r) > maxCluster {
			return dropped
		}
		return joined
	case displaywidth.Rune(r) > 0:
		return stands
	case joins([]byte(string(dotted)), r):
		return carried
	}
	return marked
}

// marker names a rune that is not shown itself.
func marker(r rune) string { return fmt.Sprintf("<U+%04X>", r) }

// cluster gives the length in bytes and the width in cells of the first character
// of s, which is not empty.
func cluster(s string) (n, width int) {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, 1
	}
	g := displaywidth.StringGraphemes(s)
	g.Next()
	return len(g.Value()), g.Width()
}
