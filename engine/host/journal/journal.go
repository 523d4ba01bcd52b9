// Package journal is an append-only file of numbered records, made to be read
// while it grows and after whoever wrote it was killed.
//
// Layout of the file NAME in a directory of its own:
//
//	"nbtermJ1"                                   8 bytes
//	record: length uint32, crc32c uint32, kind byte, payload   little endian
//
// The checksum covers kind and payload. kind 0 is a payload that stands here; kind
// 1 says that the payload lies in a file of its own (its name, size and checksum
// stand here), so that reading past a big record costs nothing. A record that is
// cut off or does not check ends the journal: it and what follows was never whole.
//
// Appending writes through to the page cache: a killed process loses nothing that
// Append returned from. What a power cut may take is what came after the last
// Sync.
//
// Behind the last record some room is kept allocated, so that on a full disk Append
// still has some 800 small records' worth of it. What can be done without is
// offered (Offer) and finds the disk full that much earlier. A filesystem that does
// not reserve (fallocate(2)) gives no such promise.
package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

const (
	name     = "journal"
	magic    = "nbtermJ1"
	headSize = 9 // length, checksum, kind

	inline byte = 0
	apart  byte = 1

	// spillOver is the size from which a payload gets a file of its own.
	spillOver = 1 << 20
	// every is how many records lie between two remembered offsets.
	every = 64
	// maxRecord bounds what a damaged length can make a reader allocate.
	maxRecord = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrDamaged says that a record in the middle, with whole ones behind it, does not
// check: the disk, not a crash.
var ErrDamaged = errors.New("the journal is damaged")

// Journal is safe for one appender and any number of readers.
type Journal struct {
	disk disk
	dir  string
	file file

	mu    sync.Mutex // guards all below
	marks []int64    // marks[i] is the offset of record 1 + i*every
	count uint64     // records in the file
	end   int64      // offset behind the last
	bytes int64      // end, and what was spilled
	room  int64      // offset up to which the disk has given space
	loose []string   // files whose content or name a power cut may still take

	noReserve bool // the filesystem cannot
}

// Create starts a journal in dir, which must exist and hold none.
func Create(dir string) (*Journal, error) { return createOn(osDisk{}, dir) }

func createOn(d disk, dir string) (*Journal, error) {
	f, err := d.create(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("create the journal: %w", err)
	}
	if _, err := f.WriteAt([]byte(magic), 0); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("create the journal: %w", err)
	}
	// The folder holds the journal's name, its parent the folder's.
	j := &Journal{disk: d, dir: dir, file: f, end: int64(len(magic)), bytes: int64(len(magic)), loose: []string{dir, filepath.Dir(dir)}}
	if err := j.reserve(0); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("create the journal: %w", err)
	}
	return j, nil
}

// Open reads a journal that somebody else wrote or writes. It sees the whole
// records that are there now; Refresh looks again.
func Open(dir string) (*Journal, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != magic {
		_ = f.Close()
		return nil, fmt.Errorf("open the journal in %s: not a journal of nbterm", dir)
	}
	j := &Journal{disk: osDisk{}, dir: dir, file: osFile{f}, end: int64(len(magic)), bytes: int64(len(magic))}
	j.Refresh()
	return j, nil
}

// Refresh takes in records that were appended by another process.
func (j *Journal) Refresh() {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := io.NewSectionReader(j.file, j.end, 1<<62)
	for {
		size, err := skim(r)
		if err != nil {
			return // the end, or a record that is not whole
		}
		j.book(size)
	}
}

// skim checks one record and gives its size in the file.
func skim(r io.Reader) (int64, error) {
	_, body, err := readRecord(r)
	if err != nil {
		return 0, err
	}
	return int64(headSize + len(body)), nil
}

func (j *Journal) book(size int64) {
	if j.count%every == 0 {
		j.marks = append(j.marks, j.end)
	}
	j.count++
	j.end += size
	j.bytes += size
}

// Count is the number of records; they are numbered from 1.
func (j *Journal) Count() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.count
}

// Size is how many bytes the journal holds on disk, spilled ones included.
func (j *Journal) Size() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.bytes
}

// Append adds a record; its number is Count afterwards. On an error nothing was
// added: a part that was written is cut off again.
func (j *Journal) Append(payload []byte) error { return j.add(payload, false) }

// Offer is Append for what can be done without: on a disk that is nearly full it
// fails and leaves the last of the room to Append.
func (j *Journal) Offer(payload []byte) error { return j.add(payload, true) }

