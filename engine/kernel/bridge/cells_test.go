package bridge_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/engine/wire"
)

// want is a cell and what must come of it: exact texts, or parts of them.
type want struct {
	name   string
	code   string
	out    string // stdout, exactly
	err    string // part of stderr
	result string // text/plain of execute_result, exactly
	raises string // name of the error
	trace  string // part of its traceback
}

var cells = []want{
	{name: "the last expression is the result", code: "1 + 1", result: "2"},
	{name: "a semicolon keeps it back", code: "1 + 1;"},
	{name: "a semicolon before a comment too", code: "1 + 1; # note"},
	{name: "a semicolon in a comment does not", code: "'a' # note;", result: "'a'"},
	{name: "streams keep their order", code: "import sys\nfor i in range(3):\n    print(i); print('e', file=sys.stderr)", out: "0\n1\n2\n", err: "e\n"},
	{name: "descriptor 1 is captured in order", code: "import os\nn = os.write(1, b'raw\\n')\nprint('py')\nn = os.system('echo sh')\nprint('end')", out: "raw\npy\nsh\nend\n"},
	{name: "a subprocess is captured", code: "import subprocess\nsubprocess.run(['echo', 'sub']).returncode", out: "sub\n", result: "0"},
	{name: "a lone surrogate is shown escaped", code: "print('\\udc80')", out: "\\udc80\n"},
	{name: "bytes below stdout", code: "n = sys.stdout.buffer.write('é'.encode())", out: "é"},
	{name: "stdout replaced and put back", code: "import io\nold, sys.stdout = sys.stdout, io.StringIO()\nprint('gone')\nsys.stdout = old\nprint('back')", out: "back\n"},
	{name: "a long list breaks", code: "list(range(30))", result: "[0,\n 1,\n 2,\n 3,\n 4,\n 5,\n 6,\n 7,\n 8,\n 9,\n 10,\n 11,\n 12,\n 13,\n 14,\n 15,\n 16,\n 17,\n 18,\n 19,\n 20,\n 21,\n 22,\n 23,\n 24,\n 25,\n 26,\n 27,\n 28,\n 29]"},
	{name: "a function shows its signature", code: "def f(a, b=1): return a / b\nf", result: "<function __main__.f(a, b=1)>"},
	{name: "a class shows its name", code: "int", result: "int"},
	{name: "a list in itself", code: "l = []\nl.append(l)\nlen(repr(l))", result: "7"},
	{name: "a traceback shows the cell", code: "f(1, 0)", raises: "ZeroDivisionError", trace: "line 1"},
	{name: "a syntax error has a caret", code: "x = = 3", raises: "SyntaxError", trace: "^"},
	{name: "endless recursion is an error", code: "def r(): return r()\nr()", raises: "RecursionError", trace: "skipping"},
	{name: "SystemExit ends the cell only", code: "raise SystemExit(3)", raises: "SystemExit", trace: "%tb"},
	{name: "a cause is shown", code: "try:\n    1/0\nexcept Exception as e:\n    raise ValueError('v') from e", raises: "ValueError", trace: "direct cause"},
	{name: "top-level await", code: "import asyncio\nawait asyncio.sleep(0, 'slept')", result: "'slept'"},
	{name: "top-level async for", code: "async def g():\n    yield 1\nasync for i in g(): print(i)", out: "1\n"},
	{name: "top-level async with", code: "async with asyncio.Lock(): print('in')", out: "in\n"},
	{name: "asyncio.run works too", code: "asyncio.run(asyncio.sleep(0, 5))", result: "5"},
	{name: "a task without await", code: "t = asyncio.create_task(asyncio.sleep(0, 6))\nt.done()", result: "False"},
	{name: "the task goes on", code: "await t", result: "6"},
	{name: "a shell command with expansion", code: "word = 'w'\n!echo {1 + 1} $word ${HOME:+home} $$", out: "2 w home $\n"},
	{name: "its output in a variable", code: "lines = !printf 'a\\nb\\n'\nlines", result: "['a', 'b']"},
	{name: "in a block", code: "if True:\n    !echo nested", out: "nested\n"},
	{name: "awk's braces stay", code: `!echo k | awk '{print $1}'`, out: "k\n"},
	{name: "percent in an expression", code: "7 \\\n % 4", result: "3"},
	{name: "percent in a string", code: "s = '''\n%time\n!ls\n'''\ns", result: `'\n%time\n!ls\n'`},
	{name: "pwd without a percent", code: "pwd == 1 if 'pwd' in globals() else 'magic'", result: "'magic'"},
	{name: "an unknown magic", code: "%nosuch", raises: "UsageError", trace: "Line magic function `%nosuch` not found."},
	{name: "bash by magic", code: "%%bash\nx=5; echo $x", out: "5\n"},
	{name: "a failing script", code: "%%sh\nexit 3", raises: "CalledProcessError"},
	{name: "writefile and run", code: "%%writefile m.py\nvalue = 42\n", out: "Writing m.py\n"},
	{name: "run brings the names", code: "%run m.py\nvalue", result: "42"},
	{name: "capture keeps it all", code: "%%capture kept\nprint('p')\n!echo c\ndisplay(3)"},
	{name: "and gives it back", code: "kept.stdout, len(kept.outputs)", result: `('p\nc\n', 1)`},
	{name: "timeit", code: "r = %timeit -n 1 -r 1 -q -o pass\ntype(r).__name__", result: "'TimeitResult'"},
	{name: "env", code: "%env NBTERM_X=1", out: "env: NBTERM_X=1\n"},
	{name: "who", code: "%who_ls float", result: "[]"},
	{name: "conda is not here", code: "import os; os.environ.pop('CONDA_EXE', None); os.environ['PATH'] = '/usr/bin:/bin'\n%conda list", raises: "UsageError", trace: "conda"},
	{name: "last results", code: "10 + 1", result: "11"},
	{name: "underscore", code: "_ + 1", result: "12"},
	{name: "getsource of a cell's function", code: "import inspect\nprint(inspect.getsource(f), end='')", out: "def f(a, b=1): return a / b\n"},
	{name: "a broken repr is told and passed over", code: "class B:\n    def _repr_html_(self): 1/0\n    def __repr__(self): return 'B'\nB()", result: "B", err: "ZeroDivisionError"},
	{name: "an object that has every attribute", code: "class G:\n    def __getattr__(self, n): return lambda *a, **k: 'junk'\n    def __repr__(self): return 'G'\nG()", result: "G"},
	{name: "__future__ stays on", code: "from __future__ import annotations"},
	{name: "in later cells", code: "def h(a: undefined): pass\nh.__annotations__", result: "{'a': 'undefined'}"},
	{name: "a forked child", code: "pid = os.fork()\nif not pid:\n    print('child')\n    os._exit(0)\nn = os.waitpid(pid, 0)", out: "child\n"},
	{name: "a forked child that falls off the cell", code: "pid = os.fork()\nif pid: n = os.waitpid(pid, 0)\nprint('one' if pid else 'two')", out: "two\none\n"},
	{name: "multiprocessing", code: "import multiprocessing as mp\ndef job(n): return n * n\nwith mp.get_context('fork').Pool(2) as p: print(p.map(job, [1, 2]))", out: "[1, 4]\n"},
	{name: "_exit_code", code: "!exit 3\n_exit_code", result: "3"},
}

