package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/engine/kernel/gateway/gatewaytest"
	"nbterm/engine/notebook"
)

// A cell on Debian's own Jupyter Server, with the link cut and restored while it runs.
func TestE2EALinkToAServerCutMidCellShowsEveryLineOrAGap(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t, gatewaytest.Unlimited...)
	via := gatewaytest.NewProxy(t, s)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	env := append(sandbox(t, dir), "JUPYTER_TOKEN="+gatewaytest.Token)
	path := filepath.Join(dir, "nb.ipynb")
	doc := notebook.New("python3", "Python 3", "python")
	const lines = 400
	doc.Insert(0, notebook.NewCell(notebook.Code, fmt.Sprintf("import time\nfor i in range(%d): print('line', i, flush=True); time.sleep(0.01)", lines)),
		notebook.NewCell(notebook.Code, "print('after', i + 1, 'lines')"))
	if err := os.WriteFile(path, doc.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, env, "nbterm", "--server", via.URL, "nb.ipynb")
	p.see("idle", "COMMAND")
	p.keys("M-r")
	p.see("line ")
	via.Cut()
	r := &sessionRig{t, dir, &app{environ: env, now: time.Now}}
	eventually(t, "word of the lost link", func() bool { rows := r.rows(); return len(rows) == 1 && rows[0].Away != "" })
	p.see("link lost")
	via.Mend()
	p.gone("link lost")
	p.keys("G")
	p.see("after ", "idle")
	p.keys("C-s")
	p.see(" saved ")
	got := parseFile(t, path)
	text, gap := textOf(got, 0), false
	if gap = strings.Contains(text, "output may be missing here"); !gap {
		wantLines(t, got)
	}
	next := 0
	for line := range strings.Lines(text) {
		var n int
		if _, err := fmt.Sscanf(line, "line %d\n", &n); err != nil {
			continue
		}
		if n < next {
			t.Errorf("line %d came after line %d", n, next-1)
		}
		next = n + 1
	}
	t.Logf("%d of %d lines, a gap mark: %v", strings.Count(text, "line "), lines, gap)
}
