package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"nbterm/storage"
)

var _ storage.Putter = (*Local)(nil)

// partEnd ends the name of a file that comes piece by piece and may be gone on with.
const partEnd = ".part"

// partAge is when a part that nobody went on with is taken for forgotten.
const partAge = 7 * 24 * time.Hour

const (
	putPiece = 4 << 20  // bytes read and written at once
	putSync  = 64 << 20 // bytes after which what is there is made durable and told
)

// Put implements storage.Putter. A token is the name of the part and how much of it is
// durable: what came after is not believed, a power cut may have taken it.
func (l *Local) Put(ctx context.Context, name string, r io.ReaderAt, size int64, was storage.Revision, t storage.Transfer) (storage.Info, error) {
	info, err := l.put(ctx, name, r, size, was, t)
	if conflict, ok := errors.AsType[*storage.Conflict](err); ok {
		conflict.Path = l.show(name)
		return info, conflict
	}
	if err != nil {
		err = l.fault("save", name, err)
	}
	return info, err
}

func (l *Local) put(ctx context.Context, name string, r io.ReaderAt, size int64, was storage.Revision, t storage.Transfer) (storage.Info, error) {
	if err := ctx.Err(); err != nil {
		return storage.Info{}, err
	}
	at, err := l.locate(name)
	if err != nil {
		return storage.Info{}, err
	}
	defer at.Close()
	if found := at.look(); found != nil && (was == storage.None || found.IsDir()) {
		if found.IsDir() {
			return storage.Info{}, storage.ErrIsDir
		}
		return storage.Info{}, storage.ErrExist
	}
	p, err := openPart(at, t.Token)
	if err != nil {
		return storage.Info{}, err
	}
	defer p.file.Close()
	rev, err := p.fill(ctx, r, size, t)
	if err != nil {
		if t.Keep == nil {
			_ = at.dir.Remove(p.name) // nobody will come back for it
		}
		return storage.Info{}, err
	}
	saved, err := l.finish(ctx, at, p, was)
	if saved == nil {
		return storage.Info{}, err
	}
	return describe(name, saved, rev), err
}

// part is a file under way.
type part struct {
	name string
	file *os.File
	have int64 // bytes of it that are believed
}

// openPart opens the part that a token names, or a new one.
func openPart(at spot, token string) (*part, error) {
	name, durable, _ := strings.Cut(token, ":")
	have, err := strconv.ParseInt(durable, 10, 64)
	if err == nil && strings.HasPrefix(name, ours) && strings.HasSuffix(name, partEnd) && !strings.ContainsAny(name, "/\x00") {
		if file, err := openFile(spot{dir: at.dir, base: name}, os.O_RDWR); err == nil {
			if info, err := file.Stat(); err == nil && info.Size() >= have && have >= 0 {
				return &part{name, file, have}, nil
			}
			file.Close()
		}
	}
	name = ours + newID() + partEnd
	file, err := at.dir.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return &part{name: name, file: file}, nil
}

// fill brings the part to its size and returns the revision of the whole.
func (p *part) fill(ctx context.Context, r io.ReaderAt, size int64, t storage.Transfer) (storage.Revision, error) {
	if p.have > size {
		p.have = 0
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(p.file, 0, p.have)); err != nil {
		return storage.None, err
	}
	buf := make([]byte, min(putPiece, max(size, 1)))
	told := p.have
	for p.have < size {
		if err := ctx.Err(); err != nil {
			return storage.None, err
		}
		piece := buf[:min(int64(len(buf)), size-p.have)]
		if n, err := r.ReadAt(piece, p.have); n < len(piece) {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return storage.None, err
		}
		if _, err := p.file.WriteAt(piece, p.have); err != nil {
			return storage.None, err
		}
		sum.Write(piece)
		p.have += int64(len(piece))
		if t.Progress != nil {
			t.Progress(p.have)
		}
		if t.Keep != nil && (p.have-told >= putSync || told == 0 && p.have == int64(len(piece))) {
			if err := p.file.Sync(); err != nil {
				return storage.None, err
			}
			told = p.have
			t.Keep(fmt.Sprintf("%s:%d", p.name, told))
		}
	}
	if err := p.file.Truncate(size); err != nil {
		return storage.None, err
	}
	return storage.Revision("sha256:" + hex.EncodeToString(sum.Sum(nil))), p.file.Sync()
}

// finish gives a whole part its name.
func (l *Local) finish(ctx context.Context, at spot, p *part, was storage.Revision) (fs.FileInfo, error) {
	s := &staged{dir: at.dir, name: p.name, file: p.file}
	info, err := p.file.Stat()
	if err != nil {
		return nil, err
	}
	s.info = info
	if was == storage.None {
		if err := s.appear(at.base); err != nil {
			return nil, err
		}
		if s.name != "" { // it was linked, and keeps its other name
			_ = at.dir.Remove(s.name)
		}
		return s.endure()
	}
	held, err := l.holdAlone(ctx, at, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &storage.Conflict{}
	}
	if err != nil {
		return nil, l.whyNot(at, err)
	}
	defer held.Close()
	like, err := traitsOf(held.file)
	if err != nil {
		return nil, err
	}
	if like.links > 1 {
		return nil, errors.New("it has other names (hard links), and is too large to be written in place")
	}
	if err := errors.Join(like.give(p.file), like.giveMode(p.file)); err != nil {
		return nil, err
	}
	if _, err := unchanged(ctx, at, held.file, was); err != nil {
		return nil, err
	}
	if err := at.dir.Rename(p.name, at.base); err != nil {
		return nil, err
	}
	return s.endure()
}

// sweepPart removes a part that was forgotten.
func (l *Local) sweepPart(at spot) {
	if info, err := at.dir.Lstat(at.base); err == nil && l.now().Sub(info.ModTime()) > partAge {
		_ = at.dir.Remove(at.base) // tried again at the next sweep
	}
}
