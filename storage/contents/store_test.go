package contents_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/contents"
	"nbterm/storage/storagetest"
)

// jupyter starts Debian's Jupyter Server on a folder, for the length of the test.
func jupyter(t *testing.T) (url, root string) {
	t.Helper()
	program, err := exec.LookPath("jupyter-server")
	if err != nil {
		if os.Getenv("NBTERM_REQUIRE_KERNELS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	home := t.TempDir()
	root = filepath.Join(home, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd := exec.Command(program, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port="+port, "--ServerApp.port_retries=0",
		"--ServerApp.token=s3cret", "--ServerApp.root_dir="+root)
	cmd.Env = append(os.Environ(), "HOME="+home, "JUPYTER_RUNTIME_DIR="+home+"/run", "JUPYTER_CONFIG_DIR="+home+"/config", "JUPYTER_TOKEN=")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &said, &said, root
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	url = "http://127.0.0.1:" + port + "/"
	c := client(t, url)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 1200 {
		select {
		case <-ended:
			t.Fatalf("jupyter-server ended: %s", said.String())
		case <-tick.C:
		}
		if _, err := c.Version(t.Context()); err == nil {
			return url, root
		}
	}
	t.Fatal("jupyter-server does not answer")
	return "", ""
}

func client(t *testing.T, url string) *contents.Client {
	t.Helper()
	c, err := contents.New(url, contents.Options{Token: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// inside is a folder of a server, so that one server does for all tests.
type inside struct {
	s   *contents.Store
	dir string
}

func (in inside) at(name string) string {
	if name == "" || strings.HasPrefix(name, "/") {
		return name
	}
	return in.dir + "/" + name
}
func (in inside) cut(info storage.Info) storage.Info {
	info.Path = strings.TrimPrefix(info.Path, in.dir+"/")
	return info
}
func (in inside) Stat(ctx context.Context, name string) (storage.Info, error) {
	info, err := in.s.Stat(ctx, in.at(name))
	return in.cut(info), err
}
func (in inside) Read(ctx context.Context, name string) ([]byte, storage.Info, error) {
	data, info, err := in.s.Read(ctx, in.at(name))
	return data, in.cut(info), err
}
func (in inside) Write(ctx context.Context, name string, data []byte, was storage.Revision) (storage.Info, error) {
	info, err := in.s.Write(ctx, in.at(name), data, was)
	return in.cut(info), err
}
func (in inside) List(ctx context.Context, dir, page string) (storage.Page, error) {
	if dir == "" {
		dir = in.dir
	} else {
		dir = in.at(dir)
	}
	got, err := in.s.List(ctx, dir, page)
	for i := range got.Entries {
		got.Entries[i] = in.cut(got.Entries[i])
	}
	return got, err
}
func (in inside) Remove(ctx context.Context, name string, was storage.Revision) error {
	return in.s.Remove(ctx, in.at(name), was)
}
func (in inside) MakeDir(ctx context.Context, name string) error {
	return in.s.MakeDir(ctx, in.at(name))
}
func (in inside) Move(ctx context.Context, from, to string) error {
	return in.s.Move(ctx, in.at(from), in.at(to))
}

func TestStoreOnAJupyterServer(t *testing.T) {
	t.Parallel()
	url, root := jupyter(t)
	s := contents.NewStore(client(t, url))
	var n atomic.Int64
	storagetest.Run(t, func(t *testing.T) storagetest.Place {
		dir := fmt.Sprintf("t%d", n.Add(1))
		if err := os.MkdirAll(filepath.Join(root, dir, "folder"), 0o755); err != nil {
			t.Fatal(err)
		}
		return storagetest.Place{
			Store: inside{s, dir}, Folder: "folder", Racy: true,
			Names: []string{"-", "a b.ipynb", "ü😀.ipynb", "~", "#?&*", "a+b", "%2e%2e", "100%"},
		}
	})
}

// A notebook is bytes to us, whatever a server would make of it.
func TestANotebookIsNotWrittenAnew(t *testing.T) {
	t.Parallel()
	url, root := jupyter(t)
	s := contents.NewStore(client(t, url))
	odd := []byte("{\"nbformat\":4 , \"nbformat_minor\":2,\"metadata\":{ },\r\n\"cells\":[]}")
	if err := os.WriteFile(filepath.Join(root, "a.ipynb"), odd, 0o600); err != nil {
		t.Fatal(err)
	}
	data, info, err := s.Read(t.Context(), "a.ipynb")
	if err != nil || !bytes.Equal(data, odd) {
		t.Fatalf("read %q, %v", data, err)
	}
	odd = append(odd, ' ')
	if _, err := s.Write(t.Context(), "a.ipynb", odd, info.Revision); err != nil {
		t.Fatal(err)
	}
	if there, err := os.ReadFile(filepath.Join(root, "a.ipynb")); err != nil || !bytes.Equal(there, odd) {
		t.Errorf("the disk has %q, %v", there, err)
	}
	// Somebody else's save is seen, a mere touch is none.
	_, info, err = s.Read(t.Context(), "a.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(root, "a.ipynb"), later, later); err != nil {
		t.Fatal(err)
	}
	if info, err = s.Write(t.Context(), "a.ipynb", append(odd, '\n'), info.Revision); err != nil {
		t.Errorf("a file that was only touched is told as changed: %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, "a.ipynb"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(t.Context(), "a.ipynb", odd, info.Revision); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("a foreign save was overwritten: %v", err)
	}
}

// Commuter has /api/contents to read, and gives notebooks as JSON.
func TestAServerToReadOnly(t *testing.T) {
	t.Parallel()
	body := "{\"cells\": [],\n \"nbformat\": 4}\n"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /files/a.ipynb", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
	mux.HandleFunc("GET /api/contents/a.ipynb", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"name":"a.ipynb","path":"a.ipynb","type":"notebook","format":"json","last_modified":"2026-11-19T10:00:00Z","content":%s}`, body)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s := contents.NewStore(client(t, server.URL))
	data, info, err := s.Read(t.Context(), "a.ipynb")
	if err != nil || string(data) != body {
		t.Fatalf("read %q, %v", data, err)
	}
	_, err = s.Write(t.Context(), "a.ipynb", []byte("x"), info.Revision)
	if !errors.Is(err, storage.ErrReadOnly) {
		t.Errorf("a write to it: %v", err)
	}
	_, err = s.Write(t.Context(), "b.ipynb", []byte("x"), storage.None)
	if !errors.Is(err, storage.ErrReadOnly) {
		t.Errorf("a creation there: %v", err)
	}
}
