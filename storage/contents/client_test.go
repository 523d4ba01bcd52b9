package contents_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nbterm/storage/contents"
)

func TestAddressesAreTakenAsPeopleCopyThem(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]string{
		"http://localhost:8888":                          {"http://localhost:8888/", ""},
		"http://localhost:8888/?token=abc":               {"http://localhost:8888/", "abc"},
		"http://localhost:8888/lab?token=abc":            {"http://localhost:8888/", "abc"},
		"http://h:1/user/zoe/lab/tree/a.ipynb?token=abc": {"http://h:1/user/zoe/", "abc"},
		"https://hub.example.org/user/z%C3%B6e/tree":     {"https://hub.example.org/user/z%C3%B6e/", ""},
		"https://hub.example.org/labs/tree/x":            {"https://hub.example.org/labs/", ""},
		"http://u:p@h:1/":                                {"http://h:1/", ""},
	} {
		base, token, err := contents.Split(address)
		if base != want[0] || token != want[1] || err != nil {
			t.Errorf("%s: %q %q %v", address, base, token, err)
		}
	}
	for _, address := range []string{"", "localhost:8888", "ftp://h/", "http://", "file:///x", "http://[::1"} {
		if base, _, err := contents.Split(address); err == nil {
			t.Errorf("%q is taken as %q", address, base)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("http://h:1/user/zoe/lab/tree/a.ipynb?token=abc")
	f.Fuzz(func(t *testing.T, address string) {
		base, _, err := contents.Split(address)
		if err != nil {
			return
		}
		if again, token, err := contents.Split(base); again != base || token != "" || err != nil {
			t.Errorf("%q gives %q, and that %q %q %v", address, base, again, token, err)
		}
	})
}

// answers is a server that says one thing to everything, and what it was asked.
func answers(t *testing.T, status int, body string, header ...string) (*contents.Client, <-chan *http.Request) {
	t.Helper()
	asked := make(chan *http.Request, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := contents.New(s.URL+"/base/", contents.Options{Token: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, asked
}

func TestRequestsCarryTheTokenInAHeaderOnly(t *testing.T) {
	t.Parallel()
	c, asked := answers(t, 200, `{"id":"a/b","name":"python3","execution_state":"idle"}`)
	k, err := c.Kernel(t.Context(), "a/b")
	if err != nil || k.State != "idle" {
		t.Fatalf("%+v, %v", k, err)
	}
	r := <-asked
	if r.Header.Get("Authorization") != "token s3cret" || r.RequestURI != "/base/api/kernels/a%2Fb" {
		t.Errorf("asked %s with %v", r.RequestURI, r.Header)
	}
}

func TestEveryFailureIsOneSentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		header []string
		kind   error
		says   string
	}{
		"wrong token":    {403, `{"message":"Forbidden","reason":null}`, nil, contents.ErrToken, "wrong or has expired"},
		"no cookie":      {403, `{"message":"'_xsrf' argument missing from POST","reason":null}`, nil, contents.ErrToken, "wrong or has expired"},
		"not allowed":    {403, `{"message":"","reason":"kernels are off here"}`, nil, contents.ErrForbidden, "kernels are off here"},
		"login page":     {302, "", []string{"Location", "/login?next=x&token=s3cret"}, contents.ErrNotJupyter, "redirects to /login"},
		"a web site":     {200, "<html>", nil, contents.ErrNotJupyter, "no JSON"},
		"nothing there":  {404, "<html>", nil, contents.ErrNotJupyter, "no /api"},
		"proxy":          {502, "<html>", nil, contents.ErrUnreachable, "502"},
		"failure":        {500, `{"message":"Unhandled error","reason":null,"traceback":"a\nb\nNoSuchKernel: x\n"}`, nil, contents.ErrServer, "NoSuchKernel: x"},
		"its traceback":  {500, `{"message":"Exception restarting kernel","traceback":["a\n","OSError: y\n"]}`, nil, contents.ErrServer, "OSError: y"},
		"without a word": {500, ``, nil, contents.ErrServer, "500 Internal Server Error"},
		"another object": {200, `{"a":1}`, nil, contents.ErrNotJupyter, "id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := answers(t, c.status, c.body, c.header...)
			_, err := client.StartKernel(t.Context(), "python3", "")
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v; want %v, %q", err, c.kind, c.says)
			}
		})
	}
}

func TestASilentServerIsGivenUp(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and that is all
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := contents.New("http://"+l.Addr().String(), contents.Options{Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Version(t.Context())
	if !errors.Is(err, contents.ErrUnreachable) || errors.Is(err, contents.ErrRefused) || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Version(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestKernelSpecsComeWithTheDefaultFirst(t *testing.T) {
	t.Parallel()
	c, _ := answers(t, 200, `{"default":"python3","kernelspecs":{
		"ir":{"name":"ir","spec":{"display_name":"R","language":"R"}},
		"python3":{"name":"python3","spec":{"display_name":"Python 3","language":"python","interrupt_mode":"signal"}},
		"bash":{"name":"bash","spec":{"display_name":"Bash","language":"bash"}}}}`)
	specs, err := c.KernelSpecs(t.Context())
	if err != nil || len(specs) != 3 || specs[0].Name != "python3" || !specs[0].Default || specs[1].Name != "bash" || specs[2].Language != "R" {
		t.Errorf("%+v, %v", specs, err)
	}
}
