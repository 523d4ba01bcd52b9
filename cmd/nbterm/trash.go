package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"nbterm/storage"
)

// errCrossDevice is a rename from one file system to another.
var errCrossDevice = syscall.EXDEV

// trash moves a file or a folder to the user's wastebasket, as the Trash
// specification 1.0 of freedesktop.org has it, so that desktops find it there too.
// back brings it back, unless something else has its place.
func (a *app) trash(path string) (back func(context.Context) error, err error) {
	base := a.getenv("XDG_DATA_HOME")
	if base == "" {
		base = filepath.Join(a.getenv("HOME"), ".local", "share")
	}
	files, infos := filepath.Join(base, "Trash", "files"), filepath.Join(base, "Trash", "info")
	for _, dir := range []string{files, infos} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("delete %s: make the wastebasket: %w", path, err)
		}
	}
	note := fmt.Sprintf("[Trash Info]\nPath=%s\nDeletionDate=%s\n", (&url.URL{Path: path}).EscapedPath(), a.now().Local().Format("2006-01-02T15:04:05"))
	name, info, err := reserve(infos, filepath.Base(path), note)
	if err != nil {
		return nil, fmt.Errorf("delete %s: %w", path, err)
	}
	kept := filepath.Join(files, name)
	if err := renameNew(path, kept); err != nil {
		return nil, errors.Join(err, os.Remove(info))
	}
	return func(context.Context) error {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("bring back %s: %w; it stays in the wastebasket", path, storage.ErrExist)
		}
		if err := renameNew(kept, path); err != nil {
			return err
		}
		return os.Remove(info)
	}, nil
}

// reserve takes a free name by making its note, which fails where it is taken.
func reserve(infos, name, note string) (free, file string, err error) {
	for n := 1; ; n++ {
		free = name
		if n > 1 {
			free = fmt.Sprintf("%s.%d", name, n)
		}
		file = filepath.Join(infos, free+".trashinfo")
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", "", err
		}
		_, err = f.WriteString(note)
		return free, file, errors.Join(err, f.Close())
	}
}
