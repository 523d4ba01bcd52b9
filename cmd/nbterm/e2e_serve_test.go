package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// served starts `nbterm serve` and gives its address, with the token.
func served(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("nbterm", append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = env
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("serve ended with %v", err)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "  http://"); ok {
			return "http://" + at
		}
	}
	t.Fatal("serve said no address")
	return ""
}

// fetch gets a page as a reader who has opened the address once.
func fetch(t *testing.T, c *http.Client, url string) string {
	t.Helper()
	r, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// bearer brings the token of an address with each request.
type bearer struct{ token string }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(r)
}

func reader(address string) (*http.Client, string) {
	base, token, _ := strings.Cut(address, "?token=")
	return &http.Client{Transport: bearer{token}, Timeout: 30 * time.Second}, strings.TrimSuffix(base, "/")
}

func TestE2EASharedSessionIsFollowedWhileItRuns(t *testing.T) {
	t.Parallel()
	_, env, path := talking(t, "nbterm-python")
	client, base := reader(served(t, env, filepath.Dir(path)))
	line := regexp.MustCompile(`line (\d+)`)
	last := func() int {
		all := line.FindAllStringSubmatch(fetch(t, client, base+"/view/nb.ipynb"), -1)
		if len(all) == 0 {
			return -1
		}
		n := 0
		if _, err := fmt.Sscan(all[len(all)-1][1], &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := last()
	for try := 0; last() <= first; try++ {
		if try > 1000 {
			t.Fatalf("the page stands still at line %d", first)
		}
	}
	stop(t, path)
	for try := 0; !strings.Contains(fetch(t, client, base+"/view/nb.ipynb"), "after "); try++ {
		if try > 1000 {
			t.Fatal("the page does not come to the end")
		}
	}
	var model map[string]any
	if err := json.Unmarshal([]byte(fetch(t, client, base+"/api/contents/nb.ipynb")), &model); err != nil || model["type"] != "notebook" {
		t.Errorf("%v %v", err, model["type"])
	}
}

// sentry is a web server that must hear of nothing.
func sentry(t *testing.T) (address string, heard *[]string) {
	t.Helper()
	var all []string
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { all = append(all, r.URL.String()) }), ReadHeaderTimeout: time.Second}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return "http://" + l.Addr().String(), &all
}

func TestE2EPagesInChromiumRunNothingAndFitAPhone(t *testing.T) {
	t.Parallel()
	needProgram(t, "chromium")
	dir := t.TempDir()
	far, heard := sentry(t)
	html := fmt.Sprintf(`<script>document.title='owned'</script><img src=x onerror="document.title='owned'"><img src=%q><svg onload="document.title='owned'"></svg><table class="dataframe"><tr><th>views</th><td>81204</td></tr></table>`, far+"/pixel.png")
	book := map[string]any{
		"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{"language_info": map[string]any{"name": "python"}},
		"cells": []any{
			map[string]any{"cell_type": "markdown", "metadata": map[string]any{}, "source": "# Report\n\n![tracker](" + far + "/track.png)\n\n" + html},
			map[string]any{"cell_type": "code", "metadata": map[string]any{}, "source": "x = '" + strings.Repeat("long ", 60) + "'", "execution_count": 1, "outputs": []any{
				map[string]any{"output_type": "display_data", "metadata": map[string]any{}, "data": map[string]any{"text/html": html}},
			}},
		},
	}
	data, err := json.Marshal(book)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "nb.ipynb"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	address := served(t, sandbox(t, t.TempDir()), dir)
	base, token, _ := strings.Cut(address, "?")
	out, err := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(), "--window-size=500,800", "--virtual-time-budget=2000", "--dump-dom", base+"view/nb.ipynb?"+token).Output()
	if err != nil {
		t.Fatal(err)
	}
	dom := string(out)
	for _, want := range []string{"<title>nb.ipynb</title>", "<h1>Report</h1>", "<td>81204</td>", "[image: tracker, on "} {
		if !strings.Contains(dom, want) {
			t.Errorf("there is no %s in\n%.3000s", want, dom)
		}
	}
	if strings.Contains(dom, "owned") || len(*heard) > 0 {
		t.Errorf("the page ran a script or loaded %v", *heard)
	}
}
