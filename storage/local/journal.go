package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"nbterm/storage"
)

// A journal makes writing in place all or nothing. It is complete and durable before the
// first byte of the file changes, and dropped when the last one is durable:
//
//	header, one line of JSON │ the old bytes │ the new bytes
//
// Found after a crash, it is judged by what the file holds. All old or all new bytes, or
// bytes of neither, by someone else since: the journal is dropped. New bytes up to some
// point and old ones after it: the old are put back, as nobody was told that the new are
// saved, and as there is room for them. An incomplete journal means an untouched file.
// Its owner holds it locked while alive.
//
// It is named for the file's inode, so that it is found under any hard link, and lies in
// the state folder of the user or, where that cannot be written, beside the file.
type journal struct {
	header
	old, new []byte

	home *os.Root
	name string
	file *os.File
}

type header struct {
	Format string           `json:"format"`
	Path   []byte           `json:"path"` // base64: names need not be text
	Dev    uint64           `json:"dev"`
	OldLen int              `json:"old_len"` // bytes
	NewLen int              `json:"new_len"`
	Old    storage.Revision `json:"old"`
	New    storage.Revision `json:"new"`
}

const journalFormat = "nbterm journal 1"

func journalName(ino uint64) string { return ours + strconv.FormatUint(ino, 16) + journalEnd }

// homes are the folders a journal may be in, the better first.
func (l *Local) homes(at spot, forWriting bool) ([]*os.Root, error) {
	beside, err := at.dir.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	if l.journals == "" {
		return []*os.Root{beside}, nil
	}
	if forWriting {
		_ = os.MkdirAll(l.journals, 0o700) // opening it says if that failed
	}
	state, err := os.OpenRoot(l.journals)
	if err != nil {
		return []*os.Root{beside}, nil
	}
	return []*os.Root{state, beside}, nil
}

func closeAll(homes []*os.Root) {
	for _, h := range homes {
		h.Close()
	}
}

func identity(info fs.FileInfo) (dev, ino uint64, err error) {
	sys, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("stat: unknown result %T", info.Sys())
	}
	return uint64(sys.Dev), sys.Ino, nil
}

// journalled reports whether there may be a journal for the file. It is cheap: every
// read asks.
func (l *Local) journalled(at spot, file *os.File) bool {
	info, err := file.Stat()
	if err != nil {
		return false
	}
	_, ino, err := identity(info)
	if err != nil {
		return false
	}
	if l.journals != "" {
		if found, err := os.Lstat(filepath.Join(l.journals, journalName(ino))); err == nil && trusted(found, info) {
			return true
		}
	}
	found, err := at.dir.Lstat(journalName(ino))
	return err == nil && trusted(found, info)
}

// trusted reports whether a journal comes from someone who may write the file: in a
// folder like /tmp anybody can put one beside it.
func trusted(found, file fs.FileInfo) bool {
	owner := ownerOf(found)
	return found.Mode().IsRegular() && (owner == 0 || owner == os.Geteuid() || owner == ownerOf(file))
}

// newJournal writes a journal for replacing old by data in the file.
func (l *Local) newJournal(ctx context.Context, at spot, file *os.File, old, data []byte) (*journal, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	dev, ino, err := identity(info)
	if err != nil {
		return nil, err
	}
	j := &journal{
		header: header{
			Format: journalFormat, Path: []byte(at.path), Dev: dev,
			OldLen: len(old), NewLen: len(data), Old: revision(old), New: revision(data),
		},
		old: old, new: data, name: journalName(ino),
	}
	homes, err := l.homes(at, true)
	if err != nil {
		return nil, err
	}
	defer closeAll(homes)
	for _, home := range homes {
		if err = j.store(ctx, home); err == nil || ctx.Err() != nil {
			return j, err
		}
	}
	return nil, fmt.Errorf("there is no place for a safety copy, without which a crash could leave half a file: %w", why(err))
}

