package share_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/storage/share"
)

// plain draws pages in the barest way.
type plain struct{ drawn atomic.Int64 }

func (p *plain) File(name string, data []byte, at share.Location) ([]byte, bool) {
	p.drawn.Add(1)
	if strings.HasSuffix(name, ".bin") {
		return nil, false
	}
	return []byte(fmt.Sprintf("page of %s live=%v %s", at.Path, at.Live, data)), true
}

func (p *plain) Folder(entries []share.Entry, at share.Location) []byte {
	s := "folder " + at.Path
	for _, e := range entries {
		s += "\n" + e.Link
	}
	return []byte(s)
}

func (p *plain) Found(query string, found []share.Found, _ bool, _ share.Location) []byte {
	s := "found"
	for _, f := range found {
		s += " " + f.Path + "/" + f.State
	}
	return []byte(s)
}

func (p *plain) Fault(status int, why string) []byte { return []byte(fmt.Sprint(status, " ", why)) }

// site is a share of a folder.
type site struct {
	t     *testing.T
	dir   string
	pages *plain
	s     *share.Server
	clock time.Time
}

func (s *site) put(name, text string) {
	s.t.Helper()
	file := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func open(t *testing.T, change func(*share.Options)) *site {
	t.Helper()
	dir := t.TempDir()
	store, err := local.New(filepath.Join(dir, "root"))
	if os.MkdirAll(filepath.Join(dir, "root"), 0o700) == nil {
		store, err = local.New(filepath.Join(dir, "root"))
	}
	if err != nil {
		t.Fatal(err)
	}
	st := &site{t: t, dir: filepath.Join(dir, "root"), pages: &plain{}, clock: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	st.put("nb.ipynb", `{"cells":[]}`)
	st.put("sub dir/ü.txt", "hello")
	st.put("a.bin", "0123456789")
	st.put("../secret.txt", "secret")
	o := share.Options{
		Roots: []share.Root{{Store: store}}, Pages: st.pages, Hosts: []string{"127.0.0.1", "localhost"},
		Now: func() time.Time { return st.clock }, Key: []byte(strings.Repeat("k", 32)),
		Describe: func(data []byte) share.Facts {
			if strings.Contains(string(data), "failed") {
				return share.Facts{State: "failed", Parameters: map[string]string{"region": "eu"}}
			}
			return share.Facts{}
		},
	}
	if change != nil {
		change(&o)
	}
	st.s = share.New(o)
	return st
}

// ask sends one request; header is name, value, name, value.
func (s *site) ask(method, target string, header ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, target, nil)
	r.Host = "127.0.0.1:8899"
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.s.ServeHTTP(w, r)
	return w
}

func text(r *httptest.ResponseRecorder) string { return r.Body.String() }

func TestPagesFilesAndFoldersAreServed(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for _, c := range []struct {
		target string
		status int
		body   string
	}{
		{"/", 302, ""},
		{"/view/", 200, "folder \n/view/a.bin\n/view/nb.ipynb\n/view/sub%20dir/"},
		{"/view/nb.ipynb", 200, `page of nb.ipynb live=false {"cells":[]}`},
		{"/view/sub%20dir", 302, ""},
		{"/view/sub%20dir/", 200, "folder sub dir\n/view/sub%20dir/%C3%BC.txt"},
		{"/view/a.bin", 302, ""},
		{"/files/a.bin", 200, "0123456789"},
		{"/files/sub%20dir/%C3%BC.txt", 200, "hello"},
		{"/view/none", 404, "404 there is nothing at that address"},
		{"/api/ping", 200, "{\"message\":\"pong\"}\n"},
		{"/api/contents/none", 404, "{\"message\":\"there is nothing at that address\",\"reason\":\"Not Found\"}\n"},
	} {
		r := s.ask("GET", c.target)
		if body := text(r); r.Code != c.status || c.status != 302 && body != c.body {
			t.Errorf("%s: %d %q", c.target, r.Code, body)
		}
		if csp := r.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script") {
			t.Errorf("%s: policy %q", c.target, csp)
		}
	}
}

