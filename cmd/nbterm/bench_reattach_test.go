package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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
	var took, worked, waited []time.Duration
	for b.Loop() {
		c := k.open(path)
		c.await("message 5", 0) // in the middle of the screen, below the source
		took = append(took, time.Since(c.started))
		on, off := c.scheduled()
		worked, waited = append(worked, on), append(waited, off)
		c.close()
	}
	report(b, took, "screen")
	report(b, worked, "cpu")      // of all its threads
	report(b, waited, "runqueue") // and what a busy machine made its threads wait
}

// scheduled sums for the threads of the program how long they had a processor and how
// long they waited for one, from /proc/PID/task/TID/schedstat.
func (c *console) scheduled() (on, off time.Duration) {
	c.b.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", c.cmd.Process.Pid))
	if err != nil {
		c.b.Fatal(err)
	}
	for _, f := range files {
		var ran, waits time.Duration
		if data, err := os.ReadFile(f); err == nil { // else the thread has ended
			if _, err := fmt.Sscan(string(data), &ran, &waits); err != nil {
				c.b.Fatal(err)
			}
		}
		on, off = on+ran, off+waits
	}
	return on, off
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