func TestCellsOnEveryPython(t *testing.T) {
	t.Parallel()
	for _, path := range pythons(t) {
		t.Run(filepath.Base(path)+" "+filepath.Base(filepath.Dir(filepath.Dir(path))), func(t *testing.T) {
			t.Parallel()
			s := start(t, pythonSpec(path))
			for _, w := range cells {
				check(t, s, w)
			}
		})
	}
}

func check(t *testing.T, s session, w want) {
	t.Helper()
	cell := s.Execute(w.code)
	if !cell.Ended {
		t.Fatalf("%s: the kernel ended: %v", w.name, cell)
	}
	if got := cell.Text("stdout"); got != w.out {
		t.Errorf("%s: stdout %q, want %q", w.name, got, w.out)
	}
	// Newer Pythons warn of a fork in a process with threads.
	if got := cell.Text("stderr"); !strings.Contains(got, w.err) || w.err == "" && got != "" && !strings.Contains(got, "fork()") {
		t.Errorf("%s: stderr %q, want %q", w.name, got, w.err)
	}
	if got := cell.Data(wire.TypeExecuteResult, "text/plain"); got != w.result {
		t.Errorf("%s: result %q, want %q", w.name, got, w.result)
	}
	if cell.Reply.EName != w.raises || !strings.Contains(strings.Join(cell.Reply.Traceback, "\n"), w.trace) {
		t.Errorf("%s: raised %q %q, want %q %q", w.name, cell.Reply.EName, cell.Reply.Traceback, w.raises, w.trace)
	}
	if m := cell.First(wire.TypeError); (m != nil) != (w.raises != "") {
		t.Errorf("%s: error message %v", w.name, m)
	}
}

