// Package contents speaks with a Jupyter Server over its REST API. Its Client is
// the one authenticated client there is: for files, when the server is the place of
// notebooks, and for engine/kernel/gateway, to which the server keeps kernels. So
// there is one opinion on tokens, proxies, certificates and what a failure is called.
// https://jupyter-server.readthedocs.io/en/stable/developers/rest-api.html
//
// Store is the server's files as a place of notebooks. It imports nothing of ours but the
// storage root.
package contents

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options of a Client.
type Options struct {
	// Token is sent in a header and never in a URL, which servers log. A token
	// in the URL given to New is used where this is "".
	Token string
	// Timeout of one request, 0 is 30 s. A kernel's start can need more: see Patient.
	Timeout time.Duration
}

const (
	defaultTimeout = 30 * time.Second
	dialTimeout    = 10 * time.Second
	// answerLimit is the most that is read of an answer, enough for a list of some
	// ten thousand kernels.
	answerLimit = 16 << 20
)

// Client is one Jupyter Server and our right to use it. It may be used from any
// goroutine. Close gives its connections back.
type Client struct {
	base    *url.URL // with a slash at the end, without query and user
	token   string
	timeout time.Duration
	http    *http.Client
}

// New makes a client for the server at address, which is what a person copies from
// a browser or from the server's own greeting: a path such as /lab or /tree at its
// end and a ?token= are understood. Nothing is sent yet. Proxies and trusted
// certificates come from the environment (HTTPS_PROXY, SSL_CERT_FILE), as elsewhere.
func New(address string, o Options) (*Client, error) {
	base, token, err := Split(address)
	if err != nil {
		return nil, err
	}
	if o.Token == "" {
		o.Token = token
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("server %s: %w", base, err) // Split has parsed it before
	}
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, addr)
			return quick(c), err
		},
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConnsPerHost: 2,
		IdleConnTimeout:     30 * time.Second,
	}
	return &Client{base: u, token: o.Token, timeout: o.Timeout, http: &http.Client{
		Transport: transport,
		// An API does not redirect; a login page, a hub or another scheme does. To
		// follow would send the token to who knows whom, and end at an HTML page.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Split parts the address of a server from the token that may stand in it.
func Split(address string) (base, token string, err error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("server %q: that is no URL", shorn(address))
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return "", "", fmt.Errorf("server %q: write it as http://HOST:PORT/ or https://…", shorn(address))
	}
	token = u.Query().Get("token")
	path := u.EscapedPath()
	for _, page := range []string{"/lab", "/tree", "/notebooks", "/api"} {
		if at := strings.Index(path+"/", page+"/"); at >= 0 {
			path = path[:at]
		}
	}
	path = strings.TrimRight(path, "/") + "/"
	return u.Scheme + "://" + u.Host + path, token, nil
}

// shorn is an address without the query, where a token may stand.
func shorn(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}

// Address is the server's URL, without any token.
func (c *Client) Address() string { return c.base.String() }

// Header holds what makes a request ours.
func (c *Client) Header() http.Header {
	h := http.Header{"User-Agent": {"nbterm"}}
	if c.token != "" {
		h.Set("Authorization", "token "+c.token)
	}
	return h
}

// HTTP is the client's own, for a WebSocket handshake.
func (c *Client) HTTP() *http.Client { return c.http }

// Endpoint is the URL of something under /api; the parts are escaped.
func (c *Client) Endpoint(parts ...string) *url.URL {
	u := c.base.JoinPath("api")
	for _, p := range parts {
		u = u.JoinPath(url.PathEscape(p))
	}
	return u
}

// Close closes idle connections. The client may be used again.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Patient is the same client with another timeout for a request; it shares the
// connections.
func (c *Client) Patient(timeout time.Duration) *Client {
	p := *c
	p.timeout = timeout
	return &p
}

// do sends a request with a JSON body, unless in is nil, and decodes the answer
// into out, unless that is nil. action is for the error: "start a kernel".
func (c *Client) do(ctx context.Context, action, method string, at *url.URL, in, out any) error {
	return c.exchange(ctx, action, method, at, in, out, answerLimit)
}

// exchange is do for an answer of at most limit bytes.
func (c *Client) exchange(ctx context.Context, action, method string, at *url.URL, in, out any, limit int64) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	req.Header = c.Header()
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.Fault(action, nil, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or its loss is told
	if resp.StatusCode/100 != 2 {
		return c.Fault(action, resp, nil)
	}
	if out == nil {
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return c.Fault(action, nil, err)
	case int64(len(raw)) > limit:
		return fmt.Errorf("%s: the answer of %s is larger than %d MB", action, c.Address(), limit>>20)
	case json.Unmarshal(raw, out) != nil:
		return &Error{Action: action, Server: c.Address(), Kind: ErrNotJupyter, Why: "it answers with what is no JSON"}
	}
	return nil
}

// deadline tells our own patience from a connection that ended by itself.
func deadline(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}
