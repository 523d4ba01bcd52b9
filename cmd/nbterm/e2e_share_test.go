package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nbterm/engine/notebook"
	"nbterm/storage/s3/s3test"
)

// client reads a share as jupyter_server's own tests read a server: each model that
// comes is judged by its validate_model.
const client = `
import json, sys, urllib.request, urllib.parse
from jupyter_server.services.contents.handlers import validate_model
base, token = sys.argv[1], sys.argv[2]
def get(path, **query):
    url = base + "/api/contents/" + urllib.parse.quote(path) + "?" + urllib.parse.urlencode(query)
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": "token " + token})) as r:
        return json.load(r)
seen = []
def walk(path):
    model = get(path)
    validate_model(model, expect_content=True)
    validate_model(get(path, content=0), expect_content=False)
    seen.append(model["type"] + ":" + model["path"])
    if model["type"] == "directory":
        for m in model["content"]:
            validate_model(m, expect_content=False)
            walk(m["path"])
    if model["type"] == "notebook":
        import nbformat
        nbformat.validate(nbformat.from_dict(model["content"]))
walk("")
print(" ".join(sorted(seen)))
`

func TestE2EAJupyterClientReadsAShareOfABucket(t *testing.T) {
	t.Parallel()
	gateway := s3test.Gateway(t, "team")
	book, err := os.ReadFile(filepath.Join(corpus, firstOf(t, corpus)))
	if err != nil {
		t.Fatal(err)
	}
	for key, body := range map[string]string{"runs/daily/report.ipynb": string(book), "runs/notes.txt": "words", "runs/blob.bin": "\x00\xff", "other/secret.txt": "no"} {
		s3test.PutObject(t, s3test.Client(gateway), "team", key, body, "application/octet-stream", nil)
	}
	env := append(sandbox(t, t.TempDir()), onGateway(gateway)...)
	address := served(t, env, "s3://team/runs")
	base, token, _ := strings.Cut(address, "/?token=")
	out, err := exec.Command("/usr/bin/python3", "-c", client, base, token).CombinedOutput()
	want := "directory: directory:daily file:blob.bin file:notes.txt notebook:daily/report.ipynb\n"
	if err != nil || string(out) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
	c, base := reader(address)
	if page := fetch(t, c, base+"/view/"); !strings.Contains(page, "daily/") || strings.Contains(page, "secret") {
		t.Errorf("the page of the folder:\n%s", page)
	}
	if page := fetch(t, c, base+"/view/daily/report.ipynb"); !strings.Contains(page, `class="nb"`) {
		t.Errorf("the page of the notebook:\n%.2000s", page)
	}
	for _, out := range []string{"/files/../other/secret.txt", "/files/%2e%2e/other/secret.txt", "/api/contents/..%2fother%2fsecret.txt"} {
		if page := fetch(t, c, base+out); strings.Contains(page, `"content":"no"`) || page == "no" {
			t.Errorf("%s leads out of the root", out)
		}
	}
}

// onGateway is the environment that leads to an S3 server of a test.
func onGateway(url string) []string {
	return []string{"AWS_ENDPOINT_URL=" + url, "AWS_ACCESS_KEY_ID=" + s3test.Access, "AWS_SECRET_ACCESS_KEY=" + s3test.Secret, "AWS_REGION=" + s3test.Region, "AWS_EC2_METADATA_DISABLED=true"}
}

// corpus is where the public notebooks are.
const corpus = "../../engine/notebook/testdata/corpus"

// firstOf is the first notebook of a folder.
func firstOf(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no notebook in %s: %v", dir, err)
	}
	return filepath.Base(names[0])
}

