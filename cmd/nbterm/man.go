package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newManCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the manual page",
		Example: "  nbterm man | man -l -",
		Args:    maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), manPage(cmd.Root(), a.versionText()))
			return err
		},
	}
}

// manPage is nbterm(1) in man's macros (man(7)), all verbs on one page.
func manPage(root *cobra.Command, version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH NBTERM 1 \"\" \"nbterm %s\" \"User Commands\"\n", roff(version))
	fmt.Fprintf(&b, ".SH NAME\nnbterm \\- %s\n", roff(root.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n.br\n.B nbterm\n.I verb\n.RI [ options ]\n", roff(root.Use))
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s\n", paragraphs(root.Long))
	b.WriteString(".SH OPTIONS\n")
	manFlags(&b, root.LocalFlags())
	b.WriteString(".SH VERBS\n")
	for _, cmd := range root.Commands() {
		if cmd.Hidden {
			continue
		}
		fmt.Fprintf(&b, ".SS %s\n%s.\n", roff("nbterm "+cmd.Use), roff(strings.TrimSuffix(cmd.Short, ".")))
		if cmd.Long != "" {
			fmt.Fprintf(&b, ".PP\n%s\n", paragraphs(cmd.Long))
		}
		manFlags(&b, cmd.LocalNonPersistentFlags())
		manExample(&b, cmd.Example)
	}
	b.WriteString(manTail)
	return b.String()
}

const manTail = `.SH EXIT STATUS
.TP
.B 0
all went well
.TP
.B 1
the notebook failed
.TP
.B 2
nbterm was called or configured wrongly
.TP
.B 3
a file or store could not be read or written
.TP
.B 4
a kernel could not be started, or its host was lost
.TP
.B 138
the kernel died while
.B nbterm run
ran a cell
.TP
.BR 129 ", " 130 ", " 143
stopped by SIGHUP, SIGINT, SIGTERM
.SH FILES
.TP
.I $XDG_CONFIG_HOME/nbterm/config.toml
configuration; see
.B nbterm config
.TP
.I $XDG_STATE_HOME/nbterm/nbterm.log
log
`

func manFlags(b *strings.Builder, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		value, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR", roff(name))
		if value != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", roff(value))
		}
		fmt.Fprintf(b, "\n%s\n", roff(usage))
	})
}

func manExample(b *strings.Builder, example string) {
	if example == "" {
		return
	}
	b.WriteString(".PP\n.nf\n")
	for line := range strings.Lines(example) {
		fmt.Fprintf(b, ".RS 4\n%s\n.RE\n", roff(strings.TrimSpace(line)))
	}
	b.WriteString(".fi\n")
}

func paragraphs(text string) string {
	return strings.ReplaceAll(roff(strings.TrimSpace(text)), "\n\n", "\n.PP\n")
}

// roff escapes what troff would take for its own: backslashes, hyphens that must
// stay hyphens, and a dot or quote that begins a line.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
