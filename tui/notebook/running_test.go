package notebook_test

import (
	"strings"
	"testing"

	"nbterm/engine/notebook"
)

func TestRunAndAdvance(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"shift+enter", "ctrl+r"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			d := open(t, "x = 6 * 7", "x + 1")
			d.press(key)
			d.wantSelected(2, 2)
			d.see("  1 │ x = 6 * 7")
			d.press(key)
			d.see("  2 │ x + 1", "       43", "EDIT")
			d.wantSelected(3, 3)
			d.press("x - 1", key)
			d.see("  3 │ x - 1", "       41")
			d.press("esc")
			d.wantCells("x = 6 * 7", "x + 1", "x - 1", "")
		})
	}
}

func TestRunAndStay(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"ctrl+enter", "ctrl+e"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			d := open(t, "print('hello')", "2")
			d.press(key)
			d.see("  1 │ print", "       hello")
			d.wantSelected(1, 2)
			d.press(key)
			d.see("  2 │ print")
		})
	}
}

func TestRunAndInsertEditsANewCellBelow(t *testing.T) {
	t.Parallel()
	d := open(t, "1 + 1", "2")
	d.press("alt+enter")
	d.see("EDIT", "  1 │ 1 + 1")
	d.wantSelected(2, 3)
	d.press("new", "esc")
	d.wantCells("1 + 1", "new", "2")
}

func TestRunAllRunsInOrderAndStopsAtAnError(t *testing.T) {
	t.Parallel()
	d := open(t, "a = 1", "1 / 0", "a = 2")
	d.press("alt+r")
	d.see("  1 │ a = 1", "✗ 2 │ 1 / 0", "ZeroDivisionError", "○ idle")
	d.press("G")
	doc := d.saved()
	if _, ran := doc.Cell(2).Count(); ran {
		t.Errorf("the cell behind the error ran; screen:\n%s", d.Screen())
	}
}

func TestOutputsAppearWhileTheCellRuns(t *testing.T) {
	t.Parallel()
	d := open(t, "print('begun')\nopen('gate').readline()\nprint('ended')", "'behind'")
	release := d.gate()
	d.press("ctrl+r", "ctrl+e")
	d.see("  * │ print('begun')", "       begun", "running", "queued", "◐ busy · 1 queued")
	if strings.Contains(d.Screen(), "       ended") {
		t.Fatalf("the cell has not waited; screen:\n%s", d.Screen())
	}
	release()
	d.see("       begun", "       ended", "  1 │ print", "       'behind'", "○ idle")
}

func TestAnInputTakesTheFocusAndItsAnswerArrives(t *testing.T) {
	t.Parallel()
	d := open(t, "name = input('Name? ')\nprint('Hello', name)", "'dd'")
	d.press("ctrl+e")
	d.see("INPUT", "Name? ", "? waits for input")
	d.press("dd Wörld", "left", "left", "!")
	d.see("Name? dd Wör!ld")
	d.press("enter")
	d.see("Hello dd Wör!ld", "COMMAND", "○ idle")
	d.wantCells("name = input('Name? ')\nprint('Hello', name)", "'dd'")
}

func TestAnInputLeftWaitsAndIsFoundAgain(t *testing.T) {
	t.Parallel()
	d := open(t, "print(input('Name? '))")
	d.press("ctrl+e")
	d.see("INPUT")
	d.press("esc")
	d.see("COMMAND", "? waits for input")
	d.press("enter")
	d.see("INPUT")
	d.press("x", "enter")
	d.see("○ idle")
}

func TestAPasswordIsNotShown(t *testing.T) {
	t.Parallel()
	d := open(t, "import getpass\nn = len(getpass.getpass('Secret: '))\nprint('length', n)")
	d.press("ctrl+e")
	d.see("INPUT", "Secret: ")
	d.press("hunter2")
	d.see("Secret: •••••••")
	d.press("enter")
	d.see("length 7")
	if s := d.Screen() + string(d.read(d.path)) + string(d.saved().Bytes()); strings.Contains(s, "hunter2") {
		t.Error("the password is on the screen or in the file")
	}
}

func TestAnErrorIsMarkedAndFound(t *testing.T) {
	t.Parallel()
	d := open(t, "1", "raise ValueError('so \\x1b[31mbad')", "3")
	d.press("j", "ctrl+e")
	d.see("✗ 1 │ raise", "ValueError", "○ idle")
	x, y := d.Find("✗")
	if c := d.Cell(x, y); c.Style.Fg == nil {
		t.Error("the mark of the error has no colour")
	}
}

func TestAnEndlessCellIsInterrupted(t *testing.T) {
	t.Parallel()
	d := open(t, "print('begun')\nwhile True: pass", "'queued behind'", "'after'")
	d.press("ctrl+r", "ctrl+r")
	d.see("       begun", "1 queued")
	d.press("i", "i")
	d.see("KeyboardInterrupt", "○ idle", "✗ 1 │ print")
	d.press("ctrl+e")
	d.see("  2 │ 'after'", "       'after'")
	if _, ran := d.saved().Cell(1).Count(); ran {
		t.Errorf("the cell behind ran; screen:\n%s", d.Screen())
	}
}