func TestOnlyReadingIsAnsweredAndOnlyToThoseWhoSayTheRightName(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	var cases [][]string
	for _, m := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PROPFIND", "FOO"} {
		cases = append(cases, []string{m, "/view/nb.ipynb"}, []string{m, "/api/contents/nb.ipynb"})
	}
	for _, h := range []string{"evil.example", "evil.example:8899", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::2]:8899", "10.0.0.1", "0.0.0.0:8899"} {
		cases = append(cases, []string{"GET", "/view/nb.ipynb", "Host", h})
	}
	for _, o := range []string{"http://evil.example", "null", "http://127.0.0.1:1", "https://localhost", "file://", "http://127.0.0.1:8899.evil.example"} {
		cases = append(cases, []string{"GET", "/api/contents", "Origin", o})
	}
	cases = append(cases, []string{"GET", "/files/nb.ipynb", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"})
	for _, c := range cases {
		r := s.ask(c[0], c[1], c[2:]...)
		if r.Code != 403 && r.Code != 405 || strings.Contains(text(r), "cells") {
			t.Errorf("%v: %d", c, r.Code)
		}
	}
	if len(cases) < 30 {
		t.Errorf("%d cases", len(cases))
	}
	for _, h := range []string{"localhost", "LOCALHOST:1", "127.0.0.1:8899"} {
		if r := s.ask("HEAD", "/view/nb.ipynb", "Host", h); r.Code != 200 || text(r) != "" {
			t.Errorf("HEAD to %s: %d", h, r.Code)
		}
	}
}

func TestNothingOutsideTheRootIsServed(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	if err := os.Symlink("../secret.txt", filepath.Join(s.dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("..", filepath.Join(s.dir, "up")); err != nil {
		t.Fatal(err)
	}
	ways := []string{"../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "sub%20dir/../../secret.txt", "./../secret.txt", "..\\secret.txt", "%5c..%5csecret.txt", "link.txt", "up/secret.txt", "..;/secret.txt",
		"%252e%252e/secret.txt", "....//secret.txt", "/etc/passwd", "//etc/passwd", "nb.ipynb/../../secret.txt", "\x00/secret.txt", "%00", "..%00/secret.txt", "sub%20dir/%2e%2e/%2e%2e/secret.txt", "~/secret.txt"}
	for _, prefix := range []string{"/view/", "/files/", "/api/contents/"} {
		for _, way := range ways {
			r := httptest.NewRequest("GET", "/x", nil)
			u, err := r.URL.Parse(prefix)
			if err != nil {
				t.Fatal(err)
			}
			r.URL, r.Host = u, "localhost"
			if p, err := r.URL.Parse(prefix + way); err == nil {
				r.URL.Path, r.URL.RawPath = p.Path, p.RawPath
			}
			raw, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost"+prefix, nil)
			if err != nil {
				t.Fatal(err)
			}
			raw.URL.Path = prefix + strings.NewReplacer("%2e", ".", "%2f", "/", "%5c", `\`, "%00", "\x00", "%20", " ").Replace(way)
			for _, req := range []*http.Request{r, raw} {
				w := httptest.NewRecorder()
				s.s.ServeHTTP(w, req)
				if body := w.Body.String(); strings.Contains(body, "secret") && w.Code == 200 && !strings.Contains(body, "nothing") {
					t.Errorf("%s%s: %d %s", prefix, way, w.Code, body)
				}
			}
		}
	}
}

func TestATokenIsAskedForAndLeavesTheAddress(t *testing.T) {
	t.Parallel()
	s := open(t, func(o *share.Options) { o.Token = "t0ken" })
	for _, h := range [][]string{{}, {"Authorization", "Bearer wrong"}, {"Authorization", "Bearer "}, {"Cookie", "nbterm-share=t0ken"}, {"Authorization", "Basic dDBrZW4="}} {
		if r := s.ask("GET", "/view/nb.ipynb", h...); r.Code != 401 || strings.Contains(text(r), "cells") {
			t.Errorf("%v: %d", h, r.Code)
		}
	}
	if r := s.ask("GET", "/view/?token=wrong"); r.Code != 401 {
		t.Errorf("a wrong token: %d", r.Code)
	}
	for _, h := range []string{"Bearer t0ken", "token t0ken"} {
		if r := s.ask("GET", "/view/nb.ipynb", "Authorization", h); r.Code != 200 {
			t.Errorf("%s: %d", h, r.Code)
		}
	}
	r := s.ask("GET", "/view/nb.ipynb?token=t0ken&x=1")
	if r.Code != 302 || r.Header().Get("Location") != "/view/nb.ipynb?x=1" {
		t.Fatalf("%d to %q", r.Code, r.Header().Get("Location"))
	}
	c := r.Result().Cookies()[0]
	if !c.HttpOnly || strings.Contains(c.Value, "t0ken") {
		t.Errorf("cookie %v", c)
	}
	if r := s.ask("GET", "/view/nb.ipynb", "Cookie", c.Name+"="+c.Value); r.Code != 200 {
		t.Errorf("with the cookie: %d", r.Code)
	}
}

func TestALinkOpensOneFolderForAWhile(t *testing.T) {
	t.Parallel()
	s := open(t, func(o *share.Options) { o.Token = "t0ken" })
	to := s.s.Link("sub dir", s.clock.Add(time.Hour))
	_, query, _ := strings.Cut(to, "?")
	for target, want := range map[string]int{
		"/view/sub%20dir/?" + query: 200, "/view/sub%20dir/%C3%BC.txt?" + query: 200, "/files/sub%20dir/%C3%BC.txt?" + query: 200,
		"/view/nb.ipynb?" + query: 401, "/view/?" + query: 401, "/api/contents?" + query: 401, "/search?" + query: 401,
		"/view/sub%20dir/?" + strings.Replace(query, "until=", "until=9", 1): 401, "/view/nb.ipynb?" + strings.Replace(query, "sub+dir", "nb.ipynb", 1): 401,
	} {
		if r := s.ask("GET", target); r.Code != want {
			t.Errorf("%s: %d, want %d", target, r.Code, want)
		}
	}
	s.clock = s.clock.Add(time.Hour)
	if r := s.ask("GET", "/view/sub%20dir/?"+query); r.Code != 401 {
		t.Errorf("after its end: %d", r.Code)
	}
}

func TestAPageIsDrawnOnceAndSentSmall(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.put("nb.ipynb", `{"cells":["`+strings.Repeat("long ", 1000)+`"]}`)
	r := s.ask("GET", "/view/nb.ipynb", "Accept-Encoding", "br, gzip")
	if r.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("it is not zipped")
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || !strings.Contains(string(body), "long long") {
		t.Fatalf("%v %.60s", err, body)
	}
	if again := s.ask("GET", "/view/nb.ipynb", "If-None-Match", "W/"+r.Header().Get("ETag")); again.Code != 304 {
		t.Errorf("the same page again: %d", again.Code)
	}
	if n := s.pages.drawn.Load(); n != 1 {
		t.Errorf("drawn %d times", n)
	}
	s.put("nb.ipynb", `{"cells":["new"]}`)
	s.clock = s.clock.Add(time.Second)
	if got := text(s.ask("GET", "/view/nb.ipynb")); !strings.Contains(got, "new") {
		t.Errorf("the old page is served: %s", got)
	}
}

func TestPartsOfFilesAreServed(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	r := s.ask("GET", "/files/a.bin", "Range", "bytes=2-4")
	if got := text(r); r.Code != 206 || got != "234" || r.Header().Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("%d %q %s", r.Code, got, r.Header().Get("Content-Range"))
	}
	if r := s.ask("GET", "/files/a.bin", "Range", "bytes=20-"); r.Code != 416 {
		t.Errorf("beyond the end: %d", r.Code)
	}
	s.put("x.html", "<script>alert(1)</script>")
	if r := s.ask("GET", "/files/x.html"); !strings.HasPrefix(r.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("a page of the share's is served as %s", r.Header().Get("Content-Type"))
	}
}

func TestTheContentsModelHasAllItsKeys(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	for target, want := range map[string]map[string]any{
		"/api/contents":                                    {"type": "directory", "format": "json", "path": "", "writable": false, "mimetype": nil},
		"/api/contents/nb.ipynb":                           {"type": "notebook", "format": "json", "name": "nb.ipynb", "path": "nb.ipynb"},
		"/api/contents/nb.ipynb?content=0":                 {"type": "notebook", "format": nil, "content": nil},
		"/api/contents/nb.ipynb?type=file":                 {"type": "file", "format": "text", "content": `{"cells":[]}`},
		"/api/contents/sub%20dir/%C3%BC.txt":               {"type": "file", "format": "text", "content": "hello", "mimetype": "text/plain"},
		"/api/contents/sub%20dir/%C3%BC.txt?format=base64": {"format": "base64", "content": "aGVsbG8=", "mimetype": "application/octet-stream"},
	} {
		var m map[string]any
		if err := json.Unmarshal([]byte(text(s.ask("GET", target))), &m); err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		for _, key := range []string{"name", "path", "type", "writable", "created", "last_modified", "mimetype", "content", "format"} {
			if _, ok := m[key]; !ok {
				t.Errorf("%s has no %s", target, key)
			}
		}
		for key, v := range want {
			if m[key] != v {
				t.Errorf("%s: %s is %v, want %v", target, key, m[key], v)
			}
		}
	}
	if r := s.ask("GET", "/api/contents/nb.ipynb?type=directory"); r.Code != 400 {
		t.Errorf("a notebook asked for as a directory: %d", r.Code)
	}
}

func TestRunsAreFoundByTheirParametersAndStates(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.put("runs/eu.ipynb", "failed")
	for query, want := range map[string]string{"eu": "found runs/eu.ipynb/failed", "region=eu": "found runs/eu.ipynb/failed", "state:failed": "found runs/eu.ipynb/failed", "state:succeeded": "found", "region=us": "found", "eu+zz": "found"} {
		if got := text(s.ask("GET", "/search?q="+query)); got != want {
			t.Errorf("%s: %q", query, got)
		}
	}
	if got := text(s.ask("GET", "/api/v1/discovery")); !strings.Contains(got, `"path":"runs/eu.ipynb"`) || !strings.Contains(got, `"region":"eu"`) {
		t.Error(got)
	}
}

// playing says that one notebook runs.
type playing struct{ name, data string }

func (p playing) Document(_ context.Context, name string) ([]byte, bool) {
	return []byte(p.data), name == p.name
}

func TestARunningNotebookComesAsItIsNow(t *testing.T) {
	t.Parallel()
	s := open(t, func(o *share.Options) { o.Live = playing{"nb.ipynb", "now"} })
	r := s.ask("GET", "/view/nb.ipynb")
	if got := text(r); got != "page of nb.ipynb live=true now" || r.Header().Get("Refresh") == "" || r.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%q %v", got, r.Header())
	}
}

func TestSeveralRootsStandBesideEachOther(t *testing.T) {
	t.Parallel()
	s := open(t, func(o *share.Options) {
		store := o.Roots[0].Store
		o.Roots = []share.Root{{Name: "one", Store: store}, {Name: "two", Store: store, Dir: "sub dir"}}
	})
	for target, want := range map[string]string{"/view/": "folder \n/view/one/\n/view/two/", "/view/two/": "folder two\n/view/two/%C3%BC.txt", "/files/two/%C3%BC.txt": "hello", "/view/three/": "404 there is nothing at that address"} {
		if got := text(s.ask("GET", target)); got != want {
			t.Errorf("%s: %q", target, got)
		}
	}
}

// broken is a store that cannot be reached.
type broken struct{ storage.Store }

func (broken) Stat(context.Context, string) (storage.Info, error) {
	return storage.Info{}, fmt.Errorf("stat x: dial tcp 10.1.2.3:443: secret detail")
}

func TestWhatGoesWrongBehindTheShareStaysThere(t *testing.T) {
	t.Parallel()
	s := open(t, func(o *share.Options) { o.Roots[0].Store = broken{o.Roots[0].Store} })
	if r := s.ask("GET", "/view/nb.ipynb"); r.Code != 502 || strings.Contains(text(r), "secret") {
		t.Errorf("%d", r.Code)
	}
}

func BenchmarkAPageFromTheCache(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nb.ipynb"), []byte(strings.Repeat("x", 1<<20)), 0o600); err != nil {
		b.Fatal(err)
	}
	store, err := local.New(dir)
	if err != nil {
		b.Fatal(err)
	}
	s := share.New(share.Options{Roots: []share.Root{{Store: store}}, Pages: &plain{}, Hosts: []string{"localhost"}, Now: time.Now})
	for b.Loop() {
		r := httptest.NewRequest("GET", "/view/nb.ipynb", nil)
		r.Host = "localhost"
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

func TestALinksCookieOpensTheImagesAndPagesBelowAndNothingElse(t *testing.T) {
	t.Parallel()
	s := open(t, func(o *share.Options) { o.Token = "t0ken" })
	got := s.ask("GET", s.s.Link("sub dir", s.clock.Add(time.Hour)))
	given, _, _ := strings.Cut(got.Header().Get("Set-Cookie"), ";")
	if !strings.HasPrefix(given, "nbterm-link-") {
		t.Fatalf("cookie %q", given)
	}
	for target, want := range map[string]int{"/view/sub%20dir/": 200, "/files/sub%20dir/%C3%BC.txt": 200, "/view/nb.ipynb": 401, "/api/contents": 401} {
		if r := s.ask("GET", target, "Cookie", given); r.Code != want {
			t.Errorf("%s: %d, want %d", target, r.Code, want)
		}
	}
	whole, _, _ := strings.Cut(s.ask("GET", s.s.Link("", s.clock.Add(time.Hour))).Header().Get("Set-Cookie"), ";")
	if r := s.ask("GET", "/view/nb.ipynb", "Cookie", whole); r.Code != 200 {
		t.Errorf("a link to all: %d", r.Code)
	}
	s.clock = s.clock.Add(time.Hour)
	if r := s.ask("GET", "/view/sub%20dir/", "Cookie", given); r.Code != 401 {
		t.Errorf("after its end: %d", r.Code)
	}
}

func TestHiddenFilesAreNotServed(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.put(".ssh/id", "secret")
	for _, target := range []string{"/files/.ssh/id", "/view/.ssh/", "/api/contents/.ssh/id"} {
		if r := s.ask("GET", target); r.Code != 404 {
			t.Errorf("%s: %d", target, r.Code)
		}
	}
}

func TestAProgramMayBringItsTokenInTheAddress(t *testing.T) {
	t.Parallel()
	s := open(t, func(o *share.Options) { o.Token = "t0ken" })
	if r := s.ask("GET", "/api/contents?token=t0ken"); r.Code != 200 {
		t.Errorf("%d", r.Code)
	}
	if r := s.ask("GET", "//elsewhere.example/?token=t0ken"); strings.HasPrefix(r.Header().Get("Location"), "//") {
		t.Errorf("sent to %s", r.Header().Get("Location"))
	}
}

// cancelling is a store whose first reader goes away in the middle of reading.
type cancelling struct {
	storage.Store
	leave chan context.CancelFunc
}

func (c cancelling) Read(ctx context.Context, name string) ([]byte, storage.Info, error) {
	select {
	case leave := <-c.leave:
		leave()
	default:
	}
	if err := ctx.Err(); err != nil {
		return nil, storage.Info{}, err
	}
	return c.Store.Read(ctx, name)
}

func TestAReaderWhoLeavesTakesThePageFromNobody(t *testing.T) {
	t.Parallel()
	leave := make(chan context.CancelFunc, 1)
	s := open(t, func(o *share.Options) {
		o.Roots[0].Store = cancelling{o.Roots[0].Store, leave}
	})
	ctx, cancel := context.WithCancel(t.Context())
	leave <- cancel
	r := httptest.NewRequest("GET", "/view/nb.ipynb", nil).WithContext(ctx)
	r.Host = "127.0.0.1:8899"
	w := httptest.NewRecorder()
	s.s.ServeHTTP(w, r)
	if w.Code != 200 || w.Body.Len() == 0 {
		t.Errorf("%d with %d bytes", w.Code, w.Body.Len())
	}
}
