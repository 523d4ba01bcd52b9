package settle_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/settle"
	"nbterm/engine/wire"
	"nbterm/storage"
	"nbterm/storage/local"
)

type rig struct {
	t     *testing.T
	dir   string
	store storage.Store
	doc   *notebook.Notebook
	j     *journal.Journal
	mark  host.Mark

	intended host.Mark // the last that was set before a write
}

// newRig is a saved notebook of two cells whose second one ran and ended after the
// last client had gone.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), doc: notebook.New("python3", "Python 3", "python")}
	r.doc.Insert(0, notebook.NewCell(notebook.Code, "a"), notebook.NewCell(notebook.Code, "b"))
	store, err := local.New(r.dir, local.Journals(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	r.store = store
	info, err := store.Write(context.Background(), "nb.ipynb", r.doc.Bytes(), storage.None)
	if err != nil {
		t.Fatal(err)
	}
	r.mark = host.Mark{Revision: string(info.Revision)}
	if r.j, err = journal.Create(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.j.Close() })
	return r
}

func (r *rig) ran(i int, text string) {
	r.t.Helper()
	c := r.doc.Cell(i)
	id := fmt.Sprintf("exec-%d-%s", i, text)
	ref := host.CellRef{ID: c.ID(), Index: i, Hash: session.Hash(c.Source())}
	for _, e := range []host.Event{
		{Kind: host.Queued, Exec: id, Execution: &host.Execution{ID: id, Code: c.Source(), Cell: ref}},
		{Kind: host.Running, Exec: id},
		{Kind: host.Said, Exec: id, Message: &wire.Message{
			Channel: wire.IOPub, Header: wire.Header{MsgType: "stream"},
			Content: []byte(fmt.Sprintf(`{"name":"stdout","text":%q}`, text)),
		}},
		{Kind: host.Finished, Exec: id, Outcome: host.Ok},
	} {
		e.Time = time.Unix(1, 0)
		if err := r.j.Append(e.Encode()); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) settle() settle.Result {
	r.t.Helper()
	res, err := settle.Settle(context.Background(), r.store, "nb.ipynb", r.j, r.mark, func(m host.Mark) error { r.intended = m; return nil })
	if err != nil {
		r.t.Fatal(err)
	}
	r.mark = res.Mark
	return res
}

func (r *rig) text(name string, cell int) string {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		r.t.Fatal(err)
	}
	text := ""
	for _, o := range doc.Cell(cell).Outputs() {
		text += o.Text()
	}
	return text
}

func TestWhatRanUnseenLandsInTheFileOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ran(1, "out")
	if res := r.settle(); res.Wrote != "nb.ipynb" {
		t.Fatalf("wrote %q", res.Wrote)
	}
	if got := r.text("nb.ipynb", 1); got != "out" {
		t.Errorf("the file shows %q", got)
	}
	if res := r.settle(); res.Wrote != "" {
		t.Errorf("a second time wrote %q", res.Wrote)
	}
	r.ran(0, "more")
	r.settle()
	if got := r.text("nb.ipynb", 0) + r.text("nb.ipynb", 1); got != "moreout" {
		t.Errorf("after more, the file shows %q", got)
	}
}

func TestAFileThatSomebodyChangedIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ran(1, "out")
	path := filepath.Join(r.dir, "nb.ipynb")
	theirs := strings.Replace(string(r.doc.Bytes()), `"a"`, `"theirs"`, 1)
	if err := os.WriteFile(path, []byte(theirs), 0o600); err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"nb.recovered.ipynb", ""} {
		if res := r.settle(); res.Wrote != want {
			t.Fatalf("time %d wrote %q, want %q", n+1, res.Wrote, want)
		}
	}
	if now, _ := os.ReadFile(path); string(now) != theirs {
		t.Error("their file was changed")
	}
	if got := r.text("nb.recovered.ipynb", 1); got != "out" {
		t.Errorf("the recovered file shows %q", got)
	}
	r.ran(0, "more")
	if res := r.settle(); res.Wrote != "nb.recovered-2.ipynb" {
		t.Errorf("a second recovery wrote %q", res.Wrote)
	}
}

func TestANotebookThatIsGoneIsNotBroughtBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ran(1, "out")
	if err := os.Remove(filepath.Join(r.dir, "nb.ipynb")); err != nil {
		t.Fatal(err)
	}
	if res := r.settle(); res.Wrote != "" {
		t.Errorf("wrote %q", res.Wrote)
	}
}

func TestASettlerKilledBeforeItSetTheMarkHarmsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ran(0, "first")
	r.ran(1, "out")
	before := r.mark
	r.settle()
	r.mark = before // it was never set
	if res := r.settle(); res.Wrote != "" || res.Mark.Revision == before.Revision {
		t.Errorf("wrote %q, mark %+v", res.Wrote, res.Mark)
	}
	r.ran(0, "more")
	if res := r.settle(); res.Wrote != "nb.ipynb" {
		t.Errorf("wrote %q", res.Wrote)
	}
	r.mark = r.intended // killed again, and the kernel goes on
	r.ran(1, "still more")
	if res := r.settle(); res.Wrote != "nb.ipynb" {
		t.Errorf("wrote %q", res.Wrote)
	}
	if got := r.text("nb.ipynb", 0) + r.text("nb.ipynb", 1); got != "morestill more" {
		t.Errorf("the file shows %q", got)
	}
}

func TestTheSameRecoveryIsWrittenOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ran(1, "out")
	path := filepath.Join(r.dir, "nb.ipynb")
	theirs := strings.Replace(string(r.doc.Bytes()), `"a"`, `"theirs"`, 1)
	if err := os.WriteFile(path, []byte(theirs), 0o600); err != nil {
		t.Fatal(err)
	}
	before := r.mark
	for range 2 {
		r.mark = before
		if res := r.settle(); res.Wrote != "nb.recovered.ipynb" {
			t.Errorf("wrote %q", res.Wrote)
		}
	}
}
