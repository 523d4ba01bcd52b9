package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nbterm/cmd/nbterm/config"
	"nbterm/engine/params"
)

// runFlags are the flags of `nbterm run`: papermill's, then our own.
type runFlags struct {
	params     params.Args
	injectIn   bool
	injectOut  bool
	engine     string
	saveCells  bool
	saveIn     int // seconds within a cell
	prepare    bool
	kernel     string
	language   string
	dir        string
	progress   *bool // nil: where somebody looks
	logOutput  bool
	stdoutFile string
	stderrFile string
	level      string
	limit      float64 // seconds a cell may take
	hideSource bool
	help       bool
	version    bool

	own   ownFlags
	sweep sweepFlags
	row   *params.Set // of one run of a sweep: parameters over those given
}

// ownFlags are those that papermill has not.
type ownFlags struct {
	quiet       bool
	allowErrors bool
	strict      bool   // of parameters
	compat      string // "" or "strict"
	secrets     []string
	packages    bool
	keep        time.Duration
	resume      bool
	check       checkFlags
}

func newRunCmd(a *app) *cobra.Command {
	f := runFlags{saveCells: true, saveIn: 1, level: "INFO"}
	cmd := &cobra.Command{
		Use:   "run IN [OUT]",
		Short: "Run a notebook without a screen and leave a record of it",
		Long: "Runs every code cell of IN in order and writes the notebook with its outputs to OUT;\n" +
			"- is standard input or output. The command line is papermill's. What has been done is\n" +
			"saved once a second, all or nothing, and at the end, however the run ends; the record\n" +
			"in OUT tells how. A run whose driver was killed goes on, and --resume takes it over.",
		Example: "  nbterm run report.ipynb out/report.ipynb -p region EU -p days 7\n" +
			"  nbterm run report.ipynb 'out/{region}.ipynb' -y '{region: EU}' --log-output\n" +
			"  nbterm run report.ipynb - | nbterm cat -\n" +
			"  nbterm run train.ipynb runs --sweep lr=0.1,0.01 --sweep seed=1..5 -j 4\n" +
			"  nbterm run report.ipynb out.ipynb --keep-kernel 30m\n  nbterm run --resume out.ipynb",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := a.run(cmd.Context(), args, f)
			if f.own.compat == "strict" {
				err = asPapermill(cmd.Context(), err)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	// Papermill writes some of its options with an underscore.
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-"))
	})
	a.papermillFlags(flags, &f)
	a.ownFlags(flags, &f)
	f.sweep.add(flags)
	return cmd
}

// papermillFlags are all that papermill 2.6 knows.
func (a *app) papermillFlags(flags *pflag.FlagSet, f *runFlags) {
	pairs := func(name, short, usage string, into *[]params.Pair) {
		flags.VarP(pairFlag{into}, name, short, usage)
	}
	pairs("parameters", "p", "give parameter `NAME VALUE`: True, None, a number, text", &f.params.Typed)
	pairs("parameters_raw", "r", "give parameter `NAME TEXT`", &f.params.Raw)
	flags.StringArrayVarP(&f.params.Files, "parameters-file", "f", nil, "give the parameters in a YAML or JSON `FILE`")
	flags.StringArrayVarP(&f.params.YAML, "parameters-yaml", "y", nil, "give the parameters in `YAML`")
	flags.StringArrayVarP(&f.params.Base64, "parameters-base64", "b", nil, "give the parameters in YAML in `BASE64`")
	flags.BoolVar(&f.injectIn, "inject-input-path", false, "give IN as PAPERMILL_INPUT_PATH")
	flags.BoolVar(&f.injectOut, "inject-output-path", false, "give OUT as PAPERMILL_OUTPUT_PATH")
	flags.BoolFunc("inject-paths", "give both", func(string) error { f.injectIn, f.injectOut = true, true; return nil })
	flags.StringVar(&f.engine, "engine", "", "`NAME` of papermill's engine: nbclient is the only one")
	toggle(flags, "request-save-on-cell-execute", "no-request-save-on-cell-execute", "save while cells run; without, only at the end", &f.saveCells)
	flags.IntVar(&f.saveIn, "autosave-cell-every", 1, "save within a cell every `SECONDS`; 0 does not")
	toggle(flags, "prepare-only", "prepare-execute", "write the notebook with its parameters, and run nothing", &f.prepare)
	flags.StringVarP(&f.kernel, "kernel", "k", "", "run on this `KERNEL` instead of the notebook's")
	flags.StringVarP(&f.language, "language", "l", "", "write the parameters in this `LANGUAGE`")
	flags.StringVar(&f.dir, "cwd", "", "working `FOLDER` of the kernel (default: where you are)")
	flags.VarPF(choiceFlag{&f.progress, true}, "progress-bar", "", "show how far it is (default: on a terminal)").NoOptDefVal = "true"
	hidden(flags, flags.VarPF(choiceFlag{&f.progress, false}, "no-progress-bar", "", "do not"))
	toggle(flags, "log-output", "no-log-output", "write what cells print to standard error as it comes", &f.logOutput)
	flags.StringVar(&f.stdoutFile, "stdout-file", "", "write what cells print to `FILE`")
	flags.StringVar(&f.stderrFile, "stderr-file", "", "write what cells print as errors to `FILE`")
	flags.Func("log-level", "tell this `LEVEL` and above, from DEBUG to CRITICAL", func(v string) error { return a.runLevel(f, v) })
	flags.Func("start-timeout", "the kernel may start for `SECONDS`, or as 2m (default 60)", a.startTimeout)
	flags.Float64Var(&f.limit, "execution-timeout", 0, "how many `SECONDS` a cell may take (default: no limit)")
	toggle(flags, "report-mode", "no-report-mode", "mark the code for front ends to hide", &f.hideSource)
	flags.BoolVar(&f.help, "help-notebook", false, "list the parameters of IN")
	flags.BoolVar(&f.version, "version", false, "print the version")
}

