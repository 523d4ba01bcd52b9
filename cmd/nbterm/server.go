package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/gateway"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/notebook"
	"nbterm/render/term"
	"nbterm/storage/contents"
)

const (
	// jupyterToken is where Jupyter's own programs look for a token.
	jupyterToken = "JUPYTER_TOKEN"
	// urlToken carries a token that came in a URL to the kernel host, whose command
	// line and files others of this user's programs may show.
	urlToken = "NBTERM_SERVER_TOKEN"
	// askTime bounds what is asked of a server before anything is shown.
	askTime = 20 * time.Second
	// tidyTime bounds the end of a kernel that a killed host left on a server.
	tidyTime = 5 * time.Second
)

// serverFlags are the flags of verbs whose kernels may be a Jupyter Server's.
type serverFlags struct {
	url      string
	tokenEnv string
}

func (a *app) serverFlags(flags *pflag.FlagSet) {
	flags.StringVar(&a.server.url, "server", "", "use the kernels of the Jupyter Server at this `URL`")
	flags.StringVar(&a.server.tokenEnv, "token-env", "", "variable that holds the token (default: JUPYTER_TOKEN)")
}

// jupyter is a client of the server that --server names, and how a kernel host
// finds it. A token is never written down: it stays in the environment, where a host
// looks for it too.
func (a *app) jupyter() (*contents.Client, spec.Remote, error) {
	base, token, err := contents.Split(a.server.url)
	if err != nil {
		return nil, spec.Remote{}, usagef("--server: %w", err)
	}
	r := spec.Remote{URL: base, TokenEnv: a.server.tokenEnv}
	switch {
	case r.TokenEnv != "":
		if token = a.getenv(r.TokenEnv); token == "" {
			return nil, r, usagef("--token-env: %s is not set", r.TokenEnv)
		}
	case token != "":
		r.TokenEnv = urlToken
		if a.getenv(urlToken) != token { // runs that go at a time ask, too
			a.environ = append(a.environ, urlToken+"="+token)
		}
	default:
		r.TokenEnv, token = jupyterToken, a.getenv(jupyterToken)
	}
	c, err := contents.New(base, contents.Options{Token: token})
	if err != nil {
		return nil, r, usagef("--server: %w", err)
	}
	return c, r, nil
}

