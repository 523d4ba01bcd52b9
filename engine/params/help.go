package params

import (
	"strings"
	"unicode/utf8"
)

// helpColumn is where papermill's help of a parameter begins.
const helpColumn = 34

// Help is what `--help-notebook` tells of a notebook's parameters, laid out as
// papermill does: each with its declared type and default, and its help beside them or,
// where those are long, below. tagged says whether there is a parameters cell at all.
func Help(path string, ps []Parameter, tagged bool) string {
	var b strings.Builder
	b.WriteString("\nParameters inferred for notebook '" + path + "':\n")
	switch {
	case !tagged:
		b.WriteString("\n  No cell tagged '" + Tag + "'\n")
	case len(ps) == 0:
		b.WriteString("\n  Can't infer anything about this notebook's parameters: the cell assigns nothing that can be read.\n")
	}
	for _, p := range ps {
		b.WriteString(helpLine(p) + "\n")
	}
	return b.String()
}

func helpLine(p Parameter) string {
	typ := "Unknown type"
	if p.Declared {
		typ = p.Type
	}
	line := "  " + p.Name + ": " + typ + " (default " + p.Default + ")"
	if p.Default == "" {
		line = "  " + p.Name + ": " + typ + " (required)"
	}
	width := utf8.RuneCountInString(line)
	switch {
	case width <= helpColumn-4:
		return line + strings.Repeat(" ", helpColumn-width) + p.Help
	case p.Help == "":
		return line
	}
	return line + "\n" + strings.Repeat(" ", helpColumn) + p.Help
}
