package mime

import (
	"slices"
	"testing"
)

func mustParse(t *testing.T, raw string) Bundle {
	t.Helper()
	b, err := Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBundleKeepsOrderAndText(t *testing.T) {
	t.Parallel()
	const raw = ` {"text/plain": ["a\n", "b"], "image/png": "aGk=\n", "application/json" : {"x": NaN} } `
	b := mustParse(t, raw)
	if got, want := b.Types(), []string{"text/plain", "image/png", "application/json"}; !slices.Equal(got, want) {
		t.Errorf("types %v", got)
	}
	if got := string(b.JSON()); got != raw {
		t.Errorf("the text changed to %s", got)
	}
	if text, ok := b.Text("text/plain"); !ok || text != "a\nb" {
		t.Errorf("text %q, %v", text, ok)
	}
	if got, _ := b.Get("application/json"); string(got) != `{"x": NaN}` {
		t.Errorf("raw %s", got)
	}
	if _, ok := b.Text("application/json"); ok {
		t.Error("an object is not text")
	}
	if _, ok := b.Get("text/html"); ok {
		t.Error("found what is not there")
	}
}

func TestBundleBytes(t *testing.T) {
	t.Parallel()
	b := mustParse(t, `{"a": "aGVs\nbG8=\n", "b": ["aGVs", "bG8"], "c": "?", "d": 1, "e": ""}`)
	for _, typ := range []string{"a", "b"} {
		if got, err := b.Bytes(typ); err != nil || string(got) != "hello" {
			t.Errorf("%s: %q, %v", typ, got, err)
		}
	}
	for _, typ := range []string{"c", "d", "none"} {
		if _, err := b.Bytes(typ); err == nil {
			t.Errorf("%s: no error", typ)
		}
	}
	if got, err := b.Bytes("e"); err != nil || len(got) != 0 {
		t.Errorf("nothing: %q, %v", got, err)
	}
}

func TestRichestTakesTheHighestRankAndTheFirstOfEquals(t *testing.T) {
	t.Parallel()
	b := FromEntries(TextEntry("text/plain", "x"), TextEntry("b/1", ""), TextEntry("b/2", ""), TextEntry("bad", ""))
	rank := func(typ string) int {
		return map[string]int{"text/plain": 1, "b/1": 5, "b/2": 5, "bad": -1}[typ]
	}
	if typ, ok := b.Richest(rank); !ok || typ != "b/1" {
		t.Errorf("got %q, %v", typ, ok)
	}
	if typ, ok := b.Richest(func(string) int { return 0 }); ok || typ != "" {
		t.Errorf("nothing ranks, got %q", typ)
	}
}

func TestMadeBundleReadsBack(t *testing.T) {
	t.Parallel()
	made := FromEntries(TextEntry("text/plain", "é\u2028\"\n"), Entry{"application/json", []byte(`{"a":1e400}`)}, TextEntry("text/plain", "later"))
	b := mustParse(t, string(made.JSON()))
	if b.Len() != 2 {
		t.Fatalf("%d entries in %s", b.Len(), made.JSON())
	}
	if text, _ := b.Text("text/plain"); text != "later" {
		t.Errorf("the later of two should count, got %q", text)
	}
}

func TestParseSaysWhatIsNoBundle(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{``, `[]`, `1`, `{"a"}`, `{} {}`, `"{}"`} {
		if _, err := Parse([]byte(raw)); err == nil {
			t.Errorf("accepted %s", raw)
		}
	}
	if b := mustParse(t, ` {} `); b.Len() != 0 {
		t.Error("an empty bundle has entries")
	}
}

func TestTextOfMultilineStrings(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{`"a"`: "a", `["a\n","b"]`: "a\nb", `[]`: "", ` "\u00e9" `: "é"} {
		if got, ok := Text([]byte(raw)); !ok || got != want {
			t.Errorf("%s: %q, %v", raw, got, ok)
		}
	}
	for _, raw := range []string{`1`, `null`, `["a",1]`, `{}`, `["a",["b"]]`, ``} {
		if got, ok := Text([]byte(raw)); ok {
			t.Errorf("%s is text: %q", raw, got)
		}
	}
}

// FuzzParse: no text makes a bundle panic, and what was parsed is given back.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"text/plain":["a","b"],"image/png":"aGk="}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := Parse(raw)
		if err != nil {
			return
		}
		for _, typ := range b.Types() {
			b.Text(typ)
			if _, err := b.Bytes(typ); err != nil && err.Error() == "" {
				t.Fatal("an error without words")
			}
		}
		if string(b.JSON()) != string(raw) {
			t.Fatalf("%q became %q", raw, b.JSON())
		}
		again, err := Parse(FromEntries(b.Entries()...).JSON())
		if err != nil || !slices.Equal(again.Types(), b.Types()) {
			t.Fatalf("%q: %v", raw, err)
		}
	})
}
