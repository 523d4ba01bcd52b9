package main

import (
	"io/fs"
	"os"
	"path/filepath"
)

// folder is the files of a local folder, and of nothing above it: what markdown in
// a notebook may show. Its values can be compared, as a drawing's context must be.
type folder string

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(filepath.FromSlash(name))
}

// Stat implements fs.StatFS: without it a look at a named pipe would wait for a writer.
func (f folder) Stat(name string) (fs.FileInfo, error) {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Stat(filepath.FromSlash(name))
}

// beside is the folder of a notebook, nil where it is on no local disk.
func beside(at place) fs.FS {
	if at.kind != kindLocal && at.kind != kindMount {
		return nil
	}
	if !filepath.IsAbs(at.url) {
		return nil
	}
	return folder(filepath.Dir(at.url))
}
