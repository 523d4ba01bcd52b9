package main

import (
	"context"
	"os"
	"time"

	"nbterm/engine/host/link"
	"nbterm/engine/host/process"
	"nbterm/engine/host/registry"
)

// mostSpares bounds the kernels that wait for nothing: each holds some 70 MB.
const mostSpares = 3

// spareLife is how long a spare waits.
const spareLife = 15 * time.Minute

// claim takes a spare for e, if there is one that answers.
func (a *app) claim(ctx context.Context, dirs registry.Dirs, e registry.Entry) (*link.Client, registry.Host, bool) {
	h, ok := dirs.Claim(e)
	if !ok {
		return nil, h, false
	}
	c, err := a.dial(ctx, h, false)
	if err == nil {
		if _, err = c.Ask(); err != nil {
			_ = c.Close() // it was ending as we came
		}
	}
	return c, h, err == nil
}

// makeSpare starts a host whose kernel waits for the next notebook of this kind,
// unless one does already. A failure is nobody's loss: the next start is a cold one.
func (a *app) makeSpare(ctx context.Context, f hostFor) {
	dirs, err := a.hostDirs()
	if err != nil || !f.canSpare() {
		return
	}
	if f.environ == nil {
		f.environ = a.childEnviron()
	}
	key := registry.SpareKey(f.spec, f.dir, f.environ)
	if same, all := dirs.Spares(key); same > 0 || all >= mostSpares {
		return
	}
	self, err := os.Executable()
	if err != nil {
		return
	}
	e := registry.Entry{
		ID: newID()[:8], Spec: f.spec, Dir: f.dir, Timeout: f.timeout, Spare: key,
		Life: registry.Life{Idle: spareLife}, Started: a.now(), Version: a.version,
	}
	_ = process.Start(ctx, dirs, e, process.Program{Path: self, Args: []string{hostVerb}, Env: f.environ})
}