// resident is the memory of a process in bytes.
func resident(t *testing.T, pid string) int64 {
	t.Helper()
	data, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	var kb int64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

func TestE2ETwoHundredIdleReadersCostLittle(t *testing.T) {
	t.Parallel()
	home, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "nb.ipynb"), megabyte(), 0o600); err != nil {
		t.Fatal(err)
	}
	address := served(t, sandbox(t, home), dir)
	base, token, _ := strings.Cut(address, "/?token=")
	var readers sync.WaitGroup
	faults := make(chan error, 200)
	for range 200 {
		c := &http.Client{Transport: &http.Transport{}, Timeout: patience}
		t.Cleanup(c.CloseIdleConnections)
		readers.Go(func() {
			r, err := http.NewRequest(http.MethodGet, base+"/view/nb.ipynb", nil)
			if err == nil {
				r.Header.Set("Authorization", "Bearer "+token)
				var resp *http.Response
				if resp, err = c.Do(r); err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			}
			if err != nil {
				faults <- err
			}
		})
	}
	readers.Wait()
	close(faults)
	for err := range faults {
		t.Fatal(err)
	}
	for _, p := range processesOf(home) {
		pid, line, _ := strings.Cut(p, " ")
		if strings.Contains(line, "serve") {
			used := resident(t, pid)
			t.Logf("200 readers: %d MB resident", used>>20)
			if used > 100<<20 {
				t.Errorf("%d MB", used>>20)
			}
			return
		}
	}
	t.Fatal("the server was not found")
}

// megabyte is a notebook of 1 MB.
func megabyte() []byte {
	doc := notebook.New("python3", "Python 3", "python")
	for i := range 100 {
		c := notebook.NewCell(notebook.Code, fmt.Sprintf("print(%d)\n", i))
		doc.Insert(i, c.WithOutputs([]*notebook.Output{notebook.NewStream("stdout", strings.Repeat(fmt.Sprintf("line %d of some text\n", i), 500))}))
	}
	return doc.Bytes()
}

// BenchmarkServe1MB is one reader's requests for the page of a 1 MB notebook through a
// socket to the program, as a browser makes them: gzip, and once it has the page by its
// ETag. req/s-core is of the server's processor time.
func BenchmarkServe1MB(b *testing.B) {
	for _, kind := range []string{"gzip", "unchanged"} {
		b.Run(kind, func(b *testing.B) {
			dir, bin := b.TempDir(), filepath.Join(b.TempDir(), "nbterm")
			if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
			if err := os.WriteFile(filepath.Join(dir, "nb.ipynb"), megabyte(), 0o600); err != nil {
				b.Fatal(err)
			}
			cmd := exec.Command(bin, "serve", "--addr", "127.0.0.1:0", "--no-token", dir)
			cmd.Env = append(os.Environ(), "HOME="+b.TempDir(), "XDG_STATE_HOME=", "GOMAXPROCS=1")
			var said syncBuffer
			cmd.Stdout = &said
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
			base := ""
			for late := time.Now().Add(patience); base == ""; {
				if _, rest, ok := strings.Cut(said.String(), "http://"); ok && strings.Contains(rest, "\n") {
					base = "http://" + strings.TrimRight(strings.SplitN(rest, "\n", 2)[0], "/")
				}
				if time.Now().After(late) {
					b.Fatal("no address")
				}
			}
			c, tag := &http.Client{Transport: &http.Transport{DisableCompression: true}}, ""
			get := func() {
				r, err := http.NewRequest(http.MethodGet, base+"/view/nb.ipynb", nil)
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Accept-Encoding", "gzip")
				if kind == "unchanged" && tag != "" {
					r.Header.Set("If-None-Match", tag)
				}
				resp, err := c.Do(r)
				if err != nil || resp.StatusCode != 200 && resp.StatusCode != 304 {
					b.Fatal(err, resp)
				}
				tag = resp.Header.Get("ETag")
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
			get()
			before := spentBy(b, cmd.Process.Pid)
			for b.Loop() {
				get()
			}
			b.ReportMetric(float64(b.N)/(spentBy(b, cmd.Process.Pid)-before).Seconds(), "req/s-core")
		})
	}
}

// spentBy is the processor time of a process.
func spentBy(b *testing.B, pid int) time.Duration {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// syncBuffer may be read while a process writes.
type syncBuffer struct {
	mu  sync.Mutex // guards all
	all bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}
