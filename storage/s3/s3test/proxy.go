package s3test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Fault decides what becomes of one request, the n-th of those that came, from 1.
type Fault func(n int, r *http.Request) Action

// Action is what the proxy does.
type Action struct {
	Status  int         // answers so instead of asking the server, unless After
	Code    string      // of the XML body
	Header  http.Header // added to the answer
	After   bool        // the server is asked first, and its answer thrown away
	Hang    bool        // no answer at all, until the client gives up or the test ends
	Break   bool        // the connection is closed instead of an answer
	Cut     int         // so many bytes of the body, then the connection is closed; 0 is all
	Without []string    // headers of the request that do not reach the server
}

// Proxy stands before a server and misbehaves.
type Proxy struct {
	URL string

	mu    sync.Mutex // guards the rest
	fault Fault
	n     int
	seen  []*http.Request // their bodies are gone
	done  chan struct{}
}

// Before starts a proxy for the server at backend.
func Before(t testing.TB, backend string, fault Fault) *Proxy {
	t.Helper()
	to, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{fault: fault, done: make(chan struct{})}
	forward := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		FlushInterval: -1,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, forward) }))
	t.Cleanup(func() { close(p.done); server.CloseClientConnections(); server.Close() })
	p.URL = server.URL
	return p
}

// Set changes the faults from the next request on and begins to count anew.
func (p *Proxy) Set(fault Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.n, p.seen = fault, 0, nil
}

// Seen lists the requests since Set, as "PUT /bucket/key".
func (p *Proxy) Seen() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*http.Request(nil), p.seen...)
}

func (p *Proxy) next(r *http.Request) Action {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	p.seen = append(p.seen, r.Clone(r.Context()))
	if p.fault == nil {
		return Action{}
	}
	return p.fault(p.n, r)
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	a := p.next(r)
	for _, name := range a.Without {
		r.Header.Del(name)
	}
	if a.After {
		forward.ServeHTTP(httptest.NewRecorder(), r)
	} else if a.Status != 0 || a.Hang || a.Break {
		_, _ = io.Copy(io.Discard, r.Body) // or the client never comes to reading the answer
	}
	switch {
	case a.Hang:
		select {
		case <-r.Context().Done():
		case <-p.done:
		}
		panic(http.ErrAbortHandler)
	case a.Break:
		panic(http.ErrAbortHandler)
	case a.Status != 0:
		for name, values := range a.Header {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(a.Status)
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, "<Error><Code>"+a.Code+"</Code><Message>said by the proxy</Message></Error>")
		}
	case a.Cut > 0:
		rec := httptest.NewRecorder()
		forward.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body[:min(a.Cut, len(body))])
		_ = http.NewResponseController(w).Flush()
		if a.Cut < len(body) {
			panic(http.ErrAbortHandler)
		}
	default:
		forward.ServeHTTP(w, r)
	}
}

// Is reports whether a request is of this method and its path ends so.
func Is(r *http.Request, method, end string) bool {
	return r.Method == method && strings.HasSuffix(r.URL.Path, end)
}
