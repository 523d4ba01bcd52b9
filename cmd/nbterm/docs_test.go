package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"nbterm/cmd/nbterm/config"
	"nbterm/tui/keymap"
)

// TestDocsTellTheTruth compares the tables in the documentation with the program;
// make golden writes them anew.
func TestDocsTellTheTruth(t *testing.T) {
	t.Parallel()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	document(t, "../../README.md", "keys", essentialKeys(t, keys))
	document(t, "../../README.md", "settings", settingsTable())
	document(t, "../../docs/keys.md", "keys", everyKey(keys))
}

// document checks, or writes, what stands between the two comments that name a part.
func document(t *testing.T, file, part, want string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	start := strings.Index(text, "<!-- "+part+":")
	end := strings.Index(text, "<!-- end of "+part+" -->")
	if start < 0 || end < start {
		t.Fatalf("%s has no place for %s", file, part)
	}
	start += strings.Index(text[start:], "-->\n") + len("-->\n")
	if text[start:end] == want {
		return
	}
	if os.Getenv("NBTERM_UPDATE_GOLDEN") == "" {
		t.Errorf("%s: the table of %s is out of date; make golden writes it anew", file, part)
		return
	}
	if err := os.WriteFile(file, []byte(text[:start]+want+text[end:]), 0o644); err != nil {
		t.Fatal(err)
	}
}

// essentialKeys is what a newcomer needs, in two columns of command and keys.
func essentialKeys(t *testing.T, m *keymap.Map) string {
	var b strings.Builder
	b.WriteString("\n| keys | do |\n|---|---|\n")
	for _, id := range []string{
		keymap.RunAdvance, keymap.RunStay, keymap.RunInsert, keymap.RunAll, keymap.EnterEdit, keymap.EnterNormal,
		keymap.Down, keymap.Up, keymap.InsertAbove, keymap.InsertBelow, keymap.Delete, keymap.Undo, keymap.Cut, keymap.Copy,
		keymap.PasteBelow, keymap.ToMarkdown, keymap.ToCode, keymap.ToggleOutput, keymap.Interrupt, keymap.Restart,
		keymap.Save, keymap.Help, keymap.Close, keymap.Quit,
	} {
		a, ok := m.Action(id)
		if !ok {
			t.Fatalf("there is no action %s", id)
		}
		fmt.Fprintf(&b, "| %s | %s |\n", quotedKeys(m.Keys(a.Contexts[0], id, false)), a.Title)
	}
	return b.String() + "\nAll of them, with the names that the configuration knows them by: [docs/keys.md](docs/keys.md).\n\n"
}

func everyKey(m *keymap.Map) string {
	titles := map[keymap.Context]string{
		keymap.Command: "Command mode", keymap.Edit: "Edit mode", keymap.Text: "The text of a cell",
		keymap.Prompt: "A line of input", keymap.Dialog: "A question or a list", keymap.Browser: "The workspace",
		keymap.Sessions: "The sessions", keymap.Pager: "Text to read", keymap.Output: "An output", keymap.Control: "Widgets", keymap.Form: "A form", keymap.Field: "A text field of a form",
	}
	var b strings.Builder
	for _, c := range keymap.Contexts() {
		fmt.Fprintf(&b, "\n## %s\n\n| keys | do | action |\n|---|---|---|\n", titles[c])
		for _, e := range m.Help(c, false) {
			fmt.Fprintf(&b, "| %s | %s | `%s` |\n", quotedKeys(e.Keys), e.Title, e.ID)
		}
	}
	return b.String() + "\n"
}

func quotedKeys(keys []string) string {
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = "`" + strings.ReplaceAll(k, "|", `\|`) + "`"
		if strings.Contains(k, "`") {
			quoted[i] = "`` " + k + " ``"
		}
	}
	return strings.Join(quoted, " ")
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("\n| setting | default | is | must be | variable |\n|---|---|---|---|---|\n")
	loaded, _ := config.Load(config.Options{}) // nothing to read, nothing to fault
	for i, s := range config.Settings() {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | `%s` |\n", s.Key, tomlValue(loaded.Rows()[i].Value), s.Usage, s.Allowed, s.Env())
	}
	return b.String() + "\n"
}

func TestExamplesCarryNoOutputs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tour", "plotting", "template"} {
		raw, err := os.ReadFile("../../examples/" + name + ".ipynb")
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		outputs, empty := strings.Count(text, `"outputs":`), strings.Count(text, `"outputs": []`)
		counts, none := strings.Count(text, `"execution_count":`), strings.Count(text, `"execution_count": null`)
		if outputs == 0 || outputs != empty || counts != none {
			t.Errorf("%s was saved with outputs", name)
		}
	}
}
