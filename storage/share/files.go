package share

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"

	"nbterm/storage"
)

// file answers with the bytes of a file. Ranges are read from the store, where it can.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("path")
	root, inside, ok := s.find(name)
	if !ok || inside == "" {
		s.fault(w, r, http.StatusNotFound, "there is nothing at that address")
		return
	}
	info, err := root.Store.Stat(r.Context(), inside)
	if err != nil {
		s.refused(w, r, err)
		return
	}
	if info.Dir {
		http.Redirect(w, r, link("/view/", name)+"/", http.StatusFound)
		return
	}
	h := w.Header()
	typ := contentType(name)
	h.Set("Content-Type", typ)
	h.Set("Vary", "Cookie, Authorization")
	h.Set("Cache-Control", "private, no-cache")
	if typ == "application/octet-stream" || r.URL.Query().Get("download") != "" {
		h.Set("Content-Disposition", "attachment")
	}
	if info.Revision != storage.None {
		h.Set("ETag", fmt.Sprintf("%q", string(info.Revision)))
	}
	reader := &reader{ctx: r.Context(), store: root.Store, path: inside, info: info}
	if err := reader.prepare(); err != nil {
		s.refused(w, r, err)
		return
	}
	http.ServeContent(w, r, path.Base(name), info.Modified, reader)
}

// reader reads an object piece by piece, as http.ServeContent asks for it.
type reader struct {
	ctx   context.Context
	store storage.Store
	path  string
	info  storage.Info
	at    int64
	data  []byte // all of it, where the store reads no ranges
	piece []byte // what was read ahead, beginning at from
	from  int64
}

// pieceSize is how much is read at once: a request to S3 costs some 30 ms whatever it
// brings.
const pieceSize = 1 << 20

func (r *reader) prepare() error {
	if _, ok := r.store.(storage.Ranger); ok {
		return nil
	}
	data, info, err := r.store.Read(r.ctx, r.path)
	r.data, r.info = data, info
	r.info.Size = int64(len(data))
	return err
}

// Seek implements io.Seeker.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.info.Size
	}
	if offset < 0 {
		return 0, errors.New("before the beginning")
	}
	r.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.at >= r.info.Size {
		return 0, io.EOF
	}
	if r.data != nil {
		n := copy(p, r.data[r.at:])
		r.at += int64(n)
		return n, nil
	}
	if r.at < r.from || r.at >= r.from+int64(len(r.piece)) {
		piece, _, err := r.store.(storage.Ranger).ReadRange(r.ctx, r.path, r.at, min(pieceSize, r.info.Size-r.at), r.info.Revision)
		if err != nil {
			return 0, err
		}
		if len(piece) == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		r.piece, r.from = piece, r.at
	}
	n := copy(p, r.piece[r.at-r.from:])
	r.at += int64(n)
	return n, nil
}
