package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"nbterm/cmd/nbterm/config"
	"nbterm/storage"
	"nbterm/storage/cache"
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
	kindMount = "mount" // a folder that the configuration gives a name, efs://NAME
	kindS3    = "s3"

	kindJupyter = "jupyter" // the files of a Jupyter Server
	kindWeb     = "web"     // a single file to read
)

// errNoPlace is an address that no store is for.
var errNoPlace = errors.New("is no address that nbterm knows; it knows paths, efs://, s3://, jupyter+http://, http:// and file://")

// scheme is the beginning of an address that is no path. A file whose name looks
// like one is reached as ./NAME.
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

// isURL tells an address from a path.
func isURL(address string) bool { return scheme.MatchString(address) }

// stores are those in use, one for each folder, bucket or server, so that what one knows
// (connections, revisions, a server's honesty) serves all who ask.
type stores struct {
	mu     sync.Mutex // guards the rest
	open   map[string]storage.Store
	config *config.Loaded // once read
	// tokens came in addresses; by the variable that hands them on, see jupyterPlace.
	tokens map[string]string
}

// place finds the store for an address: a path, also one of ~, or a URL. Nothing is
// asked of it yet, so what is not there is found out at its first use; only the folder
// of a local file must be there.
func (a *app) place(ctx context.Context, address string) (place, error) {
	if bare, version := withVersion(address); version != "" && (isURL(address) || !isFile(a.expand(address))) {
		return a.versionPlace(ctx, bare, version)
	}
	switch kind := strings.ToLower(scheme.FindString(address)); kind {
	case "":
		return a.localPlace(a.expand(address))
	case "file://":
		file, err := url.PathUnescape(address[len(kind):])
		if err != nil {
			return place{}, usagef("%s: %w", address, err)
		}
		return a.localPlace(file)
	case "efs://":
		return a.mountPlace(address[len(kind):])
	case "s3://", "s3a://", "s3n://":
		return a.s3Place(address[len(kind):])
	case "http://", "https://", "jupyter+http://", "jupyter+https://":
		return a.webPlace(kind + address[len(kind):])
	case "jupyter://":
		return a.namedServer(address[len(kind):])
	}
	return place{}, usagef("%s %w", address, errNoPlace)
}

func (a *app) localPlace(file string) (place, error) {
	full, err := filepath.Abs(file)
	if err != nil {
		return place{}, exit(exitStorage, fmt.Errorf("open %s: %w", file, err))
	}
	if full == "/" {
		store, err := a.stores.get("/", func() (storage.Store, error) { return local.New("/") })
		if err != nil {
			return place{}, exit(exitStorage, err)
		}
		return place{store: store, url: "/", kind: kindLocal}, nil
	}
	store, name, err := local.Open(file)
	if err != nil {
		return place{}, exit(exitStorage, err)
	}
	return place{store: store, name: name, url: full, kind: kindLocal}, nil
}

// mountPlace is NAME/USER/PATH of a named mount; ~ stands for the user who asks, as in
// efs://home/~/report.ipynb.
func (a *app) mountPlace(rest string) (place, error) {
	mount, name, _ := strings.Cut(rest, "/")
	c, err := a.placesConfig()
	if err != nil {
		return place{}, err
	}
	folder, ok := c.Mounts[mount]
	if !ok {
		return place{}, usagef("efs://%s: no mount has this name; [mounts] in %s names them", mount, a.tilde(a.configPath()))
	}
	if name == "~" || strings.HasPrefix(name, "~/") {
		name = a.getenv("USER") + name[1:]
	}
	if name = strings.Trim(name, "/"); name != "" {
		name = path.Clean(name)
	}
	folder = a.expand(folder)
	store, err := a.stores.get("efs://"+mount, func() (storage.Store, error) { return local.New(folder) })
	if err != nil {
		return place{}, exit(exitStorage, err)
	}
	return place{store: store, name: name, url: "efs://" + mount + "/" + name, kind: kindMount}, nil
}

// placesConfig is the configuration, read once.
func (a *app) placesConfig() (config.Loaded, error) {
	a.stores.mu.Lock()
	defer a.stores.mu.Unlock()
	if a.stores.config == nil {
		c, err := a.loadConfig()
		if err != nil {
			return c, err
		}
		a.stores.config = &c
	}
	return *a.stores.config, nil
}

// cached keeps what is read from a store that is far away. label is the place as people
// know it, id what tells it from others.
func (a *app) cached(c config.Loaded, s storage.Store, label, id string) storage.Store {
	dir, err := a.xdg("XDG_CACHE_HOME", ".cache")
	if err != nil || c.Cache.Megabytes == 0 {
		return s
	}
	keep := &cache.Cache{Dir: filepath.Join(dir, "nbterm", "objects"), Most: int64(c.Cache.Megabytes) << 20, Now: a.now}
	return keep.Wrap(s, label, func(name string) string { return id + "/" + name })
}

// get is the store of a key, made at its first use.
func (s *stores) get(key string, open func() (storage.Store, error)) (storage.Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if store, ok := s.open[key]; ok {
		return store, nil
	}
	store, err := open()
	if err != nil {
		return nil, err
	}
	if s.open == nil {
		s.open = make(map[string]storage.Store)
	}
	s.open[key] = store
	return store, nil
}

// folder is where a kernel for the notebook at p begins: beside it, or where the
// notebook is elsewhere, here.
func (p place) folder() string {
	if p.kind == kindLocal {
		return filepath.Dir(p.url)
	}
	return "."
}

// parent is the address of the folder that p is in.
func (p place) parent() string {
	if p.kind == kindLocal {
		return filepath.Dir(p.url)
	}
	at := strings.LastIndexByte(strings.TrimSuffix(p.url, "/"), '/')
	if at < len("s3://") {
		return p.url
	}
	return p.url[:at]
}

// beside is the address of another name in the folder of p.
func (p place) beside(name string) string {
	if p.kind == kindLocal {
		return filepath.Join(filepath.Dir(p.url), path.Base(name))
	}
	return p.url[:strings.LastIndexByte(p.url, '/')+1] + path.Base(name)
}

// folderPlace is place for what may be the top of a disk, which is in no folder.
func (a *app) folderPlace(ctx context.Context, address string) (place, error) {
	if address != "/" {
		return a.place(ctx, address)
	}
	store, err := local.New("/")
	if err != nil {
		return place{}, exit(exitStorage, err)
	}
	return place{store: store, url: "/", kind: kindLocal}, nil
}

// isFolder says whether an address is that of a folder. Where it cannot be known, the
// name decides: a notebook is none.
func (a *app) isFolder(ctx context.Context, address string) bool {
	if !isURL(address) {
		info, err := os.Stat(a.expand(address))
		return err == nil && info.IsDir()
	}
	if strings.HasSuffix(address, "/") {
		return true
	}
	if path.Ext(address) == ".ipynb" {
		return false
	}
	p, err := a.place(ctx, address)
	if err != nil {
		return false
	}
	info, err := p.store.Stat(ctx, p.name)
	return err == nil && info.Dir
}
