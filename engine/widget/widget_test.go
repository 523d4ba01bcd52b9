package widget_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"nbterm/engine/widget"
	"nbterm/engine/wire"
)

// say makes a message as a kernel says it on iopub.
func say(t *testing.T, typ, parent, content string, buffers ...[]byte) *wire.Message {
	t.Helper()
	if !json.Valid([]byte(content)) {
		t.Fatalf("not JSON: %s", content)
	}
	return &wire.Message{
		Channel: wire.IOPub, Header: wire.Header{MsgType: typ}, Parent: wire.Header{MsgID: parent},
		Content: json.RawMessage(content), Buffers: buffers,
	}
}

func open(id, model, state string) string {
	return `{"comm_id":"` + id + `","target_name":"jupyter.widget","data":{"state":{"_model_name":"` + model + `Model",` + state + `},"buffer_paths":[]}}`
}

func update(id, method, state string) string {
	return `{"comm_id":"` + id + `","data":{"method":"` + method + `","state":` + state + `,"buffer_paths":[]}}`
}

// set folds comm_open messages of models given as id, kind and state.
func set(t *testing.T, models ...string) *widget.Set {
	t.Helper()
	s := widget.NewSet()
	for i := 0; i+2 < len(models); i += 3 {
		if !s.Fold(say(t, "comm_open", "cell", open(models[i], models[i+1], models[i+2]))) {
			t.Fatalf("comm_open of %s was not taken", models[i])
		}
	}
	return s
}

func TestUpdatesChangeModelsAndLeaveWhatWasLentAsItWas(t *testing.T) {
	t.Parallel()
	s := set(t, "a", "IntSlider", `"value":3,"description":"n"`)
	before := s.Models()
	s.Fold(say(t, "comm_msg", "cell", update("a", "update", `{"value":7}`)))
	if got := s.Get("a").Ends(); got[0] != 7 {
		t.Errorf("value is %v, want 7", got)
	}
	if got := before["a"].Ends(); got[0] != 3 {
		t.Errorf("what was lent changed to %v", got)
	}
	if got := s.Get("a").Text("description"); got != "n" {
		t.Errorf("description is %q", got)
	}
	s.Fold(say(t, "comm_close", "cell", `{"comm_id":"a","data":{}}`))
	if s.Get("a") != nil {
		t.Error("a closed model is still there")
	}
}

func TestAnEchoOfAnOlderChangeDoesNotTakeTheNewerBack(t *testing.T) {
	t.Parallel()
	s := set(t, "a", "IntSlider", `"value":0`)
	for _, v := range []int{1, 2} {
		if got := s.Change(widget.Change{Model: "a", State: map[string]any{"value": v}}); len(got) != 1 {
			t.Fatalf("%d changes to tell, want 1", len(got))
		}
	}
	value := func(want float64) {
		t.Helper()
		if got := s.Get("a").Ends()[0]; got != want {
			t.Errorf("value is %v, want %v", got, want)
		}
	}
	s.Fold(say(t, "comm_msg", "m1", update("a", "echo_update", `{"value":1}`)))
	value(2)
	s.Fold(say(t, "comm_msg", "m2", update("a", "echo_update", `{"value":2}`)))
	value(2)
	s.Fold(say(t, "comm_msg", "m3", update("a", "echo_update", `{"value":9}`))) // another client's
	value(9)
	s.Change(widget.Change{Model: "a", State: map[string]any{"value": 10}})
	s.Fold(say(t, "comm_msg", "m4", update("a", "update", `{"value":5}`))) // the kernel has it otherwise
	value(5)
}

func TestAnOutputCapturesWhatAnswersItsMessage(t *testing.T) {
	t.Parallel()
	s := set(t, "o", "Output", `"msg_id":"","outputs":[]`)
	stream := `{"name":"stdout","text":"hello\n"}`
	if s.Fold(say(t, "stream", "m", stream)) {
		t.Error("an Output without msg_id took an output")
	}
	s.Fold(say(t, "comm_msg", "m", update("o", "update", `{"msg_id":"m"}`)))
	for _, parent := range []string{"m", "m"} {
		if !s.Fold(say(t, "stream", parent, stream)) {
			t.Error("the Output did not take what answers its message")
		}
	}
	if s.Fold(say(t, "stream", "other", stream)) {
		t.Error("the Output took other outputs than those in answer to its message")
	}
	s.Fold(say(t, "clear_output", "m", `{"wait":true}`))
	if outs := s.Get("o").Outputs(); len(outs) != 1 || outs[0].Text() != "hello\nhello\n" {
		t.Errorf("outputs %v", outs)
	}
	s.Fold(say(t, "error", "m", `{"ename":"E","evalue":"v","traceback":[]}`))
	s.Fold(say(t, "comm_msg", "m", update("o", "update", `{"msg_id":""}`)))
	outs := s.Get("o").Outputs()
	if len(outs) != 1 || outs[0].Kind() != "error" {
		t.Errorf("after clear_output(wait=True) and an error: %v", outs)
	}
	if s.Fold(say(t, "stream", "m", stream)) {
		t.Error("an Output that was left took an output")
	}
}