func (a *app) ownFlags(flags *pflag.FlagSet, f *runFlags) {
	o := &f.own
	flags.BoolVar(&o.quiet, "quiet", false, "tell nothing but failures")
	flags.BoolVar(&o.allowErrors, "allow-errors", false, "go on after a cell that fails")
	flags.BoolVar(&o.strict, "strict", false, "refuse unknown, missing and mistyped parameters")
	flags.StringArrayVar(&o.secrets, "secret", nil, "tell the kernel alone: `NAME=env:VAR`, file:PATH, prompt")
	flags.BoolVar(&o.packages, "record-packages", false, "put the packages of a Python kernel into the record")
	flags.DurationVar(&o.keep, "keep-kernel", 0, "after a failure keep the kernel for this `TIME`, as 30m")
	flags.BoolVar(&o.resume, "resume", false, "take over or go on with the run whose id or OUT is given")
	o.check.flags(flags)
	flags.StringVar(&o.compat, "compat", "", "`strict`: as papermill, also where that is not true")
}

// toggle is a pair of flags that set and clear one value; the last one given wins.
func toggle(flags *pflag.FlagSet, on, off, usage string, v *bool) {
	flags.BoolFunc(on, usage, func(text string) error { return setBool(v, text, true) })
	flags.BoolFunc(off, "the opposite", func(text string) error { return setBool(v, text, false) })
	_ = flags.MarkHidden(off) // it is there
}

func setBool(v *bool, text string, to bool) error {
	given, err := strconv.ParseBool(text)
	*v = given == to
	return err
}

func hidden(flags *pflag.FlagSet, f *pflag.Flag) {
	f.NoOptDefVal = "true"
	_ = flags.MarkHidden(f.Name)
}

// choiceFlag is a flag that may not have been given.
type choiceFlag struct {
	v  **bool
	to bool
}

func (c choiceFlag) String() string { return "" }
func (c choiceFlag) Type() string   { return "bool" }

func (c choiceFlag) Set(text string) error {
	v := new(bool)
	*c.v = v
	return setBool(v, text, c.to)
}

// pairFlag is a flag with two values, which pairArgs has joined.
type pairFlag struct{ into *[]params.Pair }

const pairMark = "\x00" // no argument of a process can hold it

func (p pairFlag) String() string { return "" }
func (p pairFlag) Type() string   { return "NAME VALUE" }

func (p pairFlag) Set(text string) error {
	name, value, ok := strings.Cut(text, pairMark)
	if !ok {
		return fmt.Errorf("it takes two arguments: a name and a value")
	}
	*p.into = append(*p.into, params.Pair{Name: name, Text: value})
	return nil
}

// pairArgs joins the two arguments that -p and -r take, which the parser of flags does
// not know of.
func pairArgs(flags *pflag.FlagSet, args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(out, args[i:]...)
		}
		flag, first, attached := flagOf(flags, arg)
		if flag == nil {
			out = append(out, arg)
			continue
		}
		_, pair := flag.Value.(pairFlag)
		switch {
		case pair && attached && i+1 < len(args):
			out = append(out, "--"+flag.Name+"="+first+pairMark+args[i+1])
			i++
		case pair && i+2 < len(args):
			out = append(out, "--"+flag.Name+"="+args[i+1]+pairMark+args[i+2])
			i += 2
		case !pair && !attached && flag.NoOptDefVal == "" && i+1 < len(args):
			out = append(out, arg, args[i+1]) // its value is no flag
			i++
		default:
			out = append(out, arg)
		}
	}
	return out
}

// flagOf finds the flag that an argument names, and the value that stands in the same
// argument. A cluster of short flags counts as its last.
func flagOf(flags *pflag.FlagSet, arg string) (f *pflag.Flag, value string, attached bool) {
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		name, value, attached = strings.Cut(name, "=")
		return flags.Lookup(name), value, attached
	}
	if len(arg) < 2 || arg[0] != '-' {
		return nil, "", false
	}
	for i := 1; i < len(arg); i++ {
		f = flags.ShorthandLookup(arg[i : i+1])
		if f == nil || f.NoOptDefVal == "" {
			rest := strings.TrimPrefix(arg[i+1:], "=")
			return f, rest, rest != ""
		}
	}
	return f, "", false
}

// startTimeout takes papermill's seconds and our durations.
func (a *app) startTimeout(v string) error {
	if _, err := strconv.ParseFloat(v, 64); err == nil {
		v += "s"
	}
	a.set("start-timeout", "kernel.start_timeout", v)
	return nil
}

// set lets a flag of this call set one key of the configuration.
func (a *app) set(flag, key, value string) {
	if a.settings == nil {
		a.settings = map[string]config.Flag{}
	}
	a.settings[key] = config.Flag{Name: "--" + flag, Value: value}
}

// runLevels are papermill's levels, from the most talkative.
func runLevels() []string {
	return []string{"NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
}

// runLevel takes papermill's levels for what is told, and ours for the log file.
func (a *app) runLevel(f *runFlags, v string) error {
	for _, level := range runLevels() {
		if v == level {
			f.level = level
			return nil
		}
	}
	switch v {
	case "warn":
		f.level = "WARNING"
	case "off":
		f.level = "CRITICAL"
	case "debug", "info", "error":
		f.level = strings.ToUpper(v)
	default:
		return fmt.Errorf("%q is no level", v)
	}
	a.set("log-level", "log.level", v)
	return nil
}

// isPipe tells whether a stream is a pipe, as papermill looks for one.
func isPipe(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}
