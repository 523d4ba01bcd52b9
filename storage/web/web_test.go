package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/web"
)

const text = "0123456789"

func site(t *testing.T, etag bool) *web.Store {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/a.ipynb", func(w http.ResponseWriter, r *http.Request) {
		if etag {
			w.Header().Set("ETag", `"one"`)
		}
		http.ServeContent(w, r, "a.ipynb", time.Unix(1e9, 0), strings.NewReader(text))
	})
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, text) })
	mux.Handle("/moved", http.RedirectHandler("/a.ipynb", http.StatusFound))
	for path, status := range map[string]int{"/no": 403, "/who": 401, "/busy": 503} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
	}
	mux.HandleFunc("/half", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, text)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s, err := web.New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAFileIsReadWholeAndInParts(t *testing.T) {
	t.Parallel()
	for _, etag := range []bool{true, false} {
		s := site(t, etag)
		for _, name := range []string{"a.ipynb", "plain", "moved", "a.ipynb?x=1"} {
			data, info, err := s.Read(t.Context(), name)
			if err != nil || string(data) != text || info.Size != 10 || info.Revision == storage.None {
				t.Errorf("Read(%q) = %q, %+v, %v", name, data, info, err)
			}
			for _, part := range []struct {
				offset, length int64
				want           string
			}{{0, 3, "012"}, {8, 9, "89"}, {-3, 2, "78"}, {-99, 2, "01"}, {99, 2, ""}} {
				got, at, err := s.ReadRange(t.Context(), name, part.offset, part.length, storage.None)
				if err != nil || string(got) != part.want || at.Size != 10 && part.want != "" {
					t.Errorf("ReadRange(%q, %d, %d) = %q, %+v, %v", name, part.offset, part.length, got, at, err)
				}
			}
		}
		_, _, err := s.ReadRange(t.Context(), "plain", 0, 3, "another")
		if !errors.Is(err, storage.ErrConflict) {
			t.Errorf("a part of another revision: %v", err)
		}
	}
}

func TestWhatIsWrongIsOneSentence(t *testing.T) {
	t.Parallel()
	s := site(t, true)
	nowhere, err := web.New("http://no-such-host.invalid")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		s    *web.Store
		name string
		is   error
		says string
	}{
		{s, "none?token=secret", storage.ErrNotExist, "does not exist"},
		{s, "no", storage.ErrPermission, "permission denied"},
		{s, "who", storage.ErrCredentials, "wants to know who asks"},
		{s, "busy", storage.ErrUnavailable, "503 Service Unavailable"},
		{s, "half", storage.ErrUnavailable, "unexpected EOF"},
		{s, "a/../../b", storage.ErrPermission, "not plain"},
		{nowhere, "a", storage.ErrUnavailable, "there is no host no-such-host.invalid"},
	} {
		_, _, err := test.s.Read(t.Context(), test.name)
		if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Read(%q): %v", test.name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Read(ctx, "a.ipynb"); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
	if _, err := s.Write(t.Context(), "a.ipynb", bytes.NewBufferString("x").Bytes(), storage.None); !errors.Is(err, storage.ErrReadOnly) {
		t.Errorf("a write: %v", err)
	}
}
