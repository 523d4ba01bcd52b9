package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"nbterm/cmd/nbterm/config"
	"nbterm/storage"
)

// logLimit is the size from which a log is set aside (as NAME.1) by the next
// start. A log of two files says enough and never fills a disk.
const logLimit = 8 << 20

// openLog is the log of a verb that does work, as lines of JSON; never the
// screen. Without a place to write it the log is dropped: doctor says why. The
// caller closes it.
func (a *app) openLog(c config.Log) (*slog.Logger, io.Closer) {
	file, err := a.logFile(c)
	if c.Level == "off" || err != nil {
		return slog.New(slog.DiscardHandler), io.NopCloser(nil)
	}
	if info, err := os.Stat(file); err == nil && info.Size() > logLimit {
		_ = os.Rename(file, file+".1") // a log that cannot be set aside grows on
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return slog.New(slog.DiscardHandler), io.NopCloser(nil)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // config allows no other word
	}
	log := slog.New(slog.NewJSONHandler(f, &slog.HandlerOptions{Level: level}))
	log = log.With(slog.Int("pid", os.Getpid()))
	log.Debug("nbterm started", "version", a.versionText()) // not the arguments: a URL may carry a token
	return log, f
}

// startLog opens the log of a verb; the caller ends it with what it returns.
func (a *app) startLog(c config.Log) (end func()) {
	log, file := a.openLog(c)
	a.log.Store(log)
	return func() { _ = file.Close() } // what could not be written is nobody's loss
}

// startQuietLog is startLog for verbs that work with a faulty configuration too.
func (a *app) startQuietLog() (end func()) {
	c, err := a.loadConfig()
	if err != nil {
		return func() {}
	}
	return a.startLog(c.Log)
}

// logger is the log of the verb, or one that drops everything. It hears of what
// happens to kernels and files, by constant keys; never of secrets or of what is in
// a notebook.
func (a *app) logger() *slog.Logger {
	if log := a.log.Load(); log != nil {
		return log
	}
	return slog.New(slog.DiscardHandler)
}

// loggedStore tells of every save.
type loggedStore struct {
	storage.Store
	log *slog.Logger
}

// Write implements storage.Store.
func (s loggedStore) Write(ctx context.Context, path string, data []byte, was storage.Revision) (storage.Info, error) {
	info, err := s.Store.Write(ctx, path, data, was)
	if err != nil {
		s.log.Warn("save failed", "path", path, "bytes", len(data), "error", err.Error())
	} else {
		s.log.Debug("saved", "path", path, "bytes", len(data), "revision", string(info.Revision))
	}
	return info, err
}

func (a *app) logFile(c config.Log) (string, error) {
	if c.File != "" {
		return a.expand(c.File), nil
	}
	dir, err := a.stateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "nbterm.log"), nil
}
