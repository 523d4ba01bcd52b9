package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"nbterm/engine/params"
	"nbterm/engine/sweep"
	"nbterm/render/term"
	"nbterm/storage"
	"nbterm/tui"
	"nbterm/tui/form"
	"nbterm/tui/screen"
)

// Where a form can have its notebook run.
const (
	runHere       = "here"
	runBackground = "background"
	runCluster    = "cluster"
)

// openForm makes the form with the parameters of the notebook at t.Path, as its file
// has them.
func (w *workbench) openForm(ctx context.Context, t screen.Target) (screen.Screen, error) {
	a := w.app
	o, err := a.openNotebook(ctx, t.Path, false)
	if err != nil {
		return nil, err
	}
	note := "no cell is tagged \"parameters\": there is nothing to fill in, it runs as it is"
	ps, err := params.Infer(o.doc)
	if err != nil {
		note = term.Clean(err.Error())
	}
	last := a.lastForm(o.path)
	f := formRun{app: a, notebook: o, params: ps}
	d := form.Deps{
		Name: filepath.Base(o.path), Note: note, Fields: fieldsOf(ps, last.Values), Output: last.Output, Where: last.Where,
		Wheres: []form.Where{{Name: runHere}, {Name: runBackground}, {Name: runCluster, Why: "none is set up"}},
		Check:  f.check, Path: f.path, Run: f.run, Keys: w.keys, Theme: tui.StartTheme(w.config.Theme),
		NoSchedule: "schedules need the daemon, which is not part of this nbterm",
	}
	if newRunCmd(a).Flags().Lookup("sweep") == nil {
		d.NoSweep = "nbterm run of this version does no sweeps"
	}
	if d.Output == "" {
		stem := strings.TrimSuffix(filepath.Base(o.path), ".ipynb")
		d.Output = strings.TrimSuffix(a.tilde(o.path), filepath.Base(o.path)) + escapeTemplate(stem) + "-{pm[current_datetime_local]:%Y%m%d-%H%M%S}.ipynb"
	}
	return form.New(d), nil
}

// escapeTemplate makes text stand for itself in a template of a path.
func escapeTemplate(text string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
}

// secretName is a name that people give to what nobody should read.
var secretName = regexp.MustCompile(`(?i)(^|_)(secret|token|passw(or)?d|api_?key|credentials?)($|_)`)

// fieldsOf are the parameters as fields with the texts of the last time. A parameter
// that must be given and is called like a secret begins as one.
func fieldsOf(ps []params.Parameter, last map[string]rememberedValue) []form.Field {
	var all []form.Field
	for _, p := range ps {
		f := form.Field{Name: p.Name, Type: p.Type, Help: p.Help, Required: p.Required, Default: p.Default}
		if text, is := p.Value.(string); p.Known && is {
			f.Default = text
		}
		if p.Required {
			f.Default = ""
		}
		f.Secret = secretName.MatchString(p.Name) && f.Default == ""
		for _, c := range p.Choices {
			f.Choices = append(f.Choices, params.Str(c))
		}
		if on, is := p.Value.(bool); p.Known && is && p.Choices == nil {
			f.Bool, f.Choices, f.Default = true, []string{"False", "True"}, "False"
			if on {
				f.Default = "True"
			}
		}
		f.Text = f.Default
		if v, known := last[p.Name]; known {
			f.Text, f.Secret = v.Text, v.Secret
		}
		all = append(all, f)
	}
	return all
}

// formRun is what a form asks about one notebook.
type formRun struct {
	app      *app
	notebook opened
	params   []params.Parameter
}

// isText says that a parameter takes its text as it stands.
func isText(p params.Parameter) bool {
	kind := strings.TrimSpace(p.Type)
	return kind == "str" || p.Choices != nil && allText(p.Choices) || p.Declared && p.Fits("text") == "" && p.Fits(int64(1)) != ""
}

func allText(values []params.Value) bool {
	for _, v := range values {
		if _, is := v.(string); !is {
			return false
		}
	}
	return true
}

