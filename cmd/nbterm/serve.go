package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nbterm/storage/local"
	"nbterm/storage/share"
)

// serveFlags are the flags of `nbterm serve`.
type serveFlags struct {
	addr    string
	token   string
	noToken bool
	hosts   []string
	link    string
	lasts   time.Duration
}

func newServeCmd(a *app) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve ROOT…",
		Short: "Share notebooks read-only with readers who have a browser",
		Long: "Serves folders over HTTP, to be read and never changed: pages of notebooks, files,\n" +
			"and Jupyter's contents API. Nothing of a notebook runs in the reader's browser and\n" +
			"nothing it names is loaded. It listens on this machine only, and asks for a token,\n" +
			"unless told otherwise. --link prints an address that opens one notebook or folder\n" +
			"for a while, for somebody who is not to have the token.",
		Example: "  nbterm serve ~/notebooks\n  nbterm serve ~/notebooks s3://team/runs --addr 0.0.0.0:8899 --host box.example.org\n  nbterm serve ~/notebooks --link report.ipynb --for 48h",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name a folder to share: nbterm serve .")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.serve(cmd.Context(), args, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8899", "listen on this `ADDRESS`; port 0 is any")
	flags.StringVar(&f.token, "token-env", "", "take the token from this environment `VARIABLE`")
	flags.BoolVar(&f.noToken, "no-token", false, "let everybody in who can reach the address")
	flags.StringSliceVar(&f.hosts, "host", nil, "further `NAME` under which readers reach this machine")
	flags.StringVar(&f.link, "link", "", "print a link that opens only `PATH` of the share, then end")
	flags.DurationVar(&f.lasts, "for", 24*time.Hour, "how `long` such a link holds")
	return cmd
}

func (a *app) serve(ctx context.Context, args []string, f serveFlags) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	defer a.startLog(c.Log)()
	roots, folders, err := a.shareRoots(ctx, args)
	if err != nil {
		return err
	}
	token, err := a.shareToken(f)
	if err != nil {
		return err
	}
	key, err := a.shareKey()
	if err != nil {
		return exit(exitStorage, err)
	}
	live := a.followers(folders)
	defer live.close()
	drawn := &charts{}
	if cache, err := a.xdg("XDG_CACHE_HOME", ".cache"); err == nil {
		drawn.cache = filepath.Join(cache, "nbterm", "js")
	}
	defer func() { _ = drawn.close() }() // it has nothing left to lose
	names, err := ownNames(f)
	if err != nil {
		return err
	}
	s := share.New(share.Options{
		Roots: roots, Pages: pages{title: shareTitle(args), charts: drawn}, Describe: notebookFacts, Live: live,
		Token: token, Key: key, Hosts: names, Now: a.now,
	})
	if f.link != "" {
		fmt.Fprintln(a.out, "http://"+readable(f)+s.Link(f.link, a.now().Add(f.lasts)))
		return nil
	}
	l, err := net.Listen("tcp", f.addr)
	if err != nil {
		return usagef("listen on %s: %v; --addr takes another address", f.addr, innermost(err))
	}
	return a.listen(ctx, l, s, token, args)
}

// listen serves until ctx ends.
func (a *app) listen(ctx context.Context, l net.Listener, s http.Handler, token string, args []string) error {
	at := "http://" + l.Addr().String() + "/"
	if token != "" {
		at += "?token=" + token
	}
	fmt.Fprintf(a.out, "Sharing %s, read-only, at\n  %s\nCtrl-C ends it.\n", strings.Join(args, ", "), at)
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.logger().Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return exit(exitStorage, fmt.Errorf("serve: %w", err))
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if server.Shutdown(last) != nil {
		_ = server.Close() // readers that will not go are left
	}
	<-ended
	return nil
}

// shareRoots opens what is shared. Links of a folder that lead out of it are not
// followed. folders are those of this machine, by name.
func (a *app) shareRoots(ctx context.Context, args []string) (roots []share.Root, folders map[string]string, err error) {
	folders = map[string]string{}
	for _, arg := range args {
		p, err := a.folderPlace(ctx, arg)
		if err != nil {
			return nil, nil, err
		}
		r := share.Root{Store: p.store, Dir: p.name}
		if len(args) > 1 {
			r.Name = path.Base(strings.TrimRight(p.url, "/"))
		}
		if p.kind == kindLocal {
			if !a.isFolder(ctx, arg) {
				return nil, nil, usagef("%s is no folder; share the folder it is in", arg)
			}
			store, err := local.New(p.url)
			if err != nil {
				return nil, nil, exit(exitStorage, err)
			}
			r.Store, r.Dir = store, ""
			folders[r.Name] = p.url
		}
		for _, other := range roots {
			if other.Name == r.Name {
				return nil, nil, usagef("two of the folders are called %s; share them apart", r.Name)
			}
		}
		roots = append(roots, r)
	}
	return roots, folders, nil
}

func shareTitle(args []string) string {
	if len(args) > 1 {
		return "notebooks"
	}
	if full, err := filepath.Abs(args[0]); err == nil && !isURL(args[0]) {
		return filepath.Base(full)
	}
	return path.Base(strings.TrimRight(args[0], "/"))
}

func (a *app) shareToken(f serveFlags) (string, error) {
	switch {
	case f.noToken && f.token != "":
		return "", usagef("--no-token and --token-env say the opposite of each other")
	case f.noToken:
		return "", nil
	case f.token != "":
		if t := a.getenv(f.token); t != "" {
			return t, nil
		}
		return "", usagef("the variable %s, which --token-env names, is not set", f.token)
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:]), nil
}

// shareKey is what links are signed with, made at first use and kept.
func (a *app) shareKey() ([]byte, error) {
	dir, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "share.key")
	key, err := os.ReadFile(file)
	if err == nil && len(key) >= 32 {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the key of links: %w", err)
	}
	key = make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	if err := os.WriteFile(file, key, 0o600); err != nil {
		return nil, fmt.Errorf("keep the key of links: %w", err)
	}
	return key, nil
}

// ownNames are the names under which the share may be spoken to.
func ownNames(f serveFlags) ([]string, error) {
	host, _, err := net.SplitHostPort(f.addr)
	if err != nil {
		return nil, usagef("--addr %s: give a host and a port, such as 127.0.0.1:8899", f.addr)
	}
	names := append([]string{"localhost", "127.0.0.1", "::1"}, f.hosts...)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			names = append(names, name)
		}
		addrs, err := net.InterfaceAddrs()
		if err != nil {
			return names, nil // then only the names that were given
		}
		for _, addr := range addrs {
			if n, ok := addr.(*net.IPNet); ok {
				names = append(names, n.IP.String())
			}
		}
		return names, nil
	}
	return append(names, host), nil
}

// readable is the address of the share for a link.
func readable(f serveFlags) string {
	host, port, err := net.SplitHostPort(f.addr)
	if err != nil {
		return f.addr
	}
	if len(f.hosts) > 0 {
		host = f.hosts[0]
	}
	return net.JoinHostPort(host, port)
}

// address is a path of the share as a link has it.
func address(prefix, name string) string { return (&url.URL{Path: prefix + name}).EscapedPath() }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// innermost is the reason at the bottom of an error.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
