// Package share serves any Store to readers over HTTP: pages, raw files and the
// Jupyter contents API. It only ever reads: no method but GET and HEAD is answered,
// and nothing that comes with a request is written anywhere. How a page looks is its
// caller's, by the interfaces below.
//
//	/                     to /view/
//	/view/PATH            a page: a folder, a notebook, a text
//	/files/PATH           the bytes, with ranges
//	/search?q=            names, parameters and states of runs
//	/api/contents/PATH    the Jupyter contents model (jupyter_server, services/contents)
//	/api/ping             {"message":"pong"}, as commuter answers
//	/api/v1/discovery     {"results":[…]}, as commuter answers
package share

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"nbterm/storage"
)

// Pages draws. Every page it gives is HTML in UTF-8 that is safe to show.
type Pages interface {
	// File draws a file; ok is false for what it does not draw, which is then offered
	// raw.
	File(name string, data []byte, at Location) (page []byte, ok bool)
	Folder(entries []Entry, at Location) []byte
	Found(query string, found []Found, more bool, at Location) []byte
	Fault(status int, why string) []byte
}

// Location is where a page stands.
type Location struct {
	Path string // within the share, "" is its root
	Live bool   // the page is of a session that runs, and loads itself anew
}

// Entry is one of a folder.
type Entry struct {
	Name     string
	Link     string
	Dir      bool
	Size     int64
	Modified time.Time
}

// Describer finds what can be searched in a notebook. It is called once for each
// revision.
type Describer func(data []byte) Facts

// Facts of a notebook.
type Facts struct {
	Parameters map[string]string // as they stand in the notebook
	State      string            // of the run it is the record of: "succeeded", "failed"; "" where it is none
}

// Live gives notebooks as their running sessions have them now.
type Live interface {
	// Document is ok false where no session of the notebook runs.
	Document(ctx context.Context, path string) (data []byte, ok bool)
}

// Root is one place that is shared.
type Root struct {
	Name  string // first part of its paths; "" where it is the only one
	Store storage.Store
	Dir   string // the folder of the store that is shared; "" is all of it
}

// Options of a Server.
type Options struct {
	Roots    []Root
	Pages    Pages
	Describe Describer // nil: only names are searched
	Live     Live      // nil: files as they are at rest
	// Token lets in who brings it; "" lets everybody in.
	Token string
	// Key signs links that open one path for a while; empty makes none.
	Key []byte
	// Hosts are the names, without ports, under which the server may be spoken to. A
	// request for another is refused: it may be another site's page that has its name
	// lead here.
	Hosts []string
	Now   func() time.Time
	// CacheBytes bounds the drawn pages that are kept; 0 is 64 MB.
	CacheBytes int64
}

// Server is an http.Handler.
type Server struct {
	Options
	cache *cache
	index *index
	mux   *http.ServeMux

	glances glances
}

// New makes a server.
func New(o Options) *Server {
	if o.CacheBytes == 0 {
		o.CacheBytes = 64 << 20
	}
	s := &Server{Options: o, cache: newCache(o.CacheBytes), mux: http.NewServeMux()}
	s.index = newIndex(s)
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/view/", http.StatusFound)
	})
	s.mux.HandleFunc("GET /view/{path...}", s.view)
	s.mux.HandleFunc("GET /files/{path...}", s.file)
	s.mux.HandleFunc("GET /search", s.search)
	s.mux.HandleFunc("GET /api/contents", s.contents)
	s.mux.HandleFunc("GET /api/contents/{path...}", s.contents)
	s.mux.HandleFunc("GET /api/ping", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]string{"message": "pong"}) })
	s.mux.HandleFunc("GET /api/v1/discovery", s.discovery)
	return s
}

// ServeHTTP implements http.Handler: the guards first, then the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", policy)
	if status, why := s.refuse(r); status != 0 {
		s.fault(w, r, status, why)
		return
	}
	if s.admit(w, r) {
		s.mux.ServeHTTP(w, r)
	}
}

// policy lets a page show its own style and images, and nothing else: no script, no
// frame, no request to anywhere. The sandbox holds scripts off once more, should the
// drawing ever let one through. It keeps the page's origin: images beside a notebook
// come with the reader's cookie.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; sandbox allow-same-origin allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox"

// livePolicy is that of a page that loads itself anew, which a sandbox allows only
// together with scripts; there are none that could run.
const livePolicy = policy + " allow-scripts"

// refuse says with what status a request is turned away, 0 for none.
func (s *Server) refuse(r *http.Request) (status int, why string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return http.StatusMethodNotAllowed, "this server only shows: GET and HEAD are answered"
	}
	host := hostname(r.Host)
	known := false
	for _, h := range s.Hosts {
		known = known || strings.EqualFold(h, host)
	}
	if !known {
		return http.StatusForbidden, "this server is not known by that name; nbterm serve --host NAME lets it in"
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || !strings.EqualFold(u.Host, r.Host) {
			return http.StatusForbidden, "requests of other sites' pages are not answered"
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate" {
		return http.StatusForbidden, "requests of other sites' pages are not answered"
	}
	return 0, ""
}

// hostname is a Host header without its port.
func hostname(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return strings.Trim(host, "[]")
}

// find leads a path of the share to its store. ok is false where there is no such
// place, which goes for whatever tries to leave it, and for hidden files.
func (s *Server) find(name string) (root Root, inside string, ok bool) {
	if strings.ContainsAny(name, "\x00\\") {
		return Root{}, "", false
	}
	name = strings.TrimSuffix(name, "/")
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") || part == "" && name != "" { // keys and settings have names with a dot, too
			return Root{}, "", false
		}
	}
	for _, r := range s.Roots {
		rest := name
		if r.Name != "" {
			first, after, _ := strings.Cut(name, "/")
			if first != r.Name {
				continue
			}
			rest = after
		}
		return r, strings.TrimPrefix(path.Join(r.Dir, rest), "/"), true
	}
	return Root{}, "", false
}

// tops says whether name is the list of roots rather than a place in one.
func (s *Server) tops(name string) bool {
	return strings.Trim(name, "/") == "" && (len(s.Roots) != 1 || s.Roots[0].Name != "")
}

// link is the address of a path below prefix.
func link(prefix, name string) string {
	return (&url.URL{Path: prefix + name}).EscapedPath()
}
