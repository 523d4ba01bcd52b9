package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os/user"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/kernel/zmq"
	"nbterm/engine/notebook"
	"nbterm/engine/wire"
)

// chooseKernel picks the kernel for doc: the one asked for, else the notebook's,
// else the configured default. note is for the user, "" when there is nothing odd.
func (a *app) chooseKernel(doc *notebook.Notebook, asked, fallback string) (s spec.Spec, note string, err error) {
	specs, _ := a.kernelSpecs()
	name, language := doc.KernelName(), doc.Language()
	switch {
	case asked != "":
		name, language = asked, ""
	case name == "" && language == "":
		name = fallback
	}
	s, note, err = spec.Choose(specs, name, language)
	if err != nil {
		return s, note, exit(exitKernel, err)
	}
	if asked != "" && note != "" {
		return s, note, exit(exitKernel, fmt.Errorf("--kernel %s: %s", asked, note))
	}
	return s, note, nil
}

// startHost starts a host whose kernel runs s in dir.
func (a *app) startHost(s spec.Spec, dir string, timeout time.Duration) (*host.Host, error) {
	runtime, err := a.runtimeDir()
	if err != nil {
		return nil, exit(exitKernel, err)
	}
	launch := zmq.Launch
	if s.Embedded {
		launch = bridge.Launch
	}
	stamp := wire.Stamp{Session: newID(), Username: username(), Now: a.now, NewID: newID}
	return host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) {
			return launch(ctx, kernel.Options{Spec: s, Dir: dir, RuntimeDir: runtime, Timeout: timeout, Stamp: stamp})
		},
		Stamp: stamp, Now: a.now,
	}), nil
}

// newID is a random message or session id.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

func username() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "nbterm"
}
