package diff_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	delta "nbterm/engine/diff"
	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/render/ink"
	"nbterm/render/term"
	"nbterm/tui"
	"nbterm/tui/diff"
	"nbterm/tui/keymap"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

// run is the record of a run with a rate and a region.
func run(t testing.TB, lr float64, region string, took float64) *notebook.Notebook {
	t.Helper()
	cell := func(id, source, out string) string {
		text, _ := json.Marshal(source)
		return fmt.Sprintf(`{"cell_type":"code","id":%q,"metadata":{"papermill":{"duration":%v}},"execution_count":1,"source":%s,"outputs":[%s]}`, id, took, text, out)
	}
	loss := ""
	for i := range 4 {
		loss += fmt.Sprintf("epoch %d loss %.4f\n", i, lr/float64(i+1))
	}
	scrap := fmt.Sprintf(`{"output_type":"display_data","data":{"application/scrapbook.scrap.json+json":{"name":"auc","data":%v,"encoder":"json","version":1}},"metadata":{}}`, 0.8+lr/10)
	cells := []string{
		cell("p", fmt.Sprintf("# Parameters\nlr = %v\nregion = %q\n", lr, region), ""),
		cell("s1", "import time", ""), cell("s2", "x = 1", ""),
		cell("t", "train(lr)", fmt.Sprintf(`{"output_type":"stream","name":"stdout","text":%q}`, loss)), cell("g", "glue()", scrap),
	}
	if region == "us" {
		cells = append(cells, cell("n", "print('\x1b[2Jnew\t\u202e')\n"+strings.Repeat("long ", 60), ""))
	}
	doc, err := notebook.Parse([]byte(fmt.Sprintf(`{"cells":[%s],"metadata":{"papermill":{"parameters":{"lr":%v,"region":%q},"duration":%v,"exception":null}},"nbformat":4,"nbformat_minor":5}`,
		strings.Join(cells, ","), lr, region, took)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// opens notes what the screen asked for.
type opens struct {
	mu  sync.Mutex
	all []screen.Target
}

func show(t *testing.T, r *delta.Report, w, h int) (*tuitest.Terminal, *opens) {
	t.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &opens{}
	s := diff.New(diff.Deps{Report: r, A: "monday.ipynb", B: "tuesday.ipynb", Keys: keys, Theme: theme.New(true)})
	app := tui.New(s, tui.Options{Theme: "dark", Mouse: true, Open: func(_ context.Context, target screen.Target) (screen.Screen, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.all = append(o.all, target)
		return nil, errors.New("opened " + target.Path)
	}})
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return tuitest.Start(t, app, w, h), o
}

func report(t testing.TB) *delta.Report {
	return delta.Compare(run(t, 0.1, "eu", 1), run(t, 0.3, "us", 4), delta.Options{})
}

func TestSidesStandBesideEachOtherWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 12}} {
		term, _ := show(t, report(t), size[0], size[1])
		term.Idle()
		term.Golden(fmt.Sprintf("compared-%dx%d", size[0], size[1]))
	}
}

func TestKeysGoFromDifferenceToDifference(t *testing.T) {
	t.Parallel()
	term, asked := show(t, report(t), 100, 50)
	term.WaitFor("the first difference", func(s string) bool { return strings.Contains(s, "DIFF   1/3") })
	term.Type("n")
	term.WaitFor("the second", func(s string) bool { return strings.Contains(s, "2/3") })
	term.Type("n", "n")
	term.WaitFor("the end", func(s string) bool {
		return strings.Contains(s, "3/3") && strings.Contains(s, "no further difference")
	})
	term.Type("N")
	term.WaitFor("the one before", func(s string) bool { return strings.Contains(s, "2/3") })
	term.Type("o")
	term.WaitFor("no outputs", func(s string) bool {
		return strings.Contains(s, "1 output differs") && !strings.Contains(s, "epoch 0")
	})
	term.Type("f")
	term.WaitFor("cells that are the same", func(s string) bool { return strings.Contains(s, "import time") && strings.Contains(s, "2/3") })
	term.Type("enter")
	term.WaitFor("the cell", func(s string) bool { return strings.Contains(s, "Not opened") })
	asked.mu.Lock()
	defer asked.mu.Unlock()
	if len(asked.all) != 1 {
		t.Fatalf("opened %v", asked.all)
	}
	if to := asked.all[0]; to.Kind != screen.Notebook || to.Path != "tuesday.ipynb" || !to.ReadOnly || to.Cell != 4 {
		t.Errorf("opened %+v, want cell 4 of tuesday.ipynb", to)
	}
	term.Type("esc", "g", "q")
	term.WaitEnd()
}

func TestEqualNotebooksSaySo(t *testing.T) {
	t.Parallel()
	a := run(t, 0.1, "eu", 1)
	term, _ := show(t, delta.Compare(a, a.Clone(), delta.Options{}), 80, 24)
	term.WaitFor("the same", func(s string) bool {
		return strings.Contains(s, "5 cells: the same") && strings.Contains(s, "5 cells the same")
	})
	empty, _ := show(t, delta.Compare(notebook.New("", "", ""), notebook.New("", "", ""), delta.Options{}), 80, 24)
	empty.Type("n", "j", "k", "G", "enter", "f", "o")
	empty.WaitFor("nothing", func(s string) bool { return strings.Contains(s, "0 cells: the same") })
}

func TestRowsAreSafeAndFit(t *testing.T) {
	t.Parallel()
	for _, beside := range []bool{false, true} {
		for _, width := range []int{20, 79, 140} {
			l := diff.Look{Context: render.Context{Width: width, Palette: ink.DarkPalette(), Caps: render.Caps{Colors: render.TrueColor}}, Beside: beside, Outputs: true}
			for _, row := range l.Text(report(t)) {
				if err := term.Verify(row); err != nil {
					t.Errorf("%d columns: %q: %v", width, row, err)
				}
			}
		}
	}
}

func BenchmarkOpen5000(b *testing.B) {
	var cells []string
	for i := range 5000 {
		cells = append(cells, fmt.Sprintf(`{"cell_type":"code","id":"%d","metadata":{},"execution_count":1,"source":"x = SIDE%d","outputs":[]}`, i, i))
	}
	text := `{"cells":[` + strings.Join(cells, ",") + `],"metadata":{},"nbformat":4,"nbformat_minor":5}`
	for b.Loop() {
		x, _ := notebook.Parse([]byte(strings.ReplaceAll(text, "SIDE", "1")))
		y, _ := notebook.Parse([]byte(strings.ReplaceAll(text, "SIDE", "2")))
		l := diff.Look{Context: render.Context{Width: 80, Palette: ink.DarkPalette()}, Outputs: true}
		if n := len(l.Text(delta.Compare(x, y, delta.Options{}))); n < 5000 {
			b.Fatal(n)
		}
	}
}