func TestSavedModelsAreReadWithTheirDefaultsAndBuffers(t *testing.T) {
	t.Parallel()
	s := set(t, "a", "FloatSlider", `"value":2.5,"_model_module":"@jupyter-widgets/controls"`, "o", "Output", `"msg_id":""`)
	s.Fold(say(t, "comm_open", "c", `{"comm_id":"i","target_name":"jupyter.widget","data":{"state":{"_model_name":"ImageModel"},"buffer_paths":[["value"]]}}`, []byte{1, 2}))
	s.Fold(say(t, "comm_msg", "m", update("o", "update", `{"msg_id":"m"}`)))
	s.Fold(say(t, "stream", "m", `{"name":"stdout","text":"kept"}`))
	again := widget.NewSet()
	again.Load(s.Save())
	a := again.Get("a")
	if a == nil || a.Live || a.Readout() != "2.50" {
		t.Fatalf("slider came back as %+v", a)
	}
	if span, ok := a.Bounds(); !ok || span != (widget.Span{Min: 0, Max: 100, Step: 1}) {
		t.Errorf("bounds by default are %v", span)
	}
	if got := again.Get("i").Blob("value"); !reflect.DeepEqual(got, []byte{1, 2}) {
		t.Errorf("picture came back as %v", got)
	}
	if outs := again.Get("o").Outputs(); len(outs) != 1 || outs[0].Text() != "kept" {
		t.Errorf("outputs came back as %v", outs)
	}
	if got := again.Change(widget.Change{Model: "a", State: map[string]any{"value": 3}}); len(got) != 0 {
		t.Errorf("a model without kernel is told %v", got)
	}
}

func TestLinksCarryAChangeOnAndEndInRings(t *testing.T) {
	t.Parallel()
	s := set(t,
		"a", "Play", `"value":0,"max":10`, "b", "IntSlider", `"value":0`, "c", "IntSlider", `"value":0`,
		"l1", "Link", `"source":["IPY_MODEL_a","value"],"target":["IPY_MODEL_b","value"]`,
		"l2", "DirectionalLink", `"source":["IPY_MODEL_b","value"],"target":["IPY_MODEL_c","value"]`,
		"l3", "Link", `"source":["IPY_MODEL_c","value"],"target":["IPY_MODEL_a","value"]`,
	)
	got := s.Change(widget.Change{Model: "a", State: map[string]any{"value": 4}})
	if len(got) != 3 || s.Get("b").Ends()[0] != 4 || s.Get("c").Ends()[0] != 4 {
		t.Errorf("told %v; b %v c %v", got, s.Get("b").Ends(), s.Get("c").Ends())
	}
}

func TestActsChangeEachKindAsItIsMeant(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind, state string
		act         widget.Act
		part        int
		want        string // the comm_msg's state or event; "" for no change
	}{
		{"IntSlider", `"value":99`, widget.More, 0, `{"value":100}`},
		{"IntSlider", `"value":100`, widget.More, 0, ``},
		{"IntSlider", `"value":5,"step":5,"min":-10`, widget.Least, 0, `{"value":-10}`},
		{"FloatSlider", `"value":0.2,"step":0.1`, widget.More, 0, `{"value":0.3}`},
		{"FloatLogSlider", `"value":10`, widget.Most, 0, `{"value":10000}`},
		{"IntRangeSlider", `"value":[2,5]`, widget.Most, 0, `{"value":[5,5]}`},
		{"IntRangeSlider", `"value":[2,5]`, widget.More, 1, `{"value":[2,6]}`},
		{"IntSlider", `"value":5,"disabled":true`, widget.More, 0, ``},
		{"Checkbox", `"value":true`, widget.Press, 0, `{"value":false}`},
		{"Button", `"description":"b"`, widget.Press, 0, `click`},
		{"Dropdown", `"_options_labels":["x","y"],"index":0`, widget.More, 0, `{"index":1}`},
		{"Dropdown", `"_options_labels":["x","y"],"index":1`, widget.More, 0, ``},
		{"Dropdown", `"_options_labels":["x","y"],"value":"x"`, widget.More, 0, `{"value":"y"}`}, // ipywidgets 6
		{"SelectMultiple", `"_options_labels":["x","y","z"],"index":[2]`, widget.Press, 0, `{"index":[0,2]}`},
		{"SelectionSlider", `"_options_labels":["x","y"],"index":0`, widget.More, 0, `{"index":1}`},
		{"Tab", `"children":["IPY_MODEL_1","IPY_MODEL_2"],"selected_index":0`, widget.More, 0, `{"selected_index":1}`},
		{"Accordion", `"children":["IPY_MODEL_1"],"selected_index":0`, widget.Press, 0, `{"selected_index":null}`},
		{"DatePicker", `"value":{"year":2026,"month":11,"date":31}`, widget.More, 0, `{"value":{"year":2027,"month":0,"date":1}}`},
		{"Play", `"value":1`, widget.Press, widget.PlayButton, `{"playing":true}`},
		{"Play", `"value":1,"_playing":true`, widget.Press, widget.PlayButton, `{"_playing":false}`}, // ipywidgets 7
		{"IntText", `"value":3`, widget.Less, 0, `{"value":2}`},
	} {
		c, ok := set(t, "m", tc.kind, tc.state).Get("m").Do(tc.act, tc.part)
		got := c.Event
		if c.State != nil {
			raw, err := json.Marshal(c.State)
			if err != nil {
				t.Fatal(err)
			}
			got = string(raw)
		}
		if !ok {
			got = ""
		}
		if got != tc.want {
			t.Errorf("%s {%s} act %d: %s, want %s", tc.kind, tc.state, tc.act, got, tc.want)
		}
	}
}

