package widget_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/widget"
	"nbterm/render"
	"nbterm/render/internal/golden"
	"nbterm/render/term"
	draw "nbterm/render/widget"
)

// saved loads testdata/NAME.json: a metadata.widgets whose state is spelled shortly, an
// object of ids to [model, state].
func saved(t *testing.T, name string) widget.Models {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var short map[string][2]json.RawMessage
	if err := json.Unmarshal(raw, &short); err != nil {
		t.Fatal(err)
	}
	long := map[string]any{}
	for id, m := range short {
		var kind string
		if err := json.Unmarshal(m[0], &kind); err != nil {
			t.Fatal(err)
		}
		long[id] = map[string]any{"model_name": kind + "Model", "state": m[1]}
	}
	all, err := json.Marshal(map[string]any{widget.StateType: map[string]any{"version_major": 2, "state": long}})
	if err != nil {
		t.Fatal(err)
	}
	s := widget.NewSet()
	s.Load(all)
	return s.Models()
}

func rows(t *testing.T, models widget.Models, width int, f *draw.Focus) []string {
	t.Helper()
	d, ok := draw.Draw(models, "root", f, render.Context{Width: width}, nil)
	if !ok {
		t.Fatal("there is no model called root")
	}
	return d.Lines
}

func TestEveryKindOfSavedWidgetIsDrawn(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"numbers", "choices", "fields", "boxes", "content", "old"} {
		models := saved(t, name)
		golden.Lines(t, name, rows(t, models, 72, nil))
		golden.Lines(t, name+"-narrow", rows(t, models, 30, nil))
	}
}

func TestWhatHasTheFocusShowsItWithoutColours(t *testing.T) {
	t.Parallel()
	golden.Lines(t, "focus-slider", rows(t, saved(t, "numbers"), 60, &draw.Focus{Model: "range", Part: 1}))
	golden.Lines(t, "focus-dropdown", rows(t, saved(t, "choices"), 60, &draw.Focus{Model: "drop", Open: true}))
	golden.Lines(t, "focus-several", rows(t, saved(t, "choices"), 60, &draw.Focus{Model: "several", Item: 1}))
	golden.Lines(t, "focus-field", rows(t, saved(t, "fields"), 60, &draw.Focus{Model: "combo", Field: &draw.Field{Text: "b", Cursor: 1}}))
}

func TestATreeThatHoldsItselfIsDrawnOnce(t *testing.T) {
	t.Parallel()
	s := widget.NewSet()
	s.Load(json.RawMessage(`{"` + widget.StateType + `":{"state":{"root":{"model_name":"VBoxModel","state":{"children":["IPY_MODEL_root","IPY_MODEL_root"]}}}}}`))
	if lines := rows(t, s.Models(), 40, nil); len(lines) > 10 {
		t.Errorf("%d rows", len(lines))
	}
}

func TestNothingOfAModelReachesTheTerminalUncleaned(t *testing.T) {
	t.Parallel()
	bad := `"a\u001b]0;title\u0007\u001b[8mz\u202etxt\u009b31m"`
	for _, kind := range []string{
		"IntSlider", "Button", "Checkbox", "Text", "Textarea", "Password", "Combobox", "Dropdown", "Select", "SelectMultiple", "RadioButtons",
		"ToggleButtons", "ToggleButton", "HTML", "HTMLMath", "Label", "Image", "Valid", "Tab", "Accordion", "ColorPicker", "SelectionSlider", "Strange\u001b[8m",
	} {
		k, _ := json.Marshal(kind + "Model")
		s := widget.NewSet()
		s.Load(json.RawMessage(`{"` + widget.StateType + `":{"state":{"root":{"model_name":` + string(k) + `,"state":{
			"description":` + bad + `,"value":` + bad + `,"placeholder":` + bad + `,"readout":` + bad + `,"_options_labels":[` + bad + `],"index":0,
			"options":[` + bad + `],"titles":[` + bad + `],"children":["IPY_MODEL_x"],"icon":` + bad + `,"format":` + bad + `}}}}}`))
		for _, line := range rows(t, s.Models(), 60, &draw.Focus{Model: "root", Open: true}) {
			if err := term.Verify(line); err != nil {
				t.Errorf("%s: %v in %q", kind, err, line)
			}
		}
	}
}

func TestAreasLieWhereTheirControlsAre(t *testing.T) {
	t.Parallel()
	d, ok := draw.Draw(saved(t, "boxes"), "root", nil, render.Context{Width: 72}, nil)
	if !ok {
		t.Fatal("nothing drawn")
	}
	for _, a := range d.Areas {
		if a.Model != "run" {
			continue
		}
		runes := []rune(ansi.Strip(d.Lines[a.Row]))
		if got := string(runes[a.Col : a.Col+a.Cols]); got != "[ Run ]" {
			t.Errorf("at the area of the button stands %q in %q", got, d.Lines[a.Row])
		}
		return
	}
	t.Error("the button has no area: " + strings.Join(d.Lines, "\n"))
}
