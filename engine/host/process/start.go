// Package process runs a kernel host in a process of its own: Start makes one, Main
// is what it does. The process leads its own session, so that neither a closed
// terminal nor the end of whoever started it reaches it.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"nbterm/engine/host/registry"
)

// Program says how to start ourselves as a host: Args are followed by the state
// directory, the runtime directory and the id, which are for Main.
type Program struct {
	Path string
	Args []string
	Env  []string // the whole environment
}

// The files a host is born with.
const (
	lockFD  = 3
	readyFD = 4
)

// ready is what a host says once it listens; anything else is why it does not.
const ready = "ready\n"

// Start makes a host and returns when clients can connect. Its kernel comes up
// meanwhile; what becomes of that is told by its events.
func Start(ctx context.Context, d registry.Dirs, e registry.Entry, p Program) error {
	lock, err := d.Create(e)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // the child holds it from here on
	err = start(ctx, d, e, p, lock)
	if err != nil {
		_ = lock.Close()
		_ = os.RemoveAll(d.Folder(e.ID))
		return fmt.Errorf("start a kernel host: %w", err)
	}
	return nil
}

func start(ctx context.Context, d registry.Dirs, e registry.Entry, p Program, lock *os.File) error {
	out, err := os.OpenFile(filepath.Join(d.Folder(e.ID), "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	heard, says, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = heard.Close() }()
	cmd := exec.Command(p.Path, append(append([]string(nil), p.Args...), d.State, d.Runtime, e.ID)...)
	cmd.Args[0] = "nbterm" // whatever the file is called
	cmd.Env, cmd.Dir = p.Env, "/"
	cmd.Stdout, cmd.Stderr = out, out
	cmd.ExtraFiles = []*os.File{lock, says} // lockFD, readyFD
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	_ = says.Close()
	if err != nil {
		return err
	}
	// It outlives us, as a rule; should it end first it must not stay a zombie.
	// The goroutine ends with the host or with our process.
	go func() { _ = cmd.Wait() }()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	word, err := io.ReadAll(heard)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case string(word) != ready:
		return errors.New(strings.TrimSpace(string(word) + " " + tailOf(out.Name())))
	}
	return nil
}

// tailOf is the end of a host's log, for one that died before it could speak.
func tailOf(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data[max(0, len(data)-500):]))
}
