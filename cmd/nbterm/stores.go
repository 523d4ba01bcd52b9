package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"nbterm/storage"
	"nbterm/storage/local"
)

// place is where an address leads: an object or a folder of a store.
type place struct {
	store storage.Store
	name  string // within store; "" is its root
	url   string // as a person knows it, whole: an absolute path or a URL; never with a token
	kind  string // one of the kinds below
}

// The kinds of places.
const (
	kindLocal = "local"
)

// errNoPlace is an address that no store is for.
var errNoPlace = errors.New("is no address that nbterm knows")

// scheme is the beginning of an address that is no path. A file whose name looks
// like one is reached as ./NAME.
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

// isURL tells an address from a path.
func isURL(address string) bool { return scheme.MatchString(address) }

// place finds the store for an address: a path, also one of ~, or a URL. Nothing is
// asked of it yet, so what is not there is found out at its first use; only the folder
// of a local file must be there.
func (a *app) place(_ context.Context, address string) (place, error) {
	switch kind := strings.ToLower(scheme.FindString(address)); kind {
	case "":
		return a.localPlace(a.expand(address))
	case "file://":
		file, err := url.PathUnescape(address[len(kind):])
		if err != nil {
			return place{}, usagef("%s: %w", address, err)
		}
		return a.localPlace(file)
	}
	return place{}, usagef("%s %w", address, errNoPlace)
}

func (a *app) localPlace(file string) (place, error) {
	full, err := filepath.Abs(file)
	if err != nil {
		return place{}, exit(exitStorage, fmt.Errorf("open %s: %w", file, err))
	}
	store, name, err := local.Open(file)
	if err != nil {
		return place{}, exit(exitStorage, err)
	}
	return place{store: store, name: name, url: full, kind: kindLocal}, nil
}

// folder is where a kernel for the notebook at p begins: beside it, or where the
// notebook is elsewhere, here.
func (p place) folder() string {
	if p.kind == kindLocal {
		return filepath.Dir(p.url)
	}
	return "."
}

// beside is the address of another name in the folder of p.
func (p place) beside(name string) string {
	if p.kind == kindLocal {
		return filepath.Join(filepath.Dir(p.url), path.Base(name))
	}
	return p.url[:strings.LastIndexByte(p.url, '/')+1] + path.Base(name)
}
