package bridge_test

import (
	"encoding/json"
	"testing"

	"nbterm/engine/wire"
)

// What glue writes is what scrapbook 0.5 writes.
func TestGlueWritesScrapbooksRecord(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	s.run(t, "from nbterm import glue\nimport nbterm")
	for _, c := range []struct{ code, want string }{
		{`glue("auc", 0.81)`, `{"data":{"application/scrapbook.scrap.json+json":{"data":0.81,"encoder":"json","name":"auc","version":1}},"metadata":{"scrapbook":{"data":true,"display":false,"name":"auc"}},"transient":{}}`},
		{`nbterm.glue("note", "fine")`, `{"data":{"application/scrapbook.scrap.text+json":{"data":"fine","encoder":"text","name":"note","version":1}},"metadata":{"scrapbook":{"data":true,"display":false,"name":"note"}},"transient":{}}`},
		{`glue("j", '{"a": [1, null]}', "json")`, `{"data":{"application/scrapbook.scrap.json+json":{"data":{"a":[1,null]},"encoder":"json","name":"j","version":1}},"metadata":{"scrapbook":{"data":true,"display":false,"name":"j"}},"transient":{}}`},
		{`glue("t", 3, encoder="text")`, `{"data":{"application/scrapbook.scrap.text+json":{"data":"3","encoder":"text","name":"t","version":1}},"metadata":{"scrapbook":{"data":true,"display":false,"name":"t"}},"transient":{}}`},
		{"from IPython.display import HTML\nglue(\"h\", HTML(\"<b>x</b>\"))", `{"data":{"text/html":"<b>x</b>","text/plain":"<IPython.core.display.HTML object>"},"metadata":{"scrapbook":{"data":false,"display":true,"name":"h"}},"transient":{}}`},
	} {
		cell := s.run(t, c.code)
		m := cell.First(wire.TypeDisplayData)
		if m == nil {
			t.Errorf("%s shows nothing", c.code)
			continue
		}
		var content any
		if err := m.Decode(&content); err != nil {
			t.Fatal(err)
		}
		if got, _ := json.Marshal(content); string(got) != escaped(t, c.want) {
			t.Errorf("%s:\n%s, want\n%s", c.code, got, c.want)
		}
	}
	if cell := s.Execute(`glue("x", object())`); cell.Reply.EName != "TypeError" {
		t.Errorf("an object was recorded: %v", cell.Reply)
	}
	if cell := s.Execute(`glue("x", 1, "nothing")`); cell.Reply.EName != "ValueError" {
		t.Errorf("an encoder that is not there: %v", cell.Reply)
	}
	cell := s.run(t, `glue("both", {"a": 1}, display=True)`)
	shown := 0
	for _, m := range cell.Messages {
		if m.Type() == wire.TypeDisplayData {
			shown++
		}
	}
	if shown != 2 {
		t.Errorf("a value with display=True makes %d displays", shown)
	}
}

// escaped writes JSON again as json.Marshal does.
func escaped(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}
