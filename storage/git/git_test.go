package git_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/storage"
	"nbterm/storage/git"
)

// repo is a real repository in which a notebook was made, changed, renamed and removed.
func repo(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Zoë", "-c", "user.email=z@example.org"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %s", args, out)
		}
	}
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run("init", "-q")
	put("sub/old name.ipynb", strings.Repeat("line\n", 50))
	put("other", "x")
	run("add", ".")
	run("commit", "-qm", "first: make it")
	put("sub/old name.ipynb", strings.Repeat("line\n", 50)+"more\n")
	run("commit", "-qam", "second")
	run("mv", "sub/old name.ipynb", "sub/ü.ipynb")
	run("commit", "-qm", "third\n\nwith a body")
	put("other", "y")
	run("commit", "-qam", "of another file")
	return dir
}

func TestCommitsAreVersions(t *testing.T) {
	t.Parallel()
	dir := repo(t)
	p, err := git.Find(t.Context(), filepath.Join(dir, "sub"), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	versions, err := p.Versions(t.Context(), "ü.ipynb", 10)
	if err != nil || len(versions) != 3 {
		t.Fatalf("versions are %+v, %v", versions, err)
	}
	for i, want := range []struct {
		note string
		size int64
	}{{"third", 255}, {"second", 255}, {"first: make it", 250}} {
		v := versions[i]
		if v.Note != want.note || v.Size != want.size || v.Author != "Zoë" || v.Modified.IsZero() || v.Removed {
			t.Errorf("version %d is %+v, want %+v", i, v, want)
		}
		data, err := p.ReadVersion(t.Context(), "ü.ipynb", v.ID)
		if err != nil || int64(len(data)) != want.size {
			t.Errorf("version %s has %d bytes, %v", v.ID, len(data), err)
		}
	}
	if v, err := p.Versions(t.Context(), "ü.ipynb", 1); err != nil || len(v) != 1 {
		t.Errorf("the newest is %+v, %v", v, err)
	}
	if v, err := p.Versions(t.Context(), "never.ipynb", 9); err != nil || len(v) != 0 {
		t.Errorf("what was never there has the past %+v, %v", v, err)
	}
	commit, _, _ := strings.Cut(versions[0].ID, ":ü")
	commit = strings.Join(strings.Split(commit, ":")[:2], ":")
	if data, err := p.ReadVersion(t.Context(), "ü.ipynb", commit); err != nil || len(data) != 255 {
		t.Errorf("by the commit alone: %d bytes, %v", len(data), err)
	}
	for _, id := range []string{"git:", "git:-x:y", "git:--output=x", "git:0000000000:x", "save:x", "git::x"} {
		if _, err := p.ReadVersion(t.Context(), "ü.ipynb", id); !errors.Is(err, storage.ErrNotExist) {
			t.Errorf("ReadVersion(%q): %v", id, err)
		}
	}
}

func TestAFolderOfNoRepositoryHasNoPast(t *testing.T) {
	t.Parallel()
	if _, err := git.Find(t.Context(), t.TempDir(), os.Environ()); !errors.Is(err, git.ErrNone) {
		t.Errorf("Find: %v", err)
	}
}

// A repository that was unpacked from somewhere may want to start programs.
func TestARepositoryStartsNothing(t *testing.T) {
	t.Parallel()
	dir := repo(t)
	trap := filepath.Join(dir, "trap")
	script := "#!/bin/sh\ntouch " + trap + ".sprung\n"
	if err := os.WriteFile(trap, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	config, err := os.OpenFile(filepath.Join(dir, ".git/config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"[core]\n\tfsmonitor = " + trap + "\n\tpager = " + trap + "\n\tsshCommand = " + trap, "[log]\n\tshowSignature = true", "[gpg]\n\tprogram = " + trap,
		"[diff]\n\texternal = " + trap, "[diff \"x\"]\n\ttextconv = " + trap + "\n\tcommand = " + trap, "[filter \"x\"]\n\tsmudge = " + trap + "\n\tclean = " + trap,
	} {
		if _, err := config.WriteString(line + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	config.Close()
	if err := os.WriteFile(filepath.Join(dir, ".gitattributes"), []byte("* diff=x filter=x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := git.Find(t.Context(), dir, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	versions, err := p.Versions(t.Context(), "sub/ü.ipynb", 10)
	if err != nil || len(versions) != 3 {
		t.Fatalf("versions are %+v, %v", versions, err)
	}
	if _, err := p.ReadVersion(t.Context(), "sub/ü.ipynb", versions[0].ID); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(trap + ".sprung"); err == nil {
		t.Error("a program of the repository was started")
	}
}
