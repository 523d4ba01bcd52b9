package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"nbterm/engine/kernel/gateway/gatewaytest"
	"nbterm/engine/notebook"
	"nbterm/storage/s3/s3test"
)

// object is what a bucket has under a key; ok is false where there is nothing.
func object(t *testing.T, gateway, bucket, key string) (body string, ok bool) {
	t.Helper()
	got, err := s3test.Client(gateway).GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return "", false
	}
	defer func() { _ = got.Body.Close() }()
	data, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), true
}

func small(source string) string {
	doc := notebook.New("nbterm-python", "Python (embedded)", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, source), notebook.NewCell(notebook.Code, "print('untouched')"))
	return string(doc.Bytes())
}

func TestE2EABucketAMountAndAServerInOneWindowAndACopyThatGoesOn(t *testing.T) {
	t.Parallel()
	gateway := s3test.Gateway(t, "team")
	s3test.PutObject(t, s3test.Client(gateway), "team", "runs/report.ipynb", small("x = 1"), "application/json", nil)
	server := gatewaytest.Serve(t)
	stuck := func(_ int, r *http.Request) s3test.Action {
		return s3test.Action{Hang: r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/2.txt")}
	}
	proxy := s3test.Before(t, gateway, stuck)
	dir := t.TempDir()
	for i := range 4 {
		put(t, filepath.Join(dir, "src", fmt.Sprint(i)+".txt"), strings.Repeat(fmt.Sprint(i), 1000))
	}
	put(t, filepath.Join(dir, "efs/ann/weekly.ipynb"), small("y = 1"))
	writeConfig(t, dir, "[mounts]\nhomes = \""+filepath.Join(dir, "efs")+"\"\n")
	env := append(append(sandbox(t, dir), onGateway(proxy.URL)...), "JUPYTER_TOKEN="+gatewaytest.Token)
	p := startPane(t, dir, env, "nbterm")
	if out, err := p.tmux("resize-window", "-x", "110", "-y", "36"); err != nil {
		t.Fatal(out)
	}
	p.see("src", "efs://homes")
	for address, shows := range map[string]string{
		"s3://team/runs": "report.ipynb", "efs://homes/ann": "weekly.ipynb", "jupyter+" + strings.TrimSuffix(server.URL, "/"): "jupyter+http",
	} {
		p.keys("o", "-"+address, "Enter")
		p.see(shows)
	}
	p.see("report.ipynb", "weekly.ipynb", "efs://homes/ann", "s3://team/runs")
	p.keys("g", "/", "-src", "Enter", "c")
	p.see("copy src to")
	p.keys("C-u", "-s3://team/up/", "Enter")
	p.see("copying src", "% of 4.0 kB", "esc stops")
	p.keys("Escape")
	p.see("stopped copying", "do it again to go on")
	if _, ok := object(t, gateway, "team", "up/src/1.txt"); !ok {
		t.Error("what was copied before the stop is not there")
	}
	proxy.Set(nil)
	p.keys("c")
	p.see("copy src to")
	p.keys("C-u", "-s3://team/up/", "Enter")
	p.see("copying is done")
	for i := range 4 {
		if body, ok := object(t, gateway, "team", fmt.Sprintf("up/src/%d.txt", i)); !ok || body != strings.Repeat(fmt.Sprint(i), 1000) {
			t.Errorf("%d.txt: there %v, %d bytes", i, ok, len(body))
		}
	}
	p.keys("Escape", "C-q")
}

func TestE2ETwoEditorsOfOneCellOnS3LoseNothing(t *testing.T) {
	t.Parallel()
	gateway := s3test.Gateway(t, "team")
	s3test.PutObject(t, s3test.Client(gateway), "team", "nb.ipynb", small("print('begin')"), "application/json", nil)
	dir := t.TempDir()
	env := append(sandbox(t, dir), onGateway(gateway)...)
	far := t.TempDir()
	other := append(sandbox(t, far), onGateway(gateway)...)
	t.Cleanup(func() { endSessions(t, env, dir); endSessions(t, other, far) }) // while S3 can be reached
	a := startPane(t, dir, env, "nbterm", "s3://team/nb.ipynb", "--kernel", "nbterm-python")
	b := startPane(t, t.TempDir(), other, "nbterm", "s3://team/nb.ipynb", "--kernel", "nbterm-python")
	for _, p := range []*pane{a, b} {
		p.see("begin", "COMMAND", "idle")
		p.keys("Enter")
		p.see("EDIT")
	}
	b.keys("End", "- # of B")
	b.see("# of B")
	a.keys("End", "- # of A")
	a.see("# of A")
	b.keys("C-s")
	b.see(" saved ")
	a.keys("C-s")
	a.until("the question", func(s string) bool {
		return containsAll(s, []string{"was changed in both", "# of A", "# of B"}) || strings.Contains(s, "merge theirs into mine")
	})
	a.keys("-m")
	a.see("was changed in both", "# of A", "# of B", "b both")
	a.keys("-b")
	a.gone("was changed in both")
	a.keys("Escape")
	a.see("COMMAND")
	a.keys("M-r")
	a.see("untouched\n", "idle")
	a.keys("C-s")
	a.see(" saved ")
	var body string
	a.until("both texts on S3", func(string) bool {
		body, _ = object(t, gateway, "team", "nb.ipynb")
		return containsAll(body, []string{"# of A", "# of B", `"untouched\n"`})
	})
}

// What goes wrong between here and S3, once in the workspace and once in ls: a sentence
// each, and the work goes on.
func TestE2EFaultsOfS3AreOneSentenceEach(t *testing.T) {
	t.Parallel()
	gateway := s3test.Gateway(t, "team")
	s3test.PutObject(t, s3test.Client(gateway), "team", "runs/report.ipynb", small("x = 1"), "application/json", nil)
	proxy := s3test.Before(t, gateway, nil)
	dir := t.TempDir()
	put(t, filepath.Join(dir, "here.txt"), "x")
	writeConfig(t, dir, "[cache]\nmegabytes = 0\n") // or what was read before is shown, and said to be that
	env := append(append(sandbox(t, dir), onGateway(proxy.URL)...), "AWS_MAX_ATTEMPTS=1")
	lost := append(env[:len(env):len(env)], "AWS_ENDPOINT_URL=http://s3.nowhere.invalid")
	p := startPane(t, dir, env, "nbterm")
	if out, err := p.tmux("resize-window", "-x", "140", "-y", "30"); err != nil {
		t.Fatal(out)
	}
	p.see("here.txt")
	p.keys("o", "-s3://team/runs", "Enter")
	p.see("report.ipynb")
	always := func(a s3test.Action) s3test.Fault { return func(int, *http.Request) s3test.Action { return a } }
	for _, c := range []struct {
		name, says string
		fault      s3test.Action
	}{
		{"expired", "have expired", s3test.Action{Status: 403, Code: "ExpiredToken"}},
		{"403", "permission denied to these credentials", s3test.Action{Status: 403, Code: "AccessDenied"}},
		{"404", "bucket team", s3test.Action{Status: 404, Code: "NoSuchBucket"}},
		{"503", "503 Service Unavailable", s3test.Action{Status: 503, Code: "ServiceUnavailable"}},
		{"slow down", "slow down", s3test.Action{Status: 503, Code: "SlowDown"}},
		{"half", "broke off", s3test.Action{Cut: 40}},
	} {
		proxy.Set(always(c.fault))
		status, _, stderr := callIn(t, dir, env, "ls", "s3://team/runs")
		t.Logf("%s: %d %s", c.name, status, stderr)
		if status != exitStorage || !strings.Contains(stderr, c.says) || strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
			t.Errorf("%s: %d %q", c.name, status, stderr)
		}
		p.keys("r")
		p.until(c.name, func(screen string) bool { return strings.Contains(strings.Join(strings.Fields(screen), " "), c.says) })
		p.see("report.ipynb", "here.txt") // what was known stays
		proxy.Set(nil)
		p.keys("r")
		p.gone("✗")
	}
	status, _, stderr := callIn(t, dir, lost, "ls", "s3://team/runs")
	t.Logf("dns: %d %s", status, stderr)
	if status != exitStorage || !strings.Contains(stderr, "there is no host") {
		t.Errorf("dns: %d %q", status, stderr)
	}
}

func TestNotebooksPassARealS3ServerUnchanged(t *testing.T) {
	gateway := s3test.Gateway(t, "bucket")
	for _, e := range onGateway(gateway) {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	files, err := filepath.Glob(filepath.Join(corpus, "*.ipynb"))
	if err != nil || len(files) < 40 {
		t.Fatalf("only %d files: %v", len(files), err)
	}
	a := testApp(t, t.TempDir(), os.Environ()...)
	for i, file := range files {
		through(t, a, fmt.Sprintf("s3://bucket/%d.ipynb", i), file)
	}
}
