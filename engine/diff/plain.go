package diff

import (
	"fmt"
	"strings"

	"nbterm/engine/notebook"
)

// Plain is a notebook as text that version control can compare by lines: sources and
// what they put out as text. Numbers, ids, times and everything in base64 are left out,
// for they differ when nothing has changed. What was
// printed stands in it as it is, with escapes of terminals.
func Plain(doc *notebook.Notebook) string {
	var b strings.Builder
	for i := range doc.Len() {
		c := doc.Cell(i)
		fmt.Fprintf(&b, "# ── %s", c.Kind())
		if tags := c.Tags(); len(tags) > 0 {
			fmt.Fprintf(&b, " [%s]", strings.Join(tags, ", "))
		}
		b.WriteString("\n")
		put(&b, "", c.Source())
		if c.Kind() == notebook.Code && c.HasOutputs() {
			for _, o := range joined(c.Outputs()) {
				typ, text := face(o)
				fmt.Fprintf(&b, "# ─ %s\n", plainType(o, typ))
				put(&b, "#   ", text)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// plainType names an output by all its types: that an image became text is a change.
func plainType(o *notebook.Output, typ string) string {
	if types := o.Bundle().Types(); len(types) > 0 {
		return strings.Join(types, ", ")
	}
	return typ
}

func put(b *strings.Builder, before, text string) {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(strings.TrimRight(before+line, " ") + "\n")
	}
}
