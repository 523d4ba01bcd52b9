package main

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"nbterm/storage"
	"nbterm/storage/contents"
	"nbterm/storage/web"
)

// A URL of http may be a single file or a place of a Jupyter Server. It is the latter where
//
//   - it says so: jupyter+http://…, jupyter+https://…, or jupyter://NAME/… of [servers];
//   - it carries a token, ends in a slash, or is below a URL of [servers];
//   - it is what a browser shows of such a server: …/lab/tree/x.ipynb, …/user/NAME/…,
//     and on this machine …/tree/x.ipynb, …/notebooks/x.ipynb, …/edit/x.py.

// webPlace is the place of an http URL.
func (a *app) webPlace(address string) (place, error) {
	explicit := false
	if rest, ok := strings.CutPrefix(address, "jupyter+"); ok {
		address, explicit = rest, true
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return place{}, usagef("%s: that is no URL", cutQuery(address))
	}
	c, err := a.placesConfig()
	if err != nil {
		return place{}, err
	}
	for _, server := range c.Servers {
		base, token, err := contents.Split(server.URL)
		if rest, ok := strings.CutPrefix(cutQuery(address), base); ok && err == nil {
			return a.jupyterPlace(base, unmarked(rest), tokenOf{given: u.Query().Get("token"), inURL: token, env: server.TokenEnv})
		}
	}
	base, rest, marked := splitJupyter(u)
	token := u.Query().Get("token")
	if explicit || marked || token != "" || strings.HasSuffix(u.Path, "/") || u.Path == "" {
		return a.jupyterPlace(base, rest, tokenOf{given: token})
	}
	origin := u.Scheme + "://" + u.Host
	store, err := a.stores.get(origin+cutFrom(u.RawQuery), func() (storage.Store, error) {
		store, err := web.New(origin)
		if err != nil || u.RawQuery != "" { // which may be a signature: nothing to write down
			return store, err
		}
		return a.cached(c, store, origin, origin), nil
	})
	if err != nil {
		return place{}, usagef("%w", err)
	}
	name := strings.TrimPrefix(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		name += "?" + u.RawQuery
	}
	return place{store: store, name: name, url: origin + "/" + name, kind: kindWeb}, nil
}

// cutFrom tells stores of addresses with a query from others.
func cutFrom(query string) string {
	if query == "" {
		return ""
	}
	return " with a query"
}

func cutQuery(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}

// namedServer is NAME/PATH of a server in [servers].
func (a *app) namedServer(rest string) (place, error) {
	name, file, _ := strings.Cut(rest, "/")
	c, err := a.placesConfig()
	if err != nil {
		return place{}, err
	}
	server, ok := c.Servers[name]
	if !ok {
		return place{}, usagef("jupyter://%s: no server has this name; [servers.%s] in %s gives it one", name, name, a.tilde(a.configPath()))
	}
	base, token, err := contents.Split(server.URL)
	if err != nil {
		return place{}, usagef("servers.%s.url: %w", name, err)
	}
	return a.jupyterPlace(base, strings.Trim(file, "/"), tokenOf{inURL: token, env: server.TokenEnv})
}

// splitJupyter parts a server from the path within it. marked says that the URL looks like
// one of a Jupyter Server.
func splitJupyter(u *url.URL) (base, file string, marked bool) {
	whole := u.Path
	pages := []string{"/lab/tree/", "/doc/tree/", "/api/contents/"}
	if loopback(u.Hostname()) {
		pages = append(pages, "/tree/", "/notebooks/", "/edit/", "/files/")
	}
	root := u.Scheme + "://" + u.Host
	for _, page := range pages {
		if before, after, ok := strings.Cut(whole, page); ok {
			return root + before + "/", strings.Trim(after, "/"), true
		}
	}
	for _, page := range []string{"/lab", "/tree"} {
		if before, ok := strings.CutSuffix(strings.TrimSuffix(whole, "/"), page); ok {
			return root + before + "/", "", true
		}
	}
	if parts := strings.SplitN(strings.TrimPrefix(whole, "/"), "/", 3); len(parts) > 1 && parts[0] == "user" { // JupyterHub
		file := ""
		if len(parts) == 3 {
			file = unmarked(parts[2])
		}
		return root + "/user/" + parts[1] + "/", file, true
	}
	return root + "/", unmarked(whole), false
}

// unmarked is a path within a server without the page that shows it.
func unmarked(rest string) string {
	rest = strings.TrimPrefix(rest, "/")
	for _, page := range []string{"lab/tree/", "doc/tree/", "tree/", "notebooks/", "edit/", "files/", "api/contents/"} {
		if after, ok := strings.CutPrefix(rest, page); ok {
			rest = after
			break
		}
	}
	if rest == "tree" || rest == "lab" {
		rest = ""
	}
	return strings.Trim(rest, "/")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// tokenOf is where the token of a server may come from, in this order: the address that was
// given, the variable named for the server, its URL in the configuration, an address that
// was given before (also to the program that started this one), JUPYTER_TOKEN.
type tokenOf struct{ given, env, inURL string }

// jupyterPlace is a file of a Jupyter Server. A token from an address is kept for those who
// come later, in a variable named for its server, so that no other is ever sent it.
func (a *app) jupyterPlace(base, file string, t tokenOf) (place, error) {
	conf, err := a.placesConfig()
	if err != nil {
		return place{}, err
	}
	sum := sha256.Sum256([]byte(base))
	kept := "NBTERM_TOKEN_" + strings.ToUpper(hex.EncodeToString(sum[:6]))
	token := t.given
	if token != "" {
		a.stores.keepToken(kept, token)
	}
	for _, next := range []string{a.getenvIf(t.env), t.inURL, a.stores.token(kept), a.getenv(kept), a.getenv(jupyterToken)} {
		if token == "" {
			token = next
		}
	}
	store, err := a.stores.get(base+" "+token, func() (storage.Store, error) {
		c, err := contents.New(base, contents.Options{Token: token})
		if err != nil {
			return nil, err
		}
		return a.cached(conf, contents.NewStore(c), base, base), nil
	})
	if err != nil {
		return place{}, usagef("%w", err)
	}
	return place{store: store, name: file, url: "jupyter+" + base + "tree/" + escapes.Replace(file), kind: kindJupyter}, nil
}

func (s *stores) keepToken(variable, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens == nil {
		s.tokens = map[string]string{}
	}
	s.tokens[variable] = token
}

func (s *stores) token(variable string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens[variable]
}

// childEnviron is the environment of programs that go on with a place of ours: a kernel
// host, and by it the one that saves what is left. It has the tokens that came in addresses.
func (a *app) childEnviron() []string {
	a.stores.mu.Lock()
	defer a.stores.mu.Unlock()
	environ := slices.Clone(a.environ)
	for _, variable := range slices.Sorted(maps.Keys(a.stores.tokens)) {
		environ = append(environ, variable+"="+a.stores.tokens[variable])
	}
	return environ
}

// escapes keeps what would end a path in it. Spaces and letters stay as people write them.
var escapes = strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23")

func (a *app) getenvIf(name string) string {
	if name == "" {
		return ""
	}
	return a.getenv(name)
}
