package notebook

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/engine/mime"
)

// python returns an interpreter that can import a module, or skips the test.
func python(t *testing.T, module string) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import "+module).Run() == nil {
			return name
		}
	}
	t.Skipf("no python3 here can import %s (Debian: apt install python3-%s)", module, module)
	return ""
}

// runPython runs a script over the files in dir and returns what it complains of.
func runPython(t *testing.T, interpreter, script, dir string) string {
	t.Helper()
	cmd := exec.Command(interpreter, "-W", "ignore", "-c", script, dir)
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8:backslashreplace")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, out)
	}
	return string(out)
}

func store(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// canonical complains of files that nbformat finds invalid, or that it would
// write differently.
const canonical = `
import sys, glob, os, nbformat
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.ipynb"))):
    text = open(path, encoding="utf-8", newline="").read()
    nb = nbformat.reads(text, as_version=4)
    nbformat.validate(nb)
    again = nbformat.writes(nb) + "\n"
    if again != text:
        print(path, "differs from what nbformat writes:\n" + text + "\n---\n" + again)
`

// made is a notebook of cells and outputs of every kind.
func made() *Notebook {
	n := New("python3", "Python 3 (ipykernel)", "python")
	n.Insert(0,
		NewCell(Markdown, "# Título 😀\n\nA\u2028B\fC\r\nD\u0085"),
		NewCell(Code, "x = 1\nx\n").WithCount(3, true).WithOutputs(append(someOutputs(),
			NewDisplay(mime.FromEntries(
				mime.TextEntry("text/plain", "one\ntwo"), mime.TextEntry("image/svg+xml", "<svg>\n</svg>"),
				mime.TextEntry("image/png", "aGk=\n"), mime.TextEntry("application/javascript", "a\nb"),
				mime.Entry{Type: "application/vnd.x+json", Raw: json.RawMessage(`{"z": [1, {"b": NaN, "a": "\u00e9\/"}], "a": [], "c": {}}`)},
			), json.RawMessage(`{"image/png":{"width":10,"height":2}}`), ""))),
		NewCell(Raw, "").WithMeta(json.RawMessage(`["b","a"]`), "tags").WithMeta(json.RawMessage(`"text/html"`), "format"),
		NewCell(Code, ""),
		NewCell(Code, "to be markdown").WithCount(1, true).WithKind(Markdown),
		NewCell(Markdown, "to be code").WithKind(Code),
	)
	return n
}

func TestWrittenNotebooksAreWhatNbformatWrites(t *testing.T) {
	t.Parallel()
	interpreter, dir := python(t, "nbformat"), t.TempDir()
	store(t, dir, "empty.ipynb", New("", "", "").Bytes())
	store(t, dir, "new.ipynb", New("ir", "R", "R").Bytes())
	store(t, dir, "made.ipynb", made().Bytes())
	for _, name := range []string{"01-plain-45", "11-no-cells", "30-all-outputs", "29-attachments"} {
		data, err := os.ReadFile("testdata/corpus/" + name + ".ipynb")
		if err != nil {
			t.Fatal(err)
		}
		n := mustParse(t, data)
		n.Insert(n.Len(), NewCell(Code, "last\n").WithOutputs(someOutputs()))
		n.Insert(0, NewCell(Markdown, "first"))
		n.SetMeta(json.RawMessage(`{"b": 1, "a": {}}`), "nbterm")
		n.Replace(1, n.Cell(1).WithSource("other\nlines").WithMeta(json.RawMessage(`1`), "k", "l"))
		n.Replace(1, n.Cell(1).WithOutputs(someOutputs()))
		n.Insert(2, n.Copy(1))
		n.Split(1, 6)
		if name != "29-attachments" {
			n.Merge(0, 2)
		}
		if pasted := mustParse(t, []byte(`{"cells":[{"cell_type":"code","execution_count":1,"id":"`+n.Cell(0).ID()+`","metadata":{},"outputs":[],"source":["\u00e9\n","b"]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`)); true {
			n.Insert(1, pasted.Copy(0), pasted.Cell(0))
		}
		store(t, dir, name+".ipynb", n.Bytes())
	}
	if said := runPython(t, interpreter, canonical, dir); said != "" {
		t.Error(said)
	}
}

// upgraded compares our upgrade (b) of a file (a) with nbformat's, but for ids.
const upgraded = `
import sys, glob, os, re, nbformat, logging
logging.disable(logging.CRITICAL)
def plain(text): return re.sub(r'"id": "[0-9a-f]{8}"', '"id": "-"', text)
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.ipynb"))):
    text = open(path, encoding="utf-8", newline="").read()
    want = plain(nbformat.writes(nbformat.reads(text, as_version=4)) + "\n")
    got = plain(open(path[:-6] + ".upgraded", encoding="utf-8", newline="").read())
    if got != want:
        print(path, "is upgraded to:\n" + got + "\n--- nbformat:\n" + want)
`

func TestOldFormatsAreUpgradedAsNbformatDoes(t *testing.T) {
	t.Parallel()
	interpreter, dir := python(t, "nbformat"), t.TempDir()
	for _, name := range []string{"47-v3", "48-v2", "50-v3-empty"} {
		data, err := os.ReadFile("testdata/corpus/" + name + ".ipynb")
		if err != nil {
			t.Fatal(err)
		}
		n := mustParse(t, data)
		if major, minor := n.Format(); !n.Upgraded() || major != 4 || minor != 5 {
			t.Errorf("%s is shown as format %d.%d", name, major, minor)
		}
		store(t, dir, name+".ipynb", data)
		store(t, dir, name+".upgraded", n.join())
	}
	if said := runPython(t, interpreter, upgraded, dir); said != "" {
		t.Error(said)
	}
}

// sources complains of files whose cells Python does not read as we do.
const sources = `
import sys, glob, os, json
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.ipynb"))):
    nb = json.loads(open(path, "rb").read().decode("utf-8-sig", "replace"))
    want = json.loads(open(path[:-6] + ".sources", "rb").read().decode("utf-8"))
    got = []
    for cell in nb["cells"]:
        source = cell.get("source", "") if isinstance(cell, dict) else ""
        if isinstance(source, list):
            source = "".join(source) if all(isinstance(s, str) for s in source) else ""
        source = source if isinstance(source, str) else ""
        got.append(source.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    if got != want:
        print(path, "is read as", ascii(got)[:2000], "and not as", ascii(want)[:2000])
`

func TestPythonReadsEditedFilesAsWeDo(t *testing.T) {
	t.Parallel()
	interpreter, dir := python(t, "json"), t.TempDir()
	for _, f := range corpus(t) {
		if strings.Contains(f.name, "deep") || strings.Contains(f.name, "UTF-8") || strings.Contains(f.name, "half") {
			continue // Python's own parser gives up on these
		}
		n := mustParse(t, f.data)
		if n.Len() > 0 {
			n.Replace(0, n.Cell(0).WithSource("edited é😀\u2028\n\"\\"))
		}
		n.Insert(n.Len(), NewCell(Code, "appended\nin two lines"))
		n.Insert(0, NewCell(Markdown, "first"))
		var list []string
		for _, c := range n.Cells() {
			list = append(list, c.Source())
		}
		want, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ReplaceAll(strings.TrimSuffix(f.name, ".ipynb"), " ", "-")
		store(t, dir, name+".ipynb", n.Bytes())
		store(t, dir, name+".sources", want)
	}
	if said := runPython(t, interpreter, sources, dir); said != "" {
		t.Error(said)
	}
}