func TestMessagesComeInTheOrderOfTheProtocol(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	cell := s.run(t, "print('x')\n5")
	var order []string
	for _, m := range cell.Messages {
		order = append(order, m.Type())
		if m.Parent.MsgType != wire.TypeExecuteRequest || m.Header.Version != wire.Version || m.Header.MsgID == "" || m.Header.Date == "" {
			t.Errorf("%s: header %+v, parent %+v", m.Type(), m.Header, m.Parent)
		}
	}
	if got := strings.Join(order, " "); got != "status execute_input stream execute_result status" {
		t.Errorf("order %q", got)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(cell.First(wire.TypeExecuteResult).Content, &raw); err != nil || string(raw["execution_count"]) != "1" {
		t.Errorf("execute_result %s: %v", cell.First(wire.TypeExecuteResult).Content, err)
	}
}

func TestDisplayWithoutIPython(t *testing.T) {
	t.Parallel()
	for _, path := range pythons(t) {
		s := start(t, pythonSpec(path))
		cell := s.run(t, "from IPython.display import display, HTML, Image, Markdown, SVG, JSON, Latex, Math, Code, Javascript, clear_output\n"+
			"display(HTML('<b>h</b>'))\nMarkdown('*m*')")
		if got := cell.Data(wire.TypeDisplayData, "text/html"); got != "<b>h</b>" {
			t.Errorf("%s: html %q", path, got)
		}
		if got := cell.Data(wire.TypeExecuteResult, "text/markdown"); got != "*m*" {
			t.Errorf("%s: markdown %q", path, got)
		}
		png := "import base64\nraw = base64.b64decode('iVBORw0KGgo=')\nImage(raw, width=3)"
		if got := s.run(t, png).Data(wire.TypeExecuteResult, "image/png"); strings.TrimSpace(got) != "iVBORw0KGgo=" { // a real IPython ends it with a line break
			t.Errorf("%s: image %q", path, got)
		}
		nan := "class N:\n    def _repr_json_(self): return {'a': float('nan')}\nN()"
		if m := s.run(t, nan).First(wire.TypeExecuteResult); !json.Valid(m.Content) {
			t.Errorf("%s: not JSON: %s", path, m.Content)
		}
	}
}

// TestScientificLibraries needs an interpreter that has them.
func TestScientificLibraries(t *testing.T) {
	t.Parallel()
	ran := false
	for _, path := range pythons(t) {
		s := start(t, pythonSpec(path))
		if s.Execute("import pandas as pd, matplotlib, numpy as np").Reply.Status != wire.StatusOK {
			continue
		}
		ran = true
		if got := s.run(t, "pd.DataFrame({'a': [1]})").Data(wire.TypeExecuteResult, "text/html"); !strings.Contains(got, "<table") {
			t.Errorf("%s: no table: %q", path, got)
		}
		cell := s.run(t, "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2]);\nplt.title('t');")
		if got := cell.Data(wire.TypeDisplayData, "image/png"); !strings.HasPrefix(got, "iVBOR") {
			t.Errorf("%s: no figure: %v", path, cell)
		}
		if got := cell.Data(wire.TypeDisplayData, "text/plain"); got != "<Figure size 640x480 with 1 Axes>" {
			t.Errorf("%s: figure's text %q", path, got)
		}
		if got := s.run(t, "plt.plot([1]); plt.show(); print('after')").Text("stdout"); got != "after\n" {
			t.Errorf("%s: after show: %q", path, got)
		}
		if got := s.run(t, "plt.get_fignums()").Data(wire.TypeExecuteResult, "text/plain"); got != "[]" {
			t.Errorf("%s: open figures %q", path, got)
		}
	}
	if !ran {
		t.Skip("no interpreter here has pandas and matplotlib")
	}
}

func TestNothingIsLeftInTheFolder(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	s.run(t, "1")
	files, err := os.ReadDir(s.dir)
	if err != nil || len(files) != 0 {
		t.Errorf("%v %v", files, err)
	}
}