// isNested says that a text is a list or a mapping, which papermill takes as YAML only.
func isNested(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{")
}

// args are filled-in values as the command line gives them.
func (f formRun) args(values []form.Value) params.Args {
	var args params.Args
	for _, v := range values {
		pair := params.Pair{Name: v.Name, Text: v.Text}
		switch p := f.param(v.Name); {
		case v.Secret:
		case isText(p):
			args.Raw = append(args.Raw, pair)
		case isNested(v.Text):
			args.YAML = append(args.YAML, fmt.Sprintf("{%s: %s}", v.Name, strings.TrimSpace(v.Text)))
		default:
			args.Typed = append(args.Typed, pair)
		}
	}
	return args
}

func (f formRun) param(name string) params.Parameter {
	for _, p := range f.params {
		if p.Name == name {
			return p
		}
	}
	return params.Parameter{Name: name}
}

// check says what is wrong with values, by name.
func (f formRun) check(values []form.Value, sweep bool) map[string]string {
	faults := map[string]string{}
	set := &params.Set{}
	secrets := map[string]bool{}
	for _, v := range values {
		if v.Secret {
			secrets[v.Name] = true
			if why := secretFault(v.Text); why != "" {
				faults[v.Name] = why
			}
			continue
		}
		for _, text := range sweepTexts(v.Text, sweep) {
			one, err := params.ParseArgs(f.args([]form.Value{{Name: v.Name, Text: text}}))
			if err != nil {
				faults[v.Name] = "it cannot be read: " + term.Clean(text)
				continue
			}
			value, _ := one.Get(v.Name)
			set.Put(v.Name, value)
			if why := f.param(v.Name).Fits(value); why != "" {
				faults[v.Name] = term.Clean(why)
			}
		}
	}
	for _, fault := range params.Fits(f.params, set) {
		if faults[fault.Name] == "" && !secrets[fault.Name] {
			faults[fault.Name] = term.Clean(fault.Why)
		}
	}
	return faults
}

func secretFault(from string) string {
	kind, where, _ := strings.Cut(from, ":")
	if (kind == "env" || kind == "file") && where != "" {
		return ""
	}
	return "a secret is named by where it is: env:VAR or file:PATH"
}

// sweepTexts are the single values that a text of a sweep names.
func sweepTexts(text string, sweep bool) []string {
	if !sweep || isNested(text) {
		return []string{text}
	}
	var all []string
	for _, part := range strings.Split(text, ",") {
		first, last, isRange := strings.Cut(part, "..")
		all = append(all, strings.TrimSpace(first))
		if isRange {
			all = append(all, strings.TrimSpace(last))
		}
	}
	return all
}

// path fills a template in with every parameter that has a value.
func (f formRun) path(template string, values []form.Value) (string, error) {
	set, err := params.ParseArgs(f.args(values))
	if err != nil {
		return "", err
	}
	return params.Path(template, set, params.Builtins{RunUUID: "RUN", Now: f.app.now()})
}

// run starts `nbterm run` as a process of its own: the run outlives this program,
// whichever way it is looked at.
func (f formRun) run(ctx context.Context, s form.Submission) (form.Outcome, error) {
	f.app.rememberForm(f.notebook.path, s)
	out := s.Output
	if !s.Sweep {
		var open []form.Value
		for _, v := range s.All {
			if !v.Secret {
				open = append(open, v)
			}
		}
		filled, err := f.path(s.Output, open)
		if err != nil {
			return form.Outcome{}, err
		}
		out = escapeTemplate(f.app.whole(filled))
	} else {
		out = f.app.whole(sweepOutput(out))
	}
	p, err := f.app.startRun(f.command(s, out))
	if err != nil {
		return form.Outcome{}, err
	}
	dest := strings.NewReplacer("{{", "{", "}}", "}").Replace(out)
	if s.Sweep {
		return form.Outcome{Said: "The sweep goes on in the background; its log is " + f.app.tilde(p.log) + "."}, p.failure(earlyFailure)
	}
	if err := f.app.begun(ctx, p, dest); err != nil {
		return form.Outcome{}, err
	}
	if s.Where == runBackground {
		return form.Outcome{Said: "Running in the background; the record is " + f.app.tilde(dest) + "."}, nil
	}
	return form.Outcome{
		Open: &screen.Target{Kind: screen.Notebook, Path: dest, ReadOnly: true, Follow: true},
		Said: "The record is " + f.app.tilde(dest) + ".",
	}, nil
}

// sweepOutput is where the runs of a sweep go when the form names one file: into a
// folder of that name, or each under its number where the name is a template.
func sweepOutput(out string) string {
	bare := strings.TrimSuffix(out, ".ipynb")
	if strings.Contains(out, "{") && !strings.Contains(out, "{"+sweep.IndexName) {
		return bare + "-{" + sweep.IndexName + "}.ipynb"
	}
	if strings.Contains(out, "{") {
		return out
	}
	return bare
}

// whole makes a path absolute, so that it means the same to the process of the run.
func (a *app) whole(path string) string {
	if isURL(path) {
		return path
	}
	full, err := filepath.Abs(a.expand(path))
	if err != nil {
		return path
	}
	return full
}

// formKeeps is for how long the kernel of a run that failed is there to be looked into.
const formKeeps = "30m"

// command are the arguments of nbterm for a submission.
func (f formRun) command(s form.Submission, out string) []string {
	args := []string{"run", "--no-progress-bar", "--cwd", f.notebook.dir}
	if !s.Sweep {
		args = append(args, "--keep-kernel", formKeeps)
	}
	if f.app.configFile != "" {
		args = append(args, "--config", f.app.whole(f.app.configFile))
	}
	var single []form.Value
	for _, v := range s.Values {
		switch {
		case v.Secret:
			args = append(args, "--secret", v.Name+"="+v.Text)
		case s.Sweep && len(sweepTexts(v.Text, true)) > 1:
			args = append(args, "--sweep", v.Name+"="+v.Text)
		default:
			single = append(single, v)
		}
	}
	given := f.args(single)
	for _, p := range given.Typed {
		args = append(args, "-p", p.Name, p.Text)
	}
	for _, p := range given.Raw {
		args = append(args, "-r", p.Name, p.Text)
	}
	for _, y := range given.YAML {
		args = append(args, "-y", y)
	}
	return append(args, "--", f.notebook.path, out)
}

// runProcess is an `nbterm run` that was started.
type runProcess struct {
	log   string        // the file that has what it tells
	ended chan struct{} // closed when it has ended
	err   error         // how; set before ended is closed
}

// earlyFailure is how soon a run that cannot be has said so.
const earlyFailure = 2 * time.Second

// startRun starts nbterm with args in a session of its own.
func (a *app) startRun(args []string) (*runProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start a run: %w", err)
	}
	dir, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "runs"), 0o700); err != nil {
		return nil, fmt.Errorf("start a run: %w", err)
	}
	log, err := os.CreateTemp(filepath.Join(dir, "runs"), a.now().Format("20060102-150405-")+"*.log")
	if err != nil {
		return nil, fmt.Errorf("start a run: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "nbterm" // whatever the file is called
	cmd.Env, cmd.Stdout, cmd.Stderr = a.childEnviron(), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a run: %w", err)
	}
	p := &runProcess{log: log.Name(), ended: make(chan struct{})}
	go func() { // reaps it; ends with it or with us
		defer close(p.ended)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// refused says that what has ended was no run: the call was wrong, or a file.
func (p *runProcess) refused() bool {
	exited, is := errors.AsType[*exec.ExitError](p.err)
	return is && (exited.ExitCode() == exitUsage || exited.ExitCode() == exitStorage)
}

// failure waits a moment for a run that ends at once and says why it failed.
func (p *runProcess) failure(within time.Duration) error {
	patience := time.NewTimer(within)
	defer patience.Stop()
	select {
	case <-p.ended:
	case <-patience.C:
		return nil
	}
	if p.err == nil {
		return nil
	}
	if said := lastLine(p.log); said != "" {
		return errors.New(said)
	}
	return fmt.Errorf("the run failed: %w", p.err)
}

// lastLine is the last thing that a run has told, without the name of the program.
func lastLine(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); line != "" && !strings.HasPrefix(line, "Try '") {
			return term.Clean(strings.TrimPrefix(line, "nbterm: "))
		}
	}
	return ""
}

// lookAgain is how often a run is looked for that is coming up.
const lookAgain = 20 * time.Millisecond

// begun waits until the run has a host or a record that can be looked at, or has ended
// without either.
func (a *app) begun(ctx context.Context, p *runProcess, dest string) error {
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	at, err := a.place(ctx, dest)
	if err != nil {
		return err
	}
	for {
		_, lives := a.living(at.url)
		_, statErr := at.store.Stat(ctx, at.name)
		switch {
		case lives && statErr == nil:
			return nil
		case statErr != nil && !errors.Is(statErr, storage.ErrNotExist):
			return statErr
		}
		select {
		case <-look.C:
		case <-p.ended:
			if _, err := at.store.Stat(ctx, at.name); err == nil && !p.refused() {
				return nil // it ran, quickly
			}
			if err := p.failure(0); err != nil {
				return err
			}
			return fmt.Errorf("the run left no record; its log is %s", p.log)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
