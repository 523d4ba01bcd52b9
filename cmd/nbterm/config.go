package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nbterm/cmd/nbterm/config"
	"nbterm/render/term"
	"nbterm/tui/keymap"
)

// loadConfig reads the settings: file, environment, the flags of this call. A
// fault in any of them is a mistake of use.
func (a *app) loadConfig() (config.Loaded, error) {
	c, err := config.Load(config.Options{
		File: a.configPath(), Must: a.configFile != "", Environ: a.environ, Flags: a.settings,
		Actions: keymap.IDs(), CheckKeys: checkKeys,
	})
	if err != nil {
		return c, exit(exitUsage, err)
	}
	return c, nil
}

// checkKeys lets the key map judge the keys of the configuration.
func checkKeys(keys map[string][]string) []config.Fault {
	_, err := keymap.New(keys)
	var faults keymap.Faults
	errors.As(err, &faults)
	out := make([]config.Fault, len(faults))
	for i, f := range faults {
		out[i] = config.Fault{Key: "keys." + f.Action, Problem: f.Problem}
	}
	return out
}

// settingFlag gives a verb a flag that sets one key of the configuration.
func (a *app) settingFlag(flags *pflag.FlagSet, name, key, usage string) {
	flags.Func(name, usage, func(value string) error {
		if a.settings == nil {
			a.settings = map[string]config.Flag{}
		}
		a.settings[key] = config.Flag{Name: "--" + name, Value: value}
		return nil
	})
}

func newConfigCmd(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the settings in force and where each comes from",
		Long: "Prints the settings in force as TOML, each with where it comes from: the default,\n" +
			"the configuration file, an NBTERM_ variable or a flag; later ones win.",
		Example: "  nbterm config\n  NBTERM_THEME=light nbterm config --json",
		Args:    maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.loadConfig()
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), map[string]any{"file": c.File, "settings": c.Rows()})
			}
			return a.printConfig(cmd.OutOrStdout(), c)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printConfig(w io.Writer, c config.Loaded) error {
	state := "not there, so the defaults hold"
	if c.File != "" {
		state = "read"
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "# %s (%s)\n", term.Clean(a.tilde(a.configPath())), state)
	for _, row := range c.Rows() {
		from := row.Kind
		if row.Where != "" {
			from = a.tilde(row.Where)
		}
		fmt.Fprintf(tw, "%s = %s\t# %s\n", tomlKey(row.Key), tomlValue(row.Value), term.Clean(from))
	}
	return tw.Flush()
}

// tomlKey quotes the name of an action where TOML asks for it.
func tomlKey(key string) string {
	section, rest, _ := strings.Cut(key, ".")
	last := strings.LastIndexByte(rest, '.')
	switch {
	case section == "mounts":
		return "mounts." + quoted(rest)
	case last > 0 && (section == "servers" || section == "s3"):
		return section + "." + quoted(rest[:last]) + rest[last:]
	}
	action, ok := strings.CutPrefix(key, "keys.")
	plain := func(r rune) bool {
		return r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if !ok || action != "" && !strings.Contains("."+action+".", "..") && strings.IndexFunc(action, func(r rune) bool { return !plain(r) }) < 0 {
		return key
	}
	return "keys." + strconv.Quote(term.Clean(action))
}

// quoted is a name that a user made up, bare where TOML lets it be.
func quoted(name string) string {
	bare := func(r rune) bool {
		return r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if name != "" && strings.IndexFunc(name, func(r rune) bool { return !bare(r) }) < 0 {
		return name
	}
	return strconv.Quote(term.Clean(name))
}

func tomlValue(value any) string {
	switch v := value.(type) {
	case string:
		return strconv.Quote(term.Clean(v))
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = strconv.Quote(term.Clean(s))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return fmt.Sprint(value)
}

// writeJSON prints v for scripts, indented for people. JSON carries any text
// safely: controls are escaped by the encoding, C1 and bidi ones here.
func writeJSON(w io.Writer, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err = io.WriteString(w, escapeHidden(string(data))+"\n")
	return err
}

// escapeHidden writes the characters that a terminal would act upon, and that
// JSON lets through, as \u escapes; they can only stand inside strings.
func escapeHidden(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 0x7f && r < 0xa0, r == 0x061c, r >= 0x200e && r <= 0x200f,
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cleanLines makes text of several lines fit for the terminal, line by line.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = term.Clean(line)
	}
	return strings.Join(lines, "\n")
}

// faultsOf lists the faults in an error of loadConfig.
func faultsOf(err error) config.Faults {
	var faults config.Faults
	errors.As(err, &faults)
	return faults
}
