package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"nbterm/cmd/nbterm/config"
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
	log.LogAttrs(context.Background(), slog.LevelDebug, "start", slog.Any("args", a.args), slog.String("version", a.versionText()))
	return log.With(slog.Int("pid", os.Getpid())), f
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
