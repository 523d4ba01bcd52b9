package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/engine/notebook"
	"nbterm/engine/run"
)

// language is the test notebook's cells in one language.
type language struct {
	kernel, spec         string // asked for by --kernel; named in the file
	print, ask, answered string // answered does without the question what ask does with it
	lines, plot, fail    string
	loop, interrupted    string // an endless cell and what it says when interrupted
	forgotten            string // what says that the variable x is not there
	failure              string // how the failing cell is told on stderr
}

var python = language{
	spec: "python3", print: `x = 20 + 22\nprint('x is', x)`, ask: `name = input('Name? ')\nprint('Hello', name)`,
	answered: `name = 'World'\nprint('Hello', name)`, lines: `for i in range(100_000): print('line', i)`,
	plot: `import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [3, 1, 2])`, fail: `raise ValueError('on purpose')`,
	loop: "while True: pass", interrupted: "KeyboardInterrupt", forgotten: "name 'x' is not defined",
	failure: "ValueError: on purpose",
}

var languageR = language{
	kernel: "ir", spec: "ir", print: `x <- 20 + 22\ncat('x is', x, '\\n')`, ask: `name <- readline('Name? ')\ncat('Hello', name, '\\n')`,
	answered: `name <- 'World'\ncat('Hello', name, '\\n')`, lines: linesR(),
	plot: `plot(1:3, c(3, 1, 2))`, fail: `stop('on purpose')`,
	loop: "while (TRUE) {}", interrupted: "nterrupt", forgotten: "object 'x' not found",
	failure: "on purpose",
}

// linesR prints 100,000 lines in ten expressions: IRkernel's time grows with the square
// of what one expression prints, to most of a minute.
func linesR() string {
	var all []string
	for i := range 10 {
		all = append(all, fmt.Sprintf(`cat(paste0('line ', %d0000:%d9999, '\\n', collapse=''))`, i, i))
	}
	return strings.Join(all, `\n`)
}

func (l language) on(kernel string) language { l.kernel = kernel; return l }

// notebook is a file as a person's own tools may have written it: compact here,
// spread there, with metadata nobody knows. The cells that run are the middle part.
func (l language) notebook(ask string) (head, cells, tail string) {
	head = "{\"nbformat\": 4,\r\n \"nbformat_minor\":5,\n\n\t\"cells\": [\n" +
		`   {"cell_type":"markdown", "id":"m", "metadata":{"k" : NaN, "mine": [1.0, 1e400]}, "source":["# Every\u0074hing"]}`
	for i, src := range []string{l.print, ask, l.lines, l.plot, l.fail} {
		cells += `,{"id":"c` + string(rune('0'+i)) + `","cell_type":"code","metadata":{},"execution_count":null,"outputs":[],"source":"` + src + `"}`
	}
	tail = `, {"id":"z", "cell_type":"code", "metadata":{ }, "execution_count":null, "outputs":[ ], "source":["'never'"]}` +
		"\n],\n \"metadata\": {\"zeta\":1, \"kernelspec\": {\"name\":\"" + l.spec + "\", \"display_name\":\"K\"}}}"
	return head, cells, tail
}

func TestE2ENotebookOnIpykernel(t *testing.T) {
	t.Parallel()
	needKernel(t, "python3")
	runsANotebook(t, python.on("python3"))
}

func TestE2ENotebookOnIRkernel(t *testing.T) {
	t.Parallel()
	needKernel(t, "ir")
	runsANotebook(t, languageR)
}

func TestE2ENotebookOnTheEmbeddedKernel(t *testing.T) {
	t.Parallel()
	needProgram(t, "python3")
	runsANotebook(t, python.on("nbterm-python"))
}