// chooseOnServer picks the server's kernel for doc. asked may be the id of a kernel
// that runs there, or enough of its beginning: that one is attached to.
func (a *app) chooseOnServer(ctx context.Context, doc *notebook.Notebook, asked string) (s spec.Spec, note string, err error) {
	c, remote, err := a.jupyter()
	if err != nil {
		return s, "", err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	offered, err := c.KernelSpecs(ctx)
	if err != nil {
		return s, "", exit(exitKernel, err)
	}
	specs, fallback := specsOf(offered, remote)
	if len(asked) >= shortestID && !named(offered, asked) {
		running, err := c.Kernels(ctx)
		if err != nil {
			return s, "", exit(exitKernel, err)
		}
		if s, ok := attachable(specs, running, asked); ok {
			return s, "", nil
		}
	}
	name, language := doc.KernelName(), doc.Language()
	switch {
	case asked != "":
		name, language = asked, ""
	case name == "" && language == "":
		name = fallback
	}
	s, note, err = spec.Choose(specs, name, language)
	if err == nil && asked != "" && note != "" {
		err = fmt.Errorf("--kernel %s: %s", asked, note)
	}
	if err != nil {
		return s, "", exit(exitKernel, fmt.Errorf("on %s: %w", remote.URL, err))
	}
	return s, note, nil
}

// shortestID is how many letters of a kernel's id must be given.
const shortestID = 4

// specsOf turns what a server offers into kernelspecs, and tells its default.
func specsOf(offered []contents.KernelSpec, r spec.Remote) (specs []spec.Spec, fallback string) {
	for _, o := range offered {
		specs = append(specs, spec.Spec{
			Name: o.Name, DisplayName: o.DisplayName, Language: o.Language,
			InterruptMode: o.InterruptMode, Source: r.URL, Remote: &r,
		})
		if o.Default {
			fallback = o.Name
		}
	}
	return specs, fallback
}

func named(offered []contents.KernelSpec, name string) bool {
	for _, o := range offered {
		if o.Name == name {
			return true
		}
	}
	return false
}

// attachable finds the one running kernel whose id begins with asked.
func attachable(specs []spec.Spec, running []contents.Kernel, asked string) (found spec.Spec, ok bool) {
	n := 0
	for _, k := range running {
		if !strings.HasPrefix(k.ID, asked) || len(specs) == 0 {
			continue
		}
		n++
		found = spec.Spec{Name: k.Name, DisplayName: k.Name}
		for _, s := range specs {
			if s.Name == k.Name {
				found = s
			}
		}
		remote := *specs[0].Remote
		remote.Kernel = k.ID
		found.Remote = &remote
	}
	return found, n == 1
}

// endRemote ends what a dead host left running on a server. It is brief: whoever
// tidies up has something else to do.
func (a *app) endRemote(ctx context.Context, h registry.Host) error {
	dirs, err := a.hostDirs()
	if err != nil || h.Spec.Remote == nil || h.IsAlive() {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tidyTime)
	defer cancel()
	if err := gateway.EndLeftovers(ctx, dirs.Place(h.ID), *h.Spec.Remote, a.specEnv()); err != nil {
		return exit(exitKernel, fmt.Errorf("a kernel of an ended session is left on its server: %w", err))
	}
	return nil
}

// agrees says why the living session of a notebook cannot serve for what the flags
// ask, nil when it can.
func (a *app) agrees(h registry.Host, asked string) error {
	s, at := h.Spec, h.Spec.Remote
	fits := asked == "" || asked == s.Name
	where := s.Name
	if at != nil {
		fits = fits || at.Kernel != "" && strings.HasPrefix(at.Kernel, asked)
		where += " at " + at.URL
	}
	if a.server.url != "" {
		base, _, err := contents.Split(a.server.url)
		if err != nil {
			return usagef("--server: %w", err)
		}
		fits = fits && at != nil && at.URL == base
	}
	if fits {
		return nil
	}
	return exit(exitKernel, fmt.Errorf("a session of this notebook is running on %s; nbterm kill %s ends it", where, h.ID))
}

// serverTable is what `nbterm kernels --server` tells.
type serverTable struct {
	Server  string       `json:"server"`
	Kernels []kernelRow  `json:"kernels"`
	Running []runningRow `json:"running"`
	Default string       `json:"default"` // for a notebook that names none
}

// runningRow is a kernel that runs on a server, whoever started it.
type runningRow struct {
	ID          string `json:"id"`
	Kernel      string `json:"kernel"`
	State       string `json:"state"`
	Connections int    `json:"connections"`
	Active      string `json:"last_activity"`
}

func (a *app) serverKernels(ctx context.Context, asJSON bool) error {
	c, remote, err := a.jupyter()
	if err != nil {
		return err
	}
	defer c.Close()
	offered, err := c.KernelSpecs(ctx)
	if err != nil {
		return exit(exitKernel, err)
	}
	running, err := c.Kernels(ctx)
	if err != nil {
		return exit(exitKernel, err)
	}
	t := serverTable{Server: remote.URL, Kernels: []kernelRow{}, Running: []runningRow{}}
	specs, fallback := specsOf(offered, remote)
	t.Default = fallback
	for _, s := range specs {
		t.Kernels = append(t.Kernels, kernelRow{
			Name: s.Name, DisplayName: s.DisplayName, Language: s.Language, Source: "server",
			Transport: "websocket", Argv: []string{}, Starts: true,
		})
	}
	for _, k := range running {
		t.Running = append(t.Running, runningRow{k.ID, k.Name, k.State, k.Connections, k.LastActivity})
	}
	if asJSON {
		return writeJSON(a.out, t)
	}
	return printServer(a.out, t)
}

func printServer(w io.Writer, t serverTable) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tLANGUAGE\tIS")
	for _, k := range t.Kernels {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", term.Clean(k.Name), term.Clean(k.Language), term.Clean(k.DisplayName))
	}
	if len(t.Running) > 0 {
		fmt.Fprintln(tw, "\nRUNNING\tKERNEL\tSTATE\tCLIENTS")
	}
	for _, k := range t.Running {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%d\n", term.Clean(k.ID), term.Clean(k.Kernel), term.Clean(k.State), k.Connections)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if t.Default == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "\nA notebook that names no kernel gets %s on %s.\n", term.Clean(t.Default), hostOf(t.Server))
	return err
}

// hostOf is the part of a server's URL that people know it by.
func hostOf(server string) string {
	if u, err := url.Parse(server); err == nil {
		return term.Clean(u.Host)
	}
	return term.Clean(server)
}
