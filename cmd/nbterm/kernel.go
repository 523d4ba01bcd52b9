package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os/user"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/gateway"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/kernel/zmq"
	"nbterm/engine/notebook"
	"nbterm/engine/wire"
)

// chooseKernel picks the kernel for doc: the one asked for, else the notebook's,
// else the configured default. note is for the user, "" when there is nothing odd.
func (a *app) chooseKernel(ctx context.Context, doc *notebook.Notebook, asked, fallback string) (s spec.Spec, note string, err error) {
	if a.server.url != "" {
		return a.chooseOnServer(ctx, doc, asked)
	}
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
	a.logger().Info("kernel chosen", "kernel", s.Name, "asked", asked, "note", note)
	return s, note, nil
}

// launcher is how a kernel of this kind is started.
func launcher(s spec.Spec) kernel.Launcher {
	switch {
	case s.Remote != nil:
		return gateway.Launch
	case s.Embedded:
		return bridge.Launch
	}
	return zmq.Launch
}

// stamp makes the headers of one session's messages.
func (a *app) stamp() wire.Stamp {
	return wire.Stamp{Session: newID(), Username: username(), Now: a.now, NewID: newID}
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