func (j *journal) store(ctx context.Context, home *os.Root) (err error) {
	top, err := json.Marshal(j.header)
	if err != nil {
		return err
	}
	if j.home, err = home.OpenRoot("."); err != nil {
		return err
	}
	j.file, err = j.home.OpenFile(j.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		j.home.Close()
		return err
	}
	if busy, err := tryLock(j.file, unix.LOCK_EX); err != nil || busy {
		j.leave()
		return errors.Join(err, errBusy)
	}
	if err = writeAll(ctx, j.file, bytes.Join([][]byte{top, []byte("\n"), j.old, j.new}, nil)); err == nil {
		err = j.file.Sync()
	}
	if err == nil {
		err = syncDir(j.home)
	}
	if err != nil {
		j.drop()
	}
	return err
}

// drop removes a journal of a whole file. One that cannot be removed does no harm: it is
// judged again when the file is next opened.
func (j *journal) drop() {
	_ = j.home.Remove(j.name)
	j.leave()
}

// leave lets the journal lie for whoever opens the file next.
func (j *journal) leave() {
	j.file.Close()
	j.home.Close()
}

// openJournal returns nil where there is none to heed, or a live one of a file of
// another disk that has the same inode number. A journal without a format is incomplete.
func openJournal(home *os.Root, ino uint64, target fs.FileInfo) (*journal, error) {
	at := spot{dir: home, base: journalName(ino)}
	if found, err := home.Lstat(at.base); err != nil || !trusted(found, target) {
		return nil, ignore(err, fs.ErrNotExist)
	}
	file, err := openFile(at, os.O_RDONLY)
	if err != nil {
		return nil, ignore(err, fs.ErrNotExist)
	}
	if found, err := file.Stat(); err != nil || !trusted(found, target) {
		file.Close()
		return nil, err
	}
	if busy, err := tryLock(file, unix.LOCK_SH); err != nil || busy {
		file.Close()
		return nil, err
	}
	raw, err := contents(context.Background(), file)
	if err != nil {
		file.Close()
		return nil, err
	}
	j := &journal{name: at.base, file: file}
	if j.home, err = home.OpenRoot("."); err != nil {
		file.Close()
		return nil, err
	}
	j.parse(raw)
	return j, nil
}

func ignore(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}

func (j *journal) parse(raw []byte) {
	line, rest, _ := bytes.Cut(raw, []byte("\n"))
	var h header
	if json.Unmarshal(line, &h) != nil || h.Format != journalFormat || h.OldLen < 0 || h.NewLen < 0 ||
		h.OldLen > len(rest) || h.NewLen != len(rest)-h.OldLen {
		return
	}
	old, new := rest[:h.OldLen:h.OldLen], rest[h.OldLen:]
	if revision(old) == h.Old && revision(new) == h.New {
		j.header, j.old, j.new = h, old, new
	}
}

// verdict is what a journal found after a crash asks for.
type verdict int

const (
	dropIt  verdict = iota // the file is whole
	leaveIt                // it is about another file
	undoIt
)

func (j *journal) judge(path string, dev uint64, now []byte) verdict {
	switch {
	case j.Format == "":
		return dropIt
	case j.Dev != dev && string(j.Path) != path: // numbers of disks may change when a machine starts
		return leaveIt
	case bytes.Equal(now, j.old), bytes.Equal(now, j.new), !torn(now, j.old, j.new):
		return dropIt
	}
	return undoIt
}

// torn reports whether now is what writing new over old can leave behind when it is cut
// short: every sector has new bytes, then old ones. A kill leaves one such sector with
// both, a power cut leaves sectors of either kind in any order, and zeros where the file
// had grown.
func torn(now, old, new []byte) bool {
	const sector = 512
	if len(now) < min(len(old), len(new)) || len(now) > max(len(old), len(new)) {
		return false
	}
	for start := 0; start < len(now); start += sector {
		end := min(start+sector, len(now))
		i := start
		for i < end && i < len(new) && now[i] == new[i] {
			i++
		}
		for ; i < end; i++ {
			was := byte(0)
			if i < len(old) {
				was = old[i]
			}
			if now[i] != was {
				return false
			}
		}
	}
	return true
}
