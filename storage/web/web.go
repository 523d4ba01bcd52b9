// Package web reads single files of web servers. It lists nothing and writes nothing, sends
// no credentials and fetches nothing but what was named.
//
// A name is the rest of the URL as it was written, with its escapes and its query. A
// revision is a strong ETag, else the hash of the bytes.
package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"nbterm/storage"
)

// Store is one web server.
type Store struct {
	origin   string // "https://host:port/"
	patience time.Duration
	http     *http.Client
}

var (
	_ storage.Store  = (*Store)(nil)
	_ storage.Ranger = (*Store)(nil)
)

// New returns the store of the server at origin, "https://host" or "http://host:port".
func New(origin string) (*Store, error) {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("open %s: that is no address of a web server", origin)
	}
	const patience = 30 * time.Second
	return &Store{
		origin: u.Scheme + "://" + u.Host + "/", patience: patience,
		http: &http.Client{Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: patience,
			IdleConnTimeout:       30 * time.Second,
		}},
	}, nil
}

func (s *Store) url(name string) string { return s.origin + name }

// most is the largest file that is read whole.
const most = 4 << 30

// Stat implements storage.Store.
func (s *Store) Stat(ctx context.Context, name string) (storage.Info, error) {
	resp, err := s.ask(ctx, http.MethodHead, name, nil)
	if err != nil {
		return storage.Info{}, s.fault(name, err)
	}
	_ = resp.Body.Close() // a HEAD has none
	return s.info(name, resp), nil
}

// Read implements storage.Store.
func (s *Store) Read(ctx context.Context, name string) ([]byte, storage.Info, error) {
	resp, err := s.ask(ctx, http.MethodGet, name, nil)
	if err != nil {
		return nil, storage.Info{}, s.fault(name, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or its loss is told
	data, err := s.body(resp)
	if err != nil {
		return nil, storage.Info{}, s.fault(name, err)
	}
	info := s.info(name, resp)
	info.Size = int64(len(data))
	if info.Revision == storage.None {
		info.Revision = hash(data)
	}
	return data, info, nil
}

// ReadRange implements storage.Ranger. A server that knows no ranges sends all, of which the
// rest is dropped.
func (s *Store) ReadRange(ctx context.Context, name string, offset, length int64, was storage.Revision) ([]byte, storage.Info, error) {
	header := http.Header{"Accept-Encoding": {"identity"}}
	switch {
	case offset < 0:
		header.Set("Range", "bytes="+strconv.FormatInt(offset, 10))
	case length > 0:
		header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	}
	resp, err := s.ask(ctx, http.MethodGet, name, header)
	if err != nil {
		return nil, storage.Info{}, s.fault(name, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or its loss is told
	info := s.info(name, resp)
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		if offset < 0 { // there is not so much
			return s.ReadRange(ctx, name, 0, length, was)
		}
		return []byte{}, info, nil
	}
	data, err := s.body(resp)
	if err != nil {
		return nil, storage.Info{}, s.fault(name, err)
	}
	if resp.StatusCode != http.StatusPartialContent {
		info.Size = int64(len(data))
		if info.Revision == storage.None {
			info.Revision = hash(data)
		}
		if offset < 0 {
			offset = max(offset+info.Size, 0)
		}
		data = data[min(offset, info.Size):]
	}
	if was != storage.None && info.Revision != was {
		return nil, storage.Info{}, &storage.Conflict{Path: s.url(name), Have: info.Revision}
	}
	return data[:min(max(length, 0), int64(len(data)))], info, nil
}

// Write implements storage.Store: a web server is only read.
func (s *Store) Write(_ context.Context, name string, _ []byte, _ storage.Revision) (storage.Info, error) {
	return storage.Info{}, fmt.Errorf("save %s: a web page %w", s.url(name), storage.ErrReadOnly)
}

// answered is a status that is no success.
type answered struct{ status int }

func (e answered) Error() string {
	return fmt.Sprintf("the server answers %d %s", e.status, http.StatusText(e.status))
}

func (s *Store) ask(ctx context.Context, method, name string, header http.Header) (*http.Response, error) {
	if name == "" {
		return nil, storage.ErrIsDir
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." || part == "." || name[0] == '/' {
			return nil, fmt.Errorf("%w: the address is not plain", storage.ErrPermission)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, s.url(name), nil)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", "nbterm")
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 && resp.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		_ = resp.Body.Close() // what a page says of an error is for browsers
		return nil, answered{resp.StatusCode}
	}
	return resp, nil
}

// body reads an answer; a server that stops in the middle is given up on.
func (s *Store) body(resp *http.Response) ([]byte, error) {
	guard := time.AfterFunc(s.patience, func() { _ = resp.Body.Close() }) // the read then fails
	defer guard.Stop()
	data := make([]byte, 0, max(min(resp.ContentLength, 1<<30), 0)+512)
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := resp.Body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		guard.Reset(s.patience)
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		case len(data) > most:
			return nil, fmt.Errorf("it is larger than %d GB", most>>30)
		}
	}
}

func (s *Store) info(name string, resp *http.Response) storage.Info {
	info := storage.Info{Path: name, Size: max(resp.ContentLength, 0)}
	if t, err := http.ParseTime(resp.Header.Get("Last-Modified")); err == nil {
		info.Modified = t
	}
	if tag := resp.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		info.Revision = storage.Revision(tag)
	}
	if _, whole, ok := strings.Cut(resp.Header.Get("Content-Range"), "/"); ok {
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
			info.Size = n
		}
	}
	return info
}

func hash(data []byte) storage.Revision {
	sum := sha256.Sum256(data)
	return storage.Revision("sha256:" + hex.EncodeToString(sum[:]))
}

// fault says in one sentence why a file was not read.
func (s *Store) fault(name string, err error) error {
	var dns *net.DNSError
	var timeout net.Error
	var answer answered
	switch {
	case errors.Is(err, context.Canceled):
		err = context.Canceled
	case errors.As(err, &answer):
		err = ofStatus(answer)
	case errors.As(err, &dns):
		err = fmt.Errorf("the server %w: there is no host %s", storage.ErrUnavailable, dns.Name)
	case errors.As(err, &timeout) && timeout.Timeout():
		err = fmt.Errorf("the server %w: no answer within %v", storage.ErrUnavailable, s.patience)
	case errors.Is(err, storage.ErrIsDir), errors.Is(err, storage.ErrPermission):
	default:
		for errors.Unwrap(err) != nil {
			err = errors.Unwrap(err)
		}
		err = fmt.Errorf("the server %w: %w", storage.ErrUnavailable, err)
	}
	shown, _, _ := strings.Cut(s.url(name), "?") // a query may hold a secret
	return fmt.Errorf("open %s: %w", shown, err)
}

func ofStatus(a answered) error {
	switch a.status {
	case http.StatusNotFound, http.StatusGone:
		return storage.ErrNotExist
	case http.StatusForbidden:
		return storage.ErrPermission
	case http.StatusUnauthorized:
		return fmt.Errorf("%w: the server wants to know who asks", storage.ErrCredentials)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusInternalServerError:
		return fmt.Errorf("the server %w: it answers %d %s", storage.ErrUnavailable, a.status, http.StatusText(a.status))
	}
	return a
}