func TestRestartAsksAndForgetsVariables(t *testing.T) {
	t.Parallel()
	d := open(t, "x = 5", "'x' in dir()")
	d.press("ctrl+r", "ctrl+e")
	d.see("  2 │ 'x' in", "       True")
	d.press("0", "0")
	d.see("Restart the kernel?")
	d.press("esc")
	d.gone("Restart the kernel?")
	d.press("0", "0")
	d.see("Restart the kernel?")
	d.press("y")
	d.gone("Restart the kernel?")
	d.press("ctrl+e")
	d.see("  1 │ 'x' in", "       False", "○ idle")
}

func TestAKernelsDeathIsToldAndTheNextOneWorks(t *testing.T) {
	t.Parallel()
	d := open(t, "x = 5\nprint('kept')", "import os\nos.kill(os.getpid(), 9)", "x")
	d.press("alt+r")
	d.see("✗ no kernel", "The kernel was killed", "variables are gone", "00", "       kept")
	x, y := d.Find("The kernel was killed")
	if c := d.Cell(x, y); c.Style.Fg == nil || c.Style.Attrs == 0 {
		t.Errorf("the message is not loud: %+v", c.Style)
	}
	d.press("G", "ctrl+e")
	d.see("There is no kernel")
	d.press("0", "0")
	d.see("○ idle")
	d.press("ctrl+e")
	d.see("NameError", "       kept")
	d.press("g", "g", "ctrl+e")
	d.see("  2 │ x = 5", "○ idle")
}

func TestADisplayIsUpdatedWhereItStands(t *testing.T) {
	t.Parallel()
	d := open(t, "h = display('first', display_id='a')", "from IPython.display import update_display\nupdate_display('second', display_id='a')")
	d.press("ctrl+r")
	d.see("       'first'")
	d.press("ctrl+e")
	d.see("  2 │ from", "       'second'")
	d.gone("       'first'")
	doc := d.saved()
	if a, b := len(doc.Cell(0).Outputs()), len(doc.Cell(1).Outputs()); a != 1 || b != 0 {
		t.Errorf("the cells have %d and %d outputs, want 1 and 0", a, b)
	}
}

func TestClearOutputReplacesWhatWasShown(t *testing.T) {
	t.Parallel()
	d := open(t, "from IPython.display import clear_output\nprint('first')\nopen('gate').readline()\nclear_output(wait=True)\nprint('second')")
	release := d.gate()
	d.press("ctrl+e")
	d.see("       first")
	release()
	d.see("       second")
	d.gone("       first")
}

func TestAProgressBarIsDrawnInPlace(t *testing.T) {
	t.Parallel()
	d := open(t, "for i in range(50):\n    print(f'\\r{i+1}/50', end='', flush=True)")
	d.press("ctrl+e")
	d.see("       50/50", "○ idle")
	if n := strings.Count(d.Screen(), "/50"); n != 2 { // one is in the source
		t.Errorf("the bar is shown %d times; screen:\n%s", n-1, d.Screen())
	}
}

func TestAnEditedCellIsMarkedUntilItRuns(t *testing.T) {
	t.Parallel()
	d := open(t, "x = 1", "y = 2")
	d.press("ctrl+e")
	d.see("  1 │ x = 1")
	d.press("enter", "end", "0", "esc")
	d.see("~ 1", "edited since it ran")
	d.press("R")
	d.see("  2 │ x = 10")
	d.gone("edited since it ran")
}

func TestEditingTextBackTakesTheMarkAway(t *testing.T) {
	t.Parallel()
	d := open(t, "x = 1")
	d.press("ctrl+e")
	d.see("  1 │ x = 1")
	d.press("enter", "end", "0", "esc")
	d.see("edited since it ran")
	d.press("z")
	d.gone("edited since it ran")
}

func TestOutputsCanBeFolded(t *testing.T) {
	t.Parallel()
	d := openBytes(t, 80, 120, book("for i in range(100): print('line', i)", "2"))
	d.press("ctrl+e")
	d.see("line 0", "line 99", "unfolds", "○ idle")
	d.gone("line 50")
	d.press("o")
	d.see("line 50")
	d.press("o")
	d.gone("line 99")
	d.see("hidden")
	d.press("o")
	d.see("line 99", "unfolds")
}

func TestARunWhileEditingRunsWhatIsTyped(t *testing.T) {
	t.Parallel()
	d := open(t, "", "2")
	d.press("enter", "for i in range(3):", "enter", "print('n', i)", "ctrl+e")
	d.see("       n 0", "       n 2")
	if c := d.saved().Cell(0); c.Kind() != notebook.Code || c.Source() != "for i in range(3):\n    print('n', i)" {
		t.Errorf("the cell is %q", c.Source())
	}
}

func TestAMarkdownCellRunsByDrawingIt(t *testing.T) {
	t.Parallel()
	d := open(t, "md:# Title", "1")
	d.press("enter")
	d.see("# Title", "EDIT")
	d.press("ctrl+r")
	d.gone("# Title")
	d.see("Title", "COMMAND")
	d.wantSelected(2, 2)
}

func TestAnExceptionLeadsToItsLine(t *testing.T) {
	t.Parallel()
	d := open(t, "def f():\n    x = 1\n    return x / 0", "f()", "ok = 1")
	d.press("shift+enter", "shift+enter")
	d.see("ZeroDivisionError")
	d.press("k", "E")
	d.see("EDIT")
	d.press("#mark ", "esc")
	d.wantCells("def f():\n    x = 1\n    #mark return x / 0", "f()", "ok = 1")
	d.press("E")
	d.see("raised no exception")
}
