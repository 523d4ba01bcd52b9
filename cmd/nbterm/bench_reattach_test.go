package main

import (
	"context"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/process"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/storage"
	"nbterm/storage/local"
)

// BenchmarkReattach opens a notebook whose session has printed 20,000 messages and
// goes on printing, up to a whole screen with the outputs in it: at most 100 ms.
func BenchmarkReattach(b *testing.B) {
	k := newBench(b)
	doc := notebook.New(bridge.PythonName, "Python", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code,
		"import time\nfor i in range(10**9):\n    print('message', i, flush=True)\n    time.sleep(0 if i < 20_000 else 0.02)"))
	path := k.write("busy.ipynb", doc.Bytes())
	store, name, err := local.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	_, info, err := store.Read(b.Context(), name)
	if err != nil {
		b.Fatal(err)
	}
	busy := k.session(path, info.Revision)
	cell := doc.Cell(0)
	ref := host.CellRef{ID: cell.ID(), Hash: session.Hash(cell.Source())}
	if err := busy.Execute(host.Execution{ID: "busy", Cell: ref, Code: cell.Source()}); err != nil {
		b.Fatal(err)
	}
	feed := busy.Attach(1)
	defer feed.Close()
	for n := 0; n < 20_000; {
		events, err := feed.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		n += len(events)
	}
	var took []time.Duration
	for b.Loop() {
		c := k.open(path)
		c.await("message 5", 0) // in the middle of the screen, below the source
		took = append(took, time.Since(c.started))
		c.close()
	}
	report(b, took, "screen")
}

// session starts a session of a notebook as the workbench would, and a client of it.
func (k *bench) session(path string, was storage.Revision) *link.Client {
	k.b.Helper()
	a := &app{environ: k.env, now: time.Now}
	dirs, err := a.hostDirs()
	if err != nil {
		k.b.Fatal(err)
	}
	e := registry.Entry{ID: newID()[:8], Notebook: path, Dir: k.dir, Started: time.Now(), Born: host.Mark{Revision: string(was)}}
	specs, _ := a.kernelSpecs()
	for _, s := range specs {
		if s.Name == bridge.PythonName {
			e.Spec = s
		}
	}
	ctx, cancel := context.WithTimeout(k.b.Context(), patience)
	defer cancel()
	if err := process.Start(ctx, dirs, e, process.Program{Path: k.bin, Args: []string{hostVerb}, Env: k.env}); err != nil {
		k.b.Fatal(err)
	}
	c, err := link.Dial(ctx, dirs.Socket(e.ID), link.ClientOptions{NewID: newID})
	if err != nil {
		k.b.Fatal(err)
	}
	k.b.Cleanup(func() { _ = c.Close() })
	return c
}