// runsANotebook does in a terminal what a person does, and then the same headless.
func runsANotebook(t *testing.T, l language) {
	dir := t.TempDir()
	env := sandbox(t, dir)
	head, cells, tail := l.notebook(l.ask)
	path := filepath.Join(dir, "nb.ipynb")
	if err := os.WriteFile(path, []byte(head+cells+tail), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, env, "nbterm", "nb.ipynb", "--kernel", l.kernel)
	p.see("Everything", "○ idle")
	runAll(p, l)
	p.keys("C-s")
	p.see(" saved ")
	checkTouched(t, path, head, tail)
	validate(t, path)
	inTerminal := parseFile(t, path)
	interrupts(p, l)
	restarts(p, l)
	p.keys("q")
	p.see("unsaved changes")
	p.keys("d")
	p.ended()

	out := filepath.Join(dir, "out.ipynb")
	in := filepath.Join(dir, "headless.ipynb")
	head, cells, tail = l.notebook(l.answered)
	if err := os.WriteFile(in, []byte(head+cells+tail), 0o600); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := callIn(t, dir, env, "run", "--kernel", l.kernel, in, out)
	if status != exitFailed || !strings.Contains(stderr, "cell 6 (In [5]) failed") || !strings.Contains(stderr, l.failure) || stdout != "" {
		t.Errorf("run: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
	validate(t, out)
	record := parseFile(t, out)
	run.RemoveMarkers(record) // which lead to the failure
	sameOutputs(t, inTerminal, record)
	status, stdout, stderr = callIn(t, dir, env, "cat", out)
	// Two cells of the record lead to the failure.
	if status != exitFailed || !strings.Contains(stderr, "cell 8 failed") || !strings.Contains(stderr, l.failure) {
		t.Errorf("cat: status %d, stderr %q", status, stderr)
	}
	for _, text := range []string{"Everything", "x is 42", "Hello World", "line 0\n", "line 99999\n", "on purpose"} {
		if !strings.Contains(stdout, text) {
			t.Errorf("cat does not print %q", text)
		}
	}
}

// runAll runs all cells and answers the question.
func runAll(p *pane, l language) {
	p.t.Helper()
	p.keys("M-r")
	p.see("INPUT", "Name?")
	p.keys("-World", "Enter")
	p.see("Hello World")
	p.until("the end of the run", func(s string) bool {
		return strings.Contains(s, "○ idle") && !strings.Contains(s, "queued")
	})
	p.keys("G")
	p.below("on purpose", "7/7", "unsaved")
}

// interrupts runs an endless cell and stops it.
func interrupts(p *pane, l language) {
	p.t.Helper()
	p.keys("G", "b", "Enter")
	p.see("EDIT", "8/8")
	p.keys("-"+l.loop, "C-e")
	p.see("◐ busy", "running 1.") // a second in: R is not ready for a signal before
	p.keys("i", "i")
	p.see("○ idle")
	p.until("the cell's end", func(s string) bool { return !strings.Contains(s, "running") })
	if l.kernel != "ir" { // R's interrupt is a cell without output
		p.below(l.interrupted)
	}
}

// restarts restarts the kernel, which forgets x.
func restarts(p *pane, l language) {
	p.t.Helper()
	p.keys("0", "0")
	p.see("Restart the kernel?")
	p.keys("y")
	p.gone("Restart the kernel?")
	p.see("○ idle")
	p.keys("b", "Enter")
	p.see("EDIT", "9/9")
	p.keys("-x", "C-e")
	p.below(l.forgotten, "○ idle")
}

// checkTouched compares the saved file with what was opened: before the first cell
// that ran and behind the last nothing has changed.
func checkTouched(t *testing.T, path, head, tail string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte(head)) {
		t.Errorf("what stands before the first cell that ran was changed:\n%s", data[:min(len(data), len(head)+100)])
	}
	if !bytes.HasSuffix(data, []byte(tail)) {
		t.Errorf("what stands behind the last cell that ran was changed:\n%s", data[max(0, len(data)-len(tail)-100):])
	}
}

// validate asks Jupyter's own library whether the file is a notebook.
func validate(t *testing.T, path string) {
	t.Helper()
	const check = "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], 4))"
	for _, py := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(py, "-c", "import nbformat").Run() != nil {
			continue
		}
		if out, err := exec.Command(py, "-W", "error", "-c", check, path).CombinedOutput(); err != nil {
			t.Errorf("nbformat says of %s: %v\n%s", path, err, out)
		}
		return
	}
	if os.Getenv("NBTERM_REQUIRE_KERNELS") != "" {
		t.Error("no Python here has nbformat; make needs installs it")
	}
}

func parseFile(t *testing.T, path string) *notebook.Notebook {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// sameOutputs compares two runs of the same cells.
func sameOutputs(t *testing.T, a, b *notebook.Notebook) {
	t.Helper()
	if a.Len() != b.Len() {
		t.Fatalf("%d and %d cells", a.Len(), b.Len())
	}
	pictures := 0
	for i := range a.Len() {
		if a.Cell(i).Kind() != notebook.Code {
			continue
		}
		x, y := describe(a.Cell(i)), describe(b.Cell(i))
		if x != y {
			t.Errorf("cell %d: the workbench gives\n%.300s\nrun gives\n%.300s", i+1, x, y)
		}
		pictures += strings.Count(x, "image/png")
	}
	if pictures != 1 {
		t.Errorf("there are %d pictures", pictures)
	}
}

// describe is what the outputs of a cell say, without what differs between runs.
func describe(c *notebook.Cell) string {
	var b strings.Builder
	for _, o := range c.Outputs() {
		b.WriteString(string(o.Kind()) + " ")
		switch o.Kind() {
		case notebook.Stream:
			b.WriteString(o.StreamName() + " " + o.Text())
		case notebook.Failure:
			name, value, _ := o.Error()
			b.WriteString(name + ": " + value)
		default:
			b.WriteString(strings.Join(o.Bundle().Types(), " "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// callIn runs nbterm as a process of its own in dir.
func callIn(t *testing.T, dir string, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "nbterm", args...)
	var o, e bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &o, &e
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		status = ended.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return status, o.String(), e.String()
}
