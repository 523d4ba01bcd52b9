package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"nbterm/cmd/nbterm/config"
)

func TestFoldersFollowTheXDGSpecification(t *testing.T) {
	t.Parallel()
	fallback := "/tmp/nbterm-" + strconv.Itoa(os.Getuid())
	for name, c := range map[string]struct {
		environ                []string
		config, state, runtime string
	}{
		"home only":          {[]string{"HOME=/h"}, "/h/.config/nbterm/config.toml", "/h/.local/state/nbterm", fallback},
		"all set":            {[]string{"XDG_CONFIG_HOME=/c", "XDG_STATE_HOME=/s", "XDG_RUNTIME_DIR=/r"}, "/c/nbterm/config.toml", "/s/nbterm", "/r/nbterm"},
		"relative is as bad": {[]string{"HOME=/h", "XDG_CONFIG_HOME=c", "XDG_RUNTIME_DIR=r"}, "/h/.config/nbterm/config.toml", "/h/.local/state/nbterm", fallback},
		"nothing set":        {nil, "", "", fallback},
		"too long":           {[]string{"XDG_RUNTIME_DIR=/" + strings.Repeat("r", 80)}, "", "", fallback},
	} {
		a := &app{environ: c.environ}
		state, _ := a.statePath()
		if a.configPath() != c.config || state != c.state || a.runtimePath() != c.runtime {
			t.Errorf("%s: got %q, %q, %q", name, a.configPath(), state, a.runtimePath())
		}
	}
}

func TestTheRuntimeFolderMustBeOursAlone(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	if len(base) > 50 { // such a base falls back to /tmp, which other tests share
		var err error
		if base, err = os.MkdirTemp("/tmp", "nbt-"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(base) })
	}
	a := &app{environ: []string{"XDG_RUNTIME_DIR=" + base}}
	dir, err := a.runtimeDir()
	if err != nil || dir != filepath.Join(base, "nbterm") {
		t.Fatalf("got %q, %v", dir, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}

	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := a.runtimeDir(); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("an open folder: got %v", err)
	}

	elsewhere := t.TempDir()
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := a.runtimeDir(); err == nil || !strings.Contains(err.Error(), "is not a folder") {
		t.Errorf("a link: got %v", err)
	}
}

func TestTheLogIsAFileThatIsSetAsideWhenLarge(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	a := &app{environ: []string{"XDG_STATE_HOME=" + state}}
	file := filepath.Join(state, "nbterm", "nbterm.log")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, make([]byte, logLimit+1), 0o600); err != nil {
		t.Fatal(err)
	}
	log, closer := a.openLog(config.Log{Level: "info"})
	log.Debug("unheard")
	log.Info("heard", "cell", 3)
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), `"msg":"heard"`) || strings.Contains(string(text), "unheard") || len(text) > 1000 {
		t.Errorf("got %.200q, %v", text, err)
	}
	if info, err := os.Stat(file + ".1"); err != nil || info.Size() != logLimit+1 {
		t.Errorf("the old log: %v", err)
	}
}

func TestWithoutAPlaceTheLogIsDropped(t *testing.T) {
	t.Parallel()
	log, closer := (&app{}).openLog(config.Log{Level: "debug"})
	log.Error("nobody hears this")
	if err := closer.Close(); err != nil {
		t.Error(err)
	}
}

func TestTildeAndExpandAreOpposites(t *testing.T) {
	t.Parallel()
	a := &app{environ: []string{"HOME=/home/kay/"}}
	for path, short := range map[string]string{"/home/kay/x": "~/x", "/home/kayak": "/home/kayak", "/": "/"} {
		if got := a.tilde(path); got != short {
			t.Errorf("tilde(%q) = %q", path, got)
		}
		if got := a.expand(short); got != path {
			t.Errorf("expand(%q) = %q", short, got)
		}
	}
}

func TestTheLastOfSeveralVariablesWins(t *testing.T) {
	t.Parallel()
	a := &app{environ: []string{"A=1", "AB=3", "A=2"}}
	if got := a.getenv("A"); got != "2" {
		t.Errorf("got %q", got)
	}
}
