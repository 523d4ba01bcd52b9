package render

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Frame is a place in a cell that a traceback tells of.
type Frame struct {
	Count int // the execution count of the cell; 0 where the kernel names none
	Line  int // from 1 within the cell; 0 where it names none
	Row   int // line of the traceback, its parts joined, that names it
}

// inCell are the ways in which kernels name a line of a cell: IPython 8 and 9,
// IPython 7, Python itself under our embedded kernel.
var inCell = []*regexp.Regexp{
	regexp.MustCompile(`^\s*(?:Cell |Input )In ?\[(\d+)\](?:, line (\d+))?`),
	regexp.MustCompile(`^<ipython-input-(\d+)-[0-9a-f]+> in `),
	regexp.MustCompile(`^\s*File (?:"<cell (\d+)>"|<ipython-input-(\d+)-[0-9a-f]+>), line (\d+)`),
	regexp.MustCompile(`^\s*File "?(?:Cell )?In ?\[(\d+)\]"?, line (\d+)`),
}

// arrow is IPython's mark of the line that failed.
var arrow = regexp.MustCompile(`^-+> *(\d+)\b`)

// Frames finds the places in cells that a traceback names, outermost first: where
// an editor may jump to.
func Frames(traceback []string) []Frame {
	var out []Frame
	open := false // the last frame waits for its line
	for row, line := range strings.Split(ansi.Strip(strings.Join(traceback, "\n")), "\n") {
		if open {
			if m := arrow.FindStringSubmatch(line); m != nil {
				out[len(out)-1].Line, _ = strconv.Atoi(m[1])
				open = false
				continue
			}
		}
		for _, re := range inCell {
			m := re.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			f := Frame{Row: row}
			var numbers []int
			for _, s := range m[1:] {
				if n, err := strconv.Atoi(s); err == nil {
					numbers = append(numbers, n)
				}
			}
			f.Count = numbers[0]
			if len(numbers) > 1 {
				f.Line = numbers[1]
			}
			open = f.Line == 0
			out = append(out, f)
			break
		}
	}
	return out
}

// Folded leaves of a traceback what is the reader's own: the frames in cells and
// the last one. Those of libraries in between are counted.
func Folded(traceback []string) []string {
	var out []string
	skipped := 0
	flush := func() {
		if skipped > 0 {
			out = append(out, "… "+count(skipped, "frame")+" in libraries")
		}
		skipped = 0
	}
	for i, part := range traceback {
		plain := ansi.Strip(part)
		library := strings.HasPrefix(plain, "File ") && (strings.Contains(plain, "site-packages") || strings.Contains(plain, "dist-packages") || strings.Contains(plain, "/lib/python"))
		if library && i < len(traceback)-2 {
			skipped++
			continue
		}
		flush()
		out = append(out, part)
	}
	flush()
	return out
}
