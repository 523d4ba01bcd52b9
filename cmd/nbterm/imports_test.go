package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// rule forbids the packages under from to import those under to, save except.
// Paths are prefixes of whole elements.
type rule struct {
	from, to  string
	except    []string // importers under from, or imports under to, that are free; "A > B" frees one arrow
	alsoTests bool     // holds for test files too
	why       string
}

// importRules is the import rule of docs/architecture.md. .golangci.yml says the
// same for editors; this is the one that decides.
var importRules = []rule{
	{"nbterm/storage", "nbterm", []string{"nbterm/storage"}, true,
		"storage knows nothing of ours: it is a seam that others stand on"},
	{"nbterm/storage", "charm.land", nil, true, "storage draws nothing"},
	{"nbterm/storage", "github.com/charmbracelet", nil, true, "storage draws nothing"},

	{"nbterm/engine", "nbterm/cmd", nil, true, "engine works without a command line"},
	{"nbterm/engine", "nbterm/tui", nil, true, "engine works without a screen"},
	{"nbterm/engine", "nbterm/render", nil, true, "engine works without a screen"},
	{"nbterm/engine", "nbterm/storage", []string{"=nbterm/storage", "nbterm/engine/kernel/gateway > nbterm/storage/contents"}, false,
		"engine sees stores through the Store seam; cmd picks the backend. Only the client of Jupyter Servers is shared, so that there is one"},
	{"nbterm/engine", "charm.land", nil, true, "engine draws nothing"},
	{"nbterm/engine", "github.com/charmbracelet", nil, true, "engine draws nothing"},
	{"nbterm/engine", "github.com/alecthomas/chroma", nil, true, "engine draws nothing"},
	{"nbterm/engine", "github.com/spf13", nil, true, "engine works without a command line"},

	{"nbterm/render", "nbterm", []string{"nbterm/render", "nbterm/engine/mime", "nbterm/engine/table", "nbterm/engine/notebook", "nbterm/engine/widget"}, true,
		"render is pure: it may use only the pure engine packages mime, table, notebook and widget"},
	{"nbterm/render", "charm.land/bubbletea", nil, true, "render turns content into rows; the screen is tui's"},
	{"nbterm/render", "net/http", nil, false, "render opens nothing: it is given its content"},

	{"nbterm/tui", "nbterm/cmd", nil, true, "cmd wires the screens, not the other way round"},
	{"nbterm/tui", "nbterm/storage", []string{"=nbterm/storage"}, false,
		"screens see stores through the Store seam; cmd picks the backend"},
	{"nbterm/tui", "nbterm/engine/kernel/zmq", nil, false, "screens reach kernels through a host; cmd picks the transport"},
	{"nbterm/tui", "nbterm/engine/kernel/bridge", nil, false, "screens reach kernels through a host; cmd picks the transport"},
	{"nbterm/tui", "nbterm/engine/kernel/gateway", nil, false, "screens reach kernels through a host; cmd picks the transport"},

	{"nbterm", "github.com/go-zeromq", []string{"nbterm/engine/kernel/zmq"}, true,
		"its known defects are dealt with in one place, engine/kernel/zmq"},
	{"nbterm", "github.com/coder/websocket", []string{"nbterm/engine/kernel/gateway"}, true,
		"one place knows how a link to a Jupyter Server breaks, engine/kernel/gateway"},
	{"nbterm", "github.com/charmbracelet/bubbletea", nil, true, "version 2 lives at charm.land/bubbletea/v2"},
	{"nbterm", "github.com/charmbracelet/lipgloss", nil, true, "version 2 lives at charm.land/lipgloss/v2"},
	{"nbterm", "C", nil, true, "one static binary: no cgo"},
}

// screens are the folders of tui that are whole screens; one never imports
// another, the App routes between them.
var screens = []string{"notebook", "browser", "explorer", "runs", "form", "diff", "sessions", "pager", "output"}

// goPackage is what we read of go list -json.
type goPackage struct {
	ImportPath, Dir                    string
	Imports, TestImports, XTestImports []string
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range goPackages(t) {
		for _, fault := range faultsIn(p) {
			t.Error(fault)
		}
	}
}