func TestTextTypedIntoFieldsIsReadByTheirKind(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ kind, state, text, want string }{
		{"Text", `"value":""`, "hé", `{"value":"hé"}`},
		{"BoundedIntText", `"value":1,"max":10`, " 99 ", `{"value":10}`},
		{"IntText", `"value":1`, "1.5", `no whole number`},
		{"FloatText", `"value":1`, "2.5", `{"value":2.5}`},
		{"DatePicker", `"value":null`, "2026-02-03", `{"value":{"year":2026,"month":1,"date":3}}`},
		{"DatePicker", `"value":null`, "tomorrow", `not of the form 2026-11-21`},
		{"Time", `"value":null`, "14:30", `{"value":{"hours":14,"minutes":30,"seconds":0,"milliseconds":0}}`},
		{"Combobox", `"value":"","options":["a"],"ensure_options":true`, "b", `none of the options`},
		{"Label", `"value":""`, "x", `takes no text`},
	} {
		c, err := set(t, "m", tc.kind, tc.state).Get("m").Type(tc.text)
		raw, _ := json.Marshal(c.State)
		got := string(raw)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, tc.want) {
			t.Errorf("%s %q: %s, want %s", tc.kind, tc.text, got, tc.want)
		}
	}
}

func TestNumbersAreWrittenByTheirReadoutFormat(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		v            float64
		format, want string
	}{
		{3.14159, ".2f", "3.14"}, {1234567, ",d", "1,234,567"}, {-1234.5, ",.1f", "-1,234.5"}, {0.256, ".1%", "25.6%"},
		{12345, ".3g", "1.23e+04"}, {2, "", "2"}, {2.5, "$x", "2.5"}, {41.6, "d", "42"},
	} {
		if got := widget.Format(tc.v, tc.format); got != tc.want {
			t.Errorf("Format(%v, %q) = %q, want %q", tc.v, tc.format, got, tc.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("comm_open", open("a", "IntSlider", `"value":1`), `{"value":2}`)
	f.Add("comm_open", open("a", "SelectMultiple", `"_options_labels":["x"],"index":[7]`), `{"index":[-1]}`)
	f.Add("comm_open", open("a", "Tab", `"children":["IPY_MODEL_a"],"titles":["t"]`), `{"selected_index":9}`)
	f.Add("comm_open", `{"comm_id":"a","target_name":"jupyter.widget","data":{"state":{"value":[]},"buffer_paths":[["value",0],[]]}}`, `{}`)
	f.Fuzz(func(t *testing.T, typ, content, state string) {
		s := widget.NewSet()
		m := &wire.Message{Channel: wire.IOPub, Header: wire.Header{MsgType: typ}, Content: json.RawMessage(content), Buffers: [][]byte{{1}}}
		s.Fold(m)
		if json.Valid([]byte(state)) {
			m.Header.MsgType, m.Content = "comm_msg", json.RawMessage(update("a", "update", state))
			s.Fold(m)
		}
		for _, model := range s.Models() {
			for act := widget.Less; act <= widget.Press; act++ {
				for part := -1; part < 3; part++ {
					if c, ok := model.Do(act, part); ok {
						s.Change(c)
					}
				}
			}
			_, _ = model.Type("12")
			_, _ = model.Slide(0.5)
			model.Readout()
			model.Titles(3)
		}
		again := widget.NewSet()
		again.Load(s.Save())
	})
}
