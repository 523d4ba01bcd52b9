// Package git knows the past of files that are in a git repository, from its commits. It
// asks the git that is installed, reads only, and lets neither a repository's configuration
// start programs nor git go to the network.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"nbterm/storage"
)

// Prefix begins the ids of versions that are commits.
const Prefix = "git:"

// Past is the commits of the files of a folder.
type Past struct {
	dir     string
	program string
	environ []string
}

var _ storage.Versioner = (*Past)(nil)

// ErrNone means that there is no git, or that the folder is in none of its repositories.
var ErrNone = errors.New("is in no git repository")

// Find is the Past of the files in dir. environ is that of the program.
func Find(ctx context.Context, dir string, environ []string) (*Past, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return nil, fmt.Errorf("%s %w: there is no git", dir, ErrNone)
	}
	p := &Past{dir: dir, program: program, environ: environ}
	if _, err := p.run(ctx, nil, "rev-parse", "--is-inside-work-tree"); err != nil {
		return nil, fmt.Errorf("%s %w", dir, ErrNone)
	}
	return p, nil
}

// run asks git.
func (p *Past) run(ctx context.Context, in []byte, args ...string) ([]byte, error) {
	// What a repository could have git start for these questions.
	safe := []string{
		"--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "core.hooksPath=/dev/null", "-c", "diff.external=", "-C", p.dir,
	}
	cmd := exec.CommandContext(ctx, p.program, append(safe, args...)...)
	cmd.Env = append(append([]string{}, p.environ...), "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	cmd.Stdin = bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		if first == "" {
			first = err.Error()
		}
		return nil, fmt.Errorf("ask git: %s", strings.TrimPrefix(first, "fatal: "))
	}
	return out, nil
}

// Versions lists the commits that changed the file, newest first, also under names that it
// had before.
func (p *Past) Versions(ctx context.Context, name string, limit int) ([]storage.Version, error) {
	// \x01 begins a commit; its fields and, after them, what became of which path end in NUL.
	out, err := p.run(ctx, nil, "log", "--follow", "--no-ext-diff", "--no-textconv", "-z", "--name-status", "--max-count="+strconv.Itoa(limit),
		"--format=%x01%H%x00%at%x00%an%x00%s", "--", filepath.FromSlash(name))
	if err != nil {
		return nil, fmt.Errorf("list the commits of %s: %w", name, err)
	}
	var versions []storage.Version
	for record := range strings.SplitSeq(string(out), "\x01") {
		if v, ok := parse(record); ok {
			versions = append(versions, v)
		}
	}
	return versions, p.sizes(ctx, versions)
}

// parse reads "HASH NUL time NUL author NUL subject NUL [LF] status NUL path NUL [path NUL]".
func parse(record string) (storage.Version, bool) {
	fields := strings.Split(record, "\x00")
	if len(fields) < 6 {
		return storage.Version{}, false
	}
	seconds, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return storage.Version{}, false
	}
	v := storage.Version{Modified: time.Unix(seconds, 0), Author: fields[2], Note: fields[3]}
	rest := fields[4:]
	for len(rest) > 0 && strings.Trim(rest[0], "\n") == "" {
		rest = rest[1:]
	}
	if len(rest) < 2 {
		return storage.Version{}, false
	}
	status, file := strings.TrimSpace(rest[0]), rest[1]
	if (strings.HasPrefix(status, "R") || strings.HasPrefix(status, "C")) && len(rest) > 2 {
		file = rest[2] // the name it has from here on
	}
	v.Removed = strings.HasPrefix(status, "D")
	v.ID = Prefix + fields[0][:min(12, len(fields[0]))] + ":" + file
	return v, true
}

// sizes asks for the sizes of all versions at once.
func (p *Past) sizes(ctx context.Context, versions []storage.Version) error {
	var ask bytes.Buffer
	for _, v := range versions {
		spec := strings.TrimPrefix(v.ID, Prefix)
		if strings.ContainsRune(spec, '\n') {
			spec = "no-such-object"
		}
		ask.WriteString(spec + "\n")
	}
	out, err := p.run(ctx, ask.Bytes(), "cat-file", "--batch-check=%(objectsize)")
	if err != nil {
		return err
	}
	lines := strings.Split(string(out), "\n")
	for i := range versions {
		if i < len(lines) {
			if n, err := strconv.ParseInt(lines[i], 10, 64); err == nil {
				versions[i].Size = n
			}
		}
	}
	return nil
}

// ReadVersion returns the file as a commit has it.
func (p *Past) ReadVersion(ctx context.Context, name, id string) ([]byte, error) {
	spec, ok := strings.CutPrefix(id, Prefix)
	commit, file, found := strings.Cut(spec, ":")
	if !found && ok { // a commit alone: under the name it has now
		spec = commit + ":./" + filepath.ToSlash(name)
	}
	if !ok || strings.HasPrefix(commit, "-") || commit == "" || found && file == "" {
		return nil, fmt.Errorf("open version %s of %s: %w", id, name, storage.ErrNotExist)
	}
	out, err := p.run(ctx, nil, "cat-file", "blob", spec)
	if err != nil {
		return nil, fmt.Errorf("open version %s of %s: %w: %w", id, name, storage.ErrNotExist, err)
	}
	return out, nil
}
