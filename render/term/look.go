package term

import (
	"strings"

	"nbterm/render/ink"
)

// look is how characters are drawn: their style and the target of their link.
type look struct {
	ink.Style
	link string // "" or an http(s) URL that passed target
}

const (
	linkStart = "\x1b]8;;"
	linkEnd   = "\x1b\\"
	maxTarget = 2048 // bytes of a URL
)

// appendLook leads from one look to another. Every row is written with it, so
// equal characters in equal looks are equal bytes, and cleaning a clean row
// changes nothing.
func appendLook(dst []byte, from, to look) []byte {
	if from.link != to.link {
		dst = append(append(append(dst, linkStart...), to.link...), linkEnd...)
	}
	return ink.AppendChange(dst, from.Style, to.Style)
}

// Link wraps text in an OSC 8 link. A target that is not a plain http(s) URL
// leaves the text as it is.
func Link(text, url string) string {
	if !target(url) {
		return text
	}
	return linkStart + url + linkEnd + text + linkStart + linkEnd
}

// target reports whether a URL may be linked to: http or https, printable ASCII,
// of a sane length.
func target(url string) bool {
	if len(url) > maxTarget {
		return false
	}
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || rest == "" || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return false
	}
	for i := 0; i < len(url); i++ {
		if url[i] <= 0x20 || url[i] > 0x7e {
			return false
		}
	}
	return true
}