func (j *Journal) add(payload []byte, sparing bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	kind, body := inline, payload
	if len(payload) > spillOver {
		var err error
		if body, err = j.spill(payload); err != nil {
			return fmt.Errorf("append to the journal: %w", err)
		}
		kind = apart
	}
	err := j.reserve(headSize + int64(len(body)))
	if err == nil || !sparing {
		err = j.write(kind, body)
	}
	if err != nil {
		if kind == apart {
			_ = j.disk.remove(j.blob(j.count + 1))
			j.bytes -= int64(len(payload))
		}
		return fmt.Errorf("append to the journal: %w", err)
	}
	return nil
}

func (j *Journal) write(kind byte, body []byte) error {
	rec := make([]byte, headSize+len(body))
	binary.LittleEndian.PutUint32(rec, uint32(len(body)))
	rec[8] = kind
	copy(rec[headSize:], body)
	binary.LittleEndian.PutUint32(rec[4:], crc32.Checksum(rec[8:], castagnoli))
	if _, err := j.file.WriteAt(rec, j.end); err != nil {
		_ = j.file.Truncate(j.end) // a torn tail is tolerated anyway
		j.room = min(j.room, j.end)
		return err
	}
	j.book(int64(len(rec)))
	return nil
}

func (j *Journal) blob(n uint64) string {
	return filepath.Join(j.dir, "blob-"+strconv.FormatUint(n, 10))
}

// spill writes a payload to a file of its own and gives what points there.
func (j *Journal) spill(payload []byte) ([]byte, error) {
	path := j.blob(j.count + 1)
	if err := j.disk.write(path, payload); err != nil {
		_ = j.disk.remove(path)
		return nil, err
	}
	j.bytes += int64(len(payload))
	j.loose = append(j.loose, path)
	sum := crc32.Checksum(payload, castagnoli)
	return fmt.Appendf(nil, "%s %d %08x", filepath.Base(path), len(payload), sum), nil
}

// Sync makes everything appended so far survive a power cut: what lies apart and its
// name first, then the records that point there.
func (j *Journal) Sync() error {
	j.mu.Lock()
	loose := j.loose
	j.loose = nil
	j.mu.Unlock()
	var err error
	for i, path := range loose {
		if err = j.disk.sync(path); err == nil && i == len(loose)-1 && path != j.dir {
			err = j.disk.sync(j.dir)
		}
		if err != nil {
			j.mu.Lock()
			j.loose = append(loose[i:len(loose):len(loose)], j.loose...) // next time, then
			j.mu.Unlock()
			break
		}
	}
	return errors.Join(err, j.file.Sync())
}

// Close closes the file; the journal stays on disk.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.room > j.end {
		_ = j.file.Truncate(j.end) // gives back the spare room; without it too much is taken, no more
	}
	return j.file.Close()
}

// Read gives records from number `from` on, until there are no more, or about
// limit bytes of them; at least one if there is one.
func (j *Journal) Read(from uint64, limit int) ([][]byte, error) {
	j.mu.Lock()
	if from < 1 || from > j.count {
		j.mu.Unlock()
		return nil, nil
	}
	start, end := j.marks[(from-1)/every], j.end
	left := j.count - from + 1
	j.mu.Unlock()

	r := newSectionBuffer(j.file, start, end)
	for skip := (from - 1) % every; skip > 0; skip-- {
		if err := skipRecord(r); err != nil {
			return nil, fmt.Errorf("%w: record %d: %w", ErrDamaged, from-skip, err)
		}
	}
	var all [][]byte
	for size := 0; uint64(len(all)) < left && (len(all) == 0 || size < limit); {
		kind, body, err := readRecord(r)
		if err == nil && kind == apart {
			body, err = j.fetch(string(body))
		}
		if err != nil {
			return all, fmt.Errorf("%w: record %d: %w", ErrDamaged, from+uint64(len(all)), err)
		}
		all = append(all, body)
		size += len(body)
	}
	return all, nil
}

// fetch reads a spilled payload.
func (j *Journal) fetch(pointer string) ([]byte, error) {
	fields := strings.Fields(pointer)
	if len(fields) != 3 || !strings.HasPrefix(fields[0], "blob-") || strings.ContainsRune(fields[0], '/') {
		return nil, errors.New("points nowhere")
	}
	data, err := os.ReadFile(filepath.Join(j.dir, fields[0]))
	if err != nil {
		return nil, err
	}
	if strconv.Itoa(len(data)) != fields[1] || fmt.Sprintf("%08x", crc32.Checksum(data, castagnoli)) != fields[2] {
		return nil, errors.New("checksum differs")
	}
	return data, nil
}
