package notebook_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	screen "nbterm/tui/notebook"
)

// openWidgets opens a notebook beside a module that speaks as ipywidgets 8 does.
func openWidgets(t *testing.T, cells ...string) *desk {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "engine", "widget", "testdata"))); err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, path: filepath.Join(dir, "nb.ipynb")}
	d.write(book(cells...))
	return openFile(t, 80, 24, d.path, screen.Safety{LookEvery: time.Hour})
}

func TestASliderIsOperatedByKeysAndItsCallbackPrints(t *testing.T) {
	t.Parallel()
	d := openWidgets(t, strings.Join([]string{
		"from widgets8 import *",
		"speed = IntSlider(description='speed', value=40)",
		"speed.observe(lambda change: print('speed is', change['new']))",
		"speed",
	}, "\n"))
	d.press("ctrl+e")
	d.see("speed ━━━", "●──", "40")
	d.press("tab")
	d.see("WIDGETS")
	d.press("right")
	d.see("speed is 41")
	d.press("end")
	d.see("speed is 100")
	d.press("esc")
	d.see("COMMAND")
}

func TestInteractShowsWhatItsFunctionPrintsForTheValueOfNow(t *testing.T) {
	t.Parallel()
	d := openWidgets(t, strings.Join([]string{
		"from widgets8 import *",
		"def square(n, loud):",
		"    print('square', n * n, '!' * loud)",
		"interact(square, n=IntSlider(value=3, description='n'), loud=Checkbox(description='loud'))",
		"None",
	}, "\n"))
	d.press("ctrl+e")
	d.see("square 9")
	d.press("tab", "right")
	d.see("square 16")
	d.gone("square 9")
	d.press("tab", "space")
	d.see("square 16 !", "[x] loud")
}

func TestFieldsListsAndButtonsAreOperatedByKeys(t *testing.T) {
	t.Parallel()
	d := openWidgets(t, strings.Join([]string{
		"from widgets8 import *",
		"name, day = Text(description='name'), Dropdown(description='day', _options_labels=['mon', 'tue', 'wed'], index=0)",
		"say, out = Button(description='Say'), Output()",
		"def told(b):",
		"    with out:",
		"        print(name.value, 'on', day._options_labels[day.index])",
		"say.on_click(told)",
		"VBox(children=[name, day, say, out])",
	}, "\n"))
	d.press("ctrl+e")
	d.see("[ Say ]")
	d.press("tab")
	d.Write("ada\x7fm")
	d.see("[ adm")
	d.press("tab", "w", "tab", "enter")
	d.see("[ wed ▾ ]", "adm on wed")
}

func TestTqdmInALoopOfAMillionEndsWithAFullBar(t *testing.T) {
	t.Parallel()
	const debian = "import sys; sys.path.append('/usr/lib/python3/dist-packages')" // for a python3 that is not Debian's
	if exec.Command("python3", "-c", debian+"; import tqdm").Run() != nil && os.Getenv("NBTERM_REQUIRE_KERNELS") == "" {
		t.Skip("python3-tqdm is missing")
	}
	d := openWidgets(t, strings.Join([]string{
		debian,
		"from tqdm.notebook import tqdm",
		"total = 0",
		"for i in tqdm(range(10**6), desc='adding'):",
		"    total += i",
		"print(total)",
	}, "\n"))
	d.press("ctrl+e")
	d.see("499999500000", "adding: 100% ▕████████", "█▏", "1000000/1000000 [")
}
