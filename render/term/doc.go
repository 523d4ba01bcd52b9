// Package term is the one gate between text that others wrote and the terminal.
//
// A Screen is a line terminal: it plays what a program printed (colours, \r, \b,
// tabs, cursor moves and erasing within its own output) and hands back rows. A
// Clean string is one line with everything unusual shown. What leaves the package
// is inside a small grammar, which Verify checks:
//
//	row  = *( text / sgr / link ), all styles and links closed at its end
//	text = printable Unicode; no C0, DEL, C1, bidi controls or invisible characters
//	       but those that scripts and emoji need
//	sgr  = ESC [ parameters m    attributes 1-5 7 9 21-29 53 55 and colours; no conceal
//	link = ESC ] 8 ; ; http(s) URL ESC \
//
// A Screen is as wide as its longest line: \r goes to the start of the line as it
// was printed, however often it wraps on the real screen, so a progress bar made
// for 100 columns still draws over itself in 60. Rows are cut at the width when
// they are asked for.
//
// A string sequence (OSC, DCS, APC, PM, SOS) that is never ended stops at the end
// of its line, so it cannot swallow the output that follows.
package term