// faultsIn lists the forbidden arrows out of p, each with its reason.
func faultsIn(p goPackage) []string {
	var faults []string
	tests := append(slices.Clone(p.TestImports), p.XTestImports...)
	for _, r := range append(slices.Clone(importRules), screenRules(p.ImportPath)...) {
		imports := p.Imports
		if r.alsoTests {
			imports = append(slices.Clone(imports), tests...)
		}
		for _, to := range imports {
			if r.forbids(p.ImportPath, to) {
				faults = append(faults, p.ImportPath+" imports "+to+": "+r.why)
			}
		}
	}
	if !isTestHelper(p.ImportPath) {
		for _, to := range p.Imports {
			if to == "testing" || strings.HasPrefix(to, "nbterm/") && isTestHelper(to) {
				faults = append(faults, p.ImportPath+" imports "+to+" outside its tests: what only tests need stays out of the binary")
			}
		}
	}
	return faults
}

func (r rule) forbids(from, to string) bool {
	free := func(prefix string) bool {
		if one, other, arrow := strings.Cut(prefix, " > "); arrow {
			return from == one && to == other
		}
		if exact, ok := strings.CutPrefix(prefix, "="); ok {
			return to == exact
		}
		return under(to, prefix) || prefix != r.from && under(from, prefix)
	}
	return under(from, r.from) && under(to, r.to) && !slices.ContainsFunc(r.except, free)
}

// screenRules forbids the screen that p belongs to every other screen.
func screenRules(p string) []rule {
	var rules []rule
	for _, from := range screens {
		for _, to := range screens {
			if from != to && under(p, "nbterm/tui/"+from) {
				rules = append(rules, rule{from: "nbterm/tui/" + from, to: "nbterm/tui/" + to, why: "a screen never imports another; the App routes between them"})
			}
		}
	}
	return rules
}

// isTestHelper says whether a package exists for tests, such as storagetest.
func isTestHelper(importPath string) bool {
	name := path.Base(importPath)
	return strings.HasSuffix(name, "test") || name == "golden"
}

func under(p, prefix string) bool {
	return p == prefix || strings.HasPrefix(p, strings.TrimSuffix(prefix, "/")+"/")
}

func goPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = "../.."
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

func TestImportRulesForbidWhatTheyName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		inTest   bool
		ok       bool
	}{
		{from: "nbterm/storage/local", to: "nbterm/storage", ok: true},
		{from: "nbterm/storage/local", to: "nbterm/engine/mime"},
		{from: "nbterm/storage/local", to: "nbterm/engine/mime", inTest: true},
		{from: "nbterm/engine/run", to: "nbterm/storage", ok: true},
		{from: "nbterm/engine/run", to: "nbterm/storage/local"},
		{from: "nbterm/engine/run", to: "nbterm/storage/local", inTest: true, ok: true},
		{from: "nbterm/engine/kernel/gateway", to: "nbterm/storage/contents", ok: true},
		{from: "nbterm/engine/kernel/gateway", to: "nbterm/storage/local"},
		{from: "nbterm/engine/kernel/zmq", to: "nbterm/storage/contents"},
		{from: "nbterm/engine/run", to: "nbterm/render"},
		{from: "nbterm/engine/host", to: "charm.land/lipgloss/v2"},
		{from: "nbterm/engine/kernel/zmq", to: "github.com/go-zeromq/zmq4", ok: true},
		{from: "nbterm/engine/host", to: "github.com/go-zeromq/zmq4"},
		{from: "nbterm/render/tables", to: "nbterm/engine/table", ok: true},
		{from: "nbterm/render/tables", to: "nbterm/render/term", ok: true},
		{from: "nbterm/render/tables", to: "nbterm/engine/tables"},
		{from: "nbterm/render", to: "nbterm/engine/session"},
		{from: "nbterm/tui", to: "nbterm/engine/session", ok: true},
		{from: "nbterm/tui", to: "nbterm/engine/kernel/zmq"},
		{from: "nbterm/tui/browser", to: "nbterm/tui/notebook"},
		{from: "nbterm/tui/browser", to: "nbterm/tui/kit", ok: true},
		{from: "nbterm/cmd/nbterm", to: "nbterm/engine/kernel/zmq", ok: true},
		{from: "nbterm/engine/host", to: "nbterm/engine/kernel/kerneltest"},
		{from: "nbterm/engine/host", to: "nbterm/engine/kernel/kerneltest", inTest: true, ok: true},
		{from: "nbterm/engine/host", to: "testing"},
		{from: "nbterm/engine/kernel/kerneltest", to: "testing", ok: true},
	} {
		p := goPackage{ImportPath: c.from, Imports: []string{c.to}}
		if c.inTest {
			p = goPackage{ImportPath: c.from, XTestImports: []string{c.to}}
		}
		if faults := faultsIn(p); (len(faults) == 0) != c.ok {
			t.Errorf("%s -> %s (in a test: %v): got %q", c.from, c.to, c.inTest, faults)
		}
	}
}
