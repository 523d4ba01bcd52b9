package notebook_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/engine/notebook"
)

func TestAGlimpseShowsTheWholeCellsOfABeginning(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../examples/*.ipynb")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := notebook.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		most := 0
		for cut := 0; cut <= len(data); cut += 7 {
			doc, err := notebook.Glimpse(data[:cut], data[len(data)/2:])
			if err != nil {
				if most > 0 {
					t.Fatalf("%s: a longer beginning of %d bytes: %v", name, cut, err)
				}
				continue
			}
			if doc.Len() < most || doc.Len() > whole.Len() {
				t.Fatalf("%s: %d bytes show %d cells, fewer showed %d", name, cut, doc.Len(), most)
			}
			most = doc.Len()
			for i := range doc.Len() {
				if doc.Cell(i).Source() != whole.Cell(i).Source() {
					t.Fatalf("%s: cell %d of %d bytes is %q", name, i, cut, doc.Cell(i).Source())
				}
			}
			// Saved widgets make metadata longer than the tail: then it tells no kernel.
			if kernel := doc.KernelName(); kernel != whole.KernelName() && (kernel != "" || !strings.HasSuffix(name, "widgets.ipynb")) {
				t.Fatalf("%s: kernel %q", name, kernel)
			}
		}
		if most < whole.Len()-1 {
			t.Errorf("%s: at most %d cells of %d", name, most, whole.Len())
		}
	}
}

func TestAGlimpseOfWhatIsNoNotebookFails(t *testing.T) {
	t.Parallel()
	for _, head := range []string{"", "{", `{"cells": [`, `{"cells": [{"source": "`, `[1,2`, `{"metadata": {"cells": [{"a": 1}`, "}}}", `{"cells": {"a": [{}`} {
		if doc, err := notebook.Glimpse([]byte(head), nil); err == nil {
			t.Errorf("%q shows %d cells", head, doc.Len())
		}
	}
}

func FuzzGlimpse(f *testing.F) {
	f.Add([]byte(`{"cells":[{"cell_type":"code","source":"\"}]","metadata":{},"outputs":[],"execution_count":null},{"cell`), []byte(`"metadata":{},"nbformat":4,"nbformat_minor":5}`))
	f.Fuzz(func(_ *testing.T, head, tail []byte) {
		doc, err := notebook.Glimpse(head, tail)
		if err == nil {
			_ = fmt.Sprint(doc.Len(), doc.KernelName())
		}
	})
}
