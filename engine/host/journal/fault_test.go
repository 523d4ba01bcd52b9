package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// faulty is the real disk, whose operation number `at` (from 1) fails by err, as do all
// after it if it lasts. A write that fails has written half.
type faulty struct {
	osDisk
	at    int
	lasts bool
	err   error // errKill: the process is killed in the middle of the operation
	done  int
}

var errKill = errors.New("killed")

// fails counts an operation and says how it fails; half writes what a torn write leaves.
func (d *faulty) fails(half func()) error {
	d.done++
	if d.at == 0 || d.done < d.at || d.done > d.at && !d.lasts {
		return nil
	}
	half()
	if errors.Is(d.err, errKill) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until it comes
	}
	return d.err
}

func (d *faulty) create(path string) (file, error) {
	if err := d.fails(func() {}); err != nil {
		return nil, err
	}
	f, err := d.osDisk.create(path)
	return faultyFile{f, d}, err
}

func (d *faulty) write(path string, data []byte) error {
	if err := d.fails(func() { _ = d.osDisk.write(path, data[:len(data)/2]) }); err != nil {
		return err
	}
	return d.osDisk.write(path, data)
}

func (d *faulty) sync(path string) error {
	if err := d.fails(func() {}); err != nil {
		return err
	}
	return d.osDisk.sync(path)
}

type faultyFile struct {
	file
	d *faulty
}

func (f faultyFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.d.fails(func() { _, _ = f.file.WriteAt(p[:len(p)/2], off) }); err != nil {
		return len(p) / 2, err
	}
	return f.file.WriteAt(p, off)
}

func (f faultyFile) Truncate(size int64) error {
	if err := f.d.fails(func() {}); err != nil {
		return err
	}
	return f.file.Truncate(size)
}

func (f faultyFile) Sync() error {
	if err := f.d.fails(func() {}); err != nil {
		return err
	}
	return f.file.Sync()
}

func (f faultyFile) Reserve(from, n int64) error {
	if err := f.d.fails(func() {}); err != nil {
		return err
	}
	return f.file.Reserve(from, n)
}

// payload is the record number i: small, large enough to need more room, or apart.
func payload(i int) []byte {
	switch i % 20 {
	case 3:
		return bytes.Repeat([]byte{byte(i)}, spillOver+i+1)
	case 6:
		return bytes.Repeat([]byte{byte(i)}, spillOver/2)
	}
	return fmt.Appendf(nil, "record %d", i)
}

const faultRecords = 40

// script appends records, with a Sync now and then, and calls took with each that the
// journal has taken. It says how many were refused.
func script(d disk, dir string, took func(int)) (refused int, err error) {
	j, err := createOn(d, dir)
	if err != nil {
		return 0, err
	}
	for i := range faultRecords {
		add := j.Append
		if i%2 == 1 {
			add = j.Offer
		}
		if add(payload(i)) == nil {
			took(i)
		} else {
			refused++
		}
		if i%7 == 0 {
			_ = j.Sync() // told by who asks for it
		}
	}
	return refused, j.Close()
}

// wantRecords fails unless the journal in dir holds exactly those records.
func wantRecords(t *testing.T, dir string, want []int) {
	t.Helper()
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	if j.Count() != uint64(len(want)) {
		t.Fatalf("%d records, want %d", j.Count(), len(want))
	}
	got := 0
	for uint64(got) < j.Count() {
		recs, err := j.Read(uint64(got)+1, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range recs {
			if !bytes.Equal(r, payload(want[got])) {
				t.Fatalf("record %d is another", got+1)
			}
			got++
		}
	}
}

// [2] of the reliability matrix, for the journal: every operation fails in turn.
func TestNoFaultOfTheDiskLosesWhatWasTaken(t *testing.T) {
	t.Parallel()
	whole := &faulty{}
	if refused, err := script(whole, t.TempDir(), func(int) {}); refused > 0 || err != nil {
		t.Fatalf("without a fault %d were refused, %v", refused, err)
	}
	faults := 0
	for at := 1; at <= whole.done; at++ {
		for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EIO} {
			for _, lasts := range []bool{false, true} {
				dir := t.TempDir()
				var taken []int
				refused, err := script(&faulty{at: at, lasts: lasts, err: errno}, dir, func(i int) { taken = append(taken, i) })
				faults++
				if len(taken)+refused == 0 {
					if !errors.Is(err, errno) {
						t.Errorf("operation %d, %v: not created, %v", at, errno, err)
					}
					continue
				}
				if !lasts && refused > 1 {
					t.Errorf("operation %d, %v: %d were refused for one fault", at, errno, refused)
				}
				wantRecords(t, dir, taken)
			}
		}
	}
	t.Logf("%d operations, %d faults: 0 records lost", whole.done, faults)
}

// What the child of the next test is told by.
const faultDir, faultAt = "NBTERM_FAULT_DIR", "NBTERM_FAULT_AT"

// TestBeKilled is no test: it writes a journal until it is killed.
func TestBeKilled(t *testing.T) {
	at, err := strconv.Atoi(os.Getenv(faultAt))
	if err != nil {
		t.Skip("only as a child of another test")
	}
	_, err = script(&faulty{at: at, err: errKill}, os.Getenv(faultDir), func(i int) { fmt.Println("took", i) })
	fmt.Println("ended", err)
}

// [2] of the reliability matrix: a real process is killed in the middle of every write.
func TestAKillAtAnyWriteLosesNothingThatWasTaken(t *testing.T) {
	t.Parallel()
	whole := &faulty{}
	if _, err := script(whole, t.TempDir(), func(int) {}); err != nil {
		t.Fatal(err)
	}
	kills := 0
	for at := 2; at <= whole.done; at++ { // 1 makes the file
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestBeKilled$")
		cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Dir(dir), faultDir+"="+dir, faultAt+"="+strconv.Itoa(at))
		out, err := cmd.Output()
		var ended *exec.ExitError
		if !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("operation %d: %v\n%s", at, err, out)
		}
		kills++
		var taken []int
		lines := bufio.NewScanner(bytes.NewReader(out))
		for lines.Scan() {
			if n, ok := strings.CutPrefix(lines.Text(), "took "); ok {
				i, err := strconv.Atoi(n)
				if err != nil {
					t.Fatal(err)
				}
				taken = append(taken, i)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil && len(taken) > 0 {
			wantAtLeast(t, dir, taken)
		}
	}
	t.Logf("%d kills, each in the middle of an operation: 0 records lost", kills)
}

// wantAtLeast is wantRecords for a process that may have been killed after the last
// record was whole and before it could say so.
func wantAtLeast(t *testing.T, dir string, taken []int) {
	t.Helper()
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	n := int(j.Count())
	_ = j.Close()
	if n == len(taken)+1 {
		taken = append(taken, taken[len(taken)-1]+1)
	}
	wantRecords(t, dir, taken)
}
