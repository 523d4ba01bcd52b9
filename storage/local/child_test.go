package local_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/storage/storagetest"
)

// Tests that kill, that need another user or a disk of their own run this binary again
// with a job in its environment.
const jobVariable = "NBTERM_TEST_STORAGE_JOB"

func TestMain(m *testing.M) {
	if raw := os.Getenv(jobVariable); raw != "" {
		var j job
		if err := json.Unmarshal([]byte(raw), &j); err != nil {
			panic(err)
		}
		if err := j.run(); err != nil {
			fmt.Println("error", kindOf(err), err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type job struct {
	Do       string // save, create, count, fill
	Path     string
	Journals string
	Times    int // 0 is for ever
	Size     int // bytes of a version, about
	Seed     uint64
}

func (j job) run() error {
	store, name, err := local.Open(j.Path, local.Journals(j.Journals), local.Patience(time.Minute))
	if err != nil {
		return err
	}
	switch j.Do {
	case "save":
		return j.save(store, name)
	case "create":
		_, err := store.Write(context.Background(), name, version(1, j.Size), storage.None)
		return err
	case "count":
		return storagetest.Count(context.Background(), store, name, j.Times)
	case "fill":
		return j.fill()
	}
	return fmt.Errorf("unknown job %q", j.Do)
}

// save writes the next versions, saying before and after each that it does.
func (j job) save(store storage.Store, name string) error {
	data, info, err := store.Read(context.Background(), name)
	if err != nil {
		return err
	}
	n, err := versionOf(data)
	if err != nil {
		return err
	}
	for i := 0; i < j.Times || j.Times == 0; i++ {
		n++
		next := version(n, j.Size)
		fmt.Println("saving", n)
		if info, err = store.Write(context.Background(), name, next, info.Revision); info.Revision != storage.None {
			fmt.Println("saved", n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// version makes content number n: the number, and bytes and a length that follow from it.
func version(n, size int) []byte {
	if size == 0 {
		return strconv.AppendInt(nil, int64(n), 10)
	}
	head := fmt.Appendf(nil, "%d %d\n", n, size)
	data := make([]byte, max(len(head), size+n*7919%(size/4+1)))
	rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(data)
	copy(data, head)
	return data
}

// versionOf is the number of a content, or an error unless it is whole.
func versionOf(data []byte) (int, error) {
	var n, size int
	if _, err := fmt.Sscanf(string(data[:min(len(data), 40)]), "%d %d\n", &n, &size); err != nil {
		return 0, fmt.Errorf("%d bytes without a head: %w", len(data), err)
	}
	if !bytes.Equal(data, version(n, size)) {
		return 0, fmt.Errorf("%d bytes that are no whole version %d", len(data), n)
	}
	return n, nil
}

func kindOf(err error) string {
	for kind, e := range map[string]error{
		"readonly": storage.ErrReadOnly, "permission": storage.ErrPermission, "nospace": storage.ErrNoSpace,
		"conflict": storage.ErrConflict, "notexist": storage.ErrNotExist, "exist": storage.ErrExist, "isdir": storage.ErrIsDir,
	} {
		if errors.Is(err, e) {
			return kind
		}
	}
	return "other"
}

// command is the child for a job, not yet started.
func (j job) command(t *testing.T) *exec.Cmd {
	t.Helper()
	raw, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), executable(t))
	cmd.Env = append(os.Environ(), jobVariable+"="+string(raw))
	cmd.Stderr = os.Stderr
	return cmd
}

func executable(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// start returns the lines that the child prints.
func (j job) start(t *testing.T) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := j.command(t)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// asUser runs the job as a user whom modes bind, and returns the kind of its error and
// its sentence, "" for none.
func (j job) asUser(t *testing.T) (kind, sentence string) {
	t.Helper()
	cmd := j.command(t)
	if os.Geteuid() == 0 {
		cmd.Path = publicCopy(t)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.Output()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if rest, ok := strings.CutPrefix(line, "error "); ok {
			kind, sentence, _ = strings.Cut(strings.TrimSpace(rest), " ")
		}
	}
	if (err != nil) != (kind != "") {
		t.Fatalf("the child ended with %v, saying %q", err, out)
	}
	return kind, sentence
}

const nobody = 65534

// publicCopy is this binary where everybody can run it.
func publicCopy(t *testing.T) string {
	t.Helper()
	path := filepath.Join(publicDir(t), "child")
	from, err := os.Open(executable(t))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	// No process may be started while this is open for writing: it would hold the
	// file for a moment, and running it would fail with "text file busy".
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// publicDir is a temporary folder that belongs to the user of asUser.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nbterm-storage-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// seeded returns a source of random numbers whose seed is in the log; NBTERM_SEED
// repeats one.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("NBTERM_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("NBTERM_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
