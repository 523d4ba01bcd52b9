package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"nbterm/engine/host/link"
	"nbterm/engine/kernel"
	"nbterm/storage"
)

// The exit statuses, a promise to scripts. A signal is 128 and its number.
const (
	exitOK      = 0
	exitFailed  = 1 // the notebook failed
	exitUsage   = 2
	exitStorage = 3
	exitKernel  = 4
	exitDied    = 138 // of run: the kernel ended under a cell, as papermill has it
)

// exitError is a failure that knows its exit status. With a nil err it is silent:
// the verb has already said what there is to say.
type exitError struct {
	code  int
	err   error
	final bool // whatever signal came
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usagef is a mistake in how nbterm was called or configured.
func usagef(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// exit is err with an exit status; a nil err ends silently.
func exit(code int, err error) error { return &exitError{code: code, err: err} }

// asPapermill gives a failure the exit status that papermill has for it: it knows 1, 2
// and 138, and ends at Ctrl-C with 1. Other signals end it as they end any program.
func asPapermill(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	code := exitCode(ctx, err)
	switch code {
	case exitStorage, exitKernel, 128 + int(syscall.SIGINT):
		return &exitError{code: exitFailed, err: err, final: true}
	}
	return err
}

func isSilent(err error) bool {
	var e *exitError
	return errors.As(err, &e) && e.err == nil
}

// exitCode is the status for the outcome of a verb. An error that carries none
// gets the one of the sentinel it wraps; what is left is a failure, 1.
func exitCode(ctx context.Context, err error) int {
	var sig signalError
	var typed *exitError
	var path *os.PathError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &typed) && typed.final:
		return typed.code
	case errors.As(context.Cause(ctx), &sig):
		return 128 + int(sig.signal)
	case errors.As(err, &typed):
		return typed.code
	case isStorage(err), errors.As(err, &path):
		return exitStorage
	case errors.Is(err, kernel.ErrDead), errors.Is(err, link.ErrLost):
		return exitKernel
	}
	return exitFailed
}

func isStorage(err error) bool {
	for _, target := range []error{
		storage.ErrNotExist, storage.ErrExist, storage.ErrConflict, storage.ErrIsDir,
		storage.ErrPermission, storage.ErrReadOnly, storage.ErrNoSpace, storage.ErrUnavailable, storage.ErrCredentials,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// signalError is why the context of a verb ended: a signal came.
type signalError struct{ signal syscall.Signal }

func (e signalError) Error() string { return "stopped by " + e.signal.String() }

// echoTime is how long the same signal may come again and mean the same: timeout(1), for
// one, sends it to its child and then to the child's whole group.
const echoTime = 500 * time.Millisecond

// withSignals is a context that ends, with a signalError as its cause, at the
// first SIGINT, SIGTERM or SIGHUP. A moment later signals do what they do to any
// process, so a second Ctrl-C ends one that does not want to end. stop waits for
// its goroutine and may be called once.
func withSignals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1) // one is enough: the first decides
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case s := <-signals:
			if sig, ok := s.(syscall.Signal); ok {
				cancel(signalError{sig})
			}
		case <-ctx.Done():
		}
		echo := time.NewTimer(echoTime)
		defer echo.Stop()
		select {
		case <-echo.C:
		case <-over:
		}
		signal.Stop(signals)
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(over)
		cancel(nil)
		<-done
	}
}
