package share

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"nbterm/storage"
)

// pageMost is the bytes of a file that is drawn; larger ones are offered raw.
const pageMost = 256 << 20

// view answers with a page.
func (s *Server) view(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("path")
	if s.tops(name) {
		s.send(w, r, s.Pages.Folder(s.topEntries("/view/"), Location{}), "")
		return
	}
	root, inside, ok := s.find(name)
	if !ok {
		s.fault(w, r, http.StatusNotFound, "there is nothing at that address")
		return
	}
	if s.Live != nil && strings.HasSuffix(name, ".ipynb") {
		if data, live := s.Live.Document(r.Context(), name); live {
			s.live(w, r, name, data)
			return
		}
	}
	info, err := s.stat(r.Context(), root.Store, inside)
	switch {
	case inside == "" || err == nil && info.Dir:
		s.folder(w, r, root, inside, name)
	case err != nil:
		s.refused(w, r, err)
	case info.Size > pageMost:
		http.Redirect(w, r, link("/files/", name), http.StatusFound)
	default:
		s.page(w, r, root, inside, name, info)
	}
}

// page answers with a file as a page, drawn once for each revision.
func (s *Server) page(w http.ResponseWriter, r *http.Request, root Root, inside, name string, info storage.Info) {
	key := fmt.Sprint(name, "\x00", info.Revision, "\x00", info.Modified.UnixNano(), "\x00", info.Size)
	ctx := context.WithoutCancel(r.Context()) // others may wait for this page when its first reader has gone
	kept, err := s.cache.get(r.Context(), key, func() (kept, error) {
		data, _, err := root.Store.Read(ctx, inside)
		if err != nil {
			return kept{}, err
		}
		page, ok := s.Pages.File(path.Base(name), data, Location{Path: name})
		if !ok {
			return kept{raw: true}, nil
		}
		return pack(page), nil
	})
	switch {
	case err != nil:
		s.refused(w, r, err)
	case kept.raw:
		http.Redirect(w, r, link("/files/", name), http.StatusFound)
	default:
		s.write(w, r, kept)
	}
}

// live answers with a notebook as its session has it, and asks the browser to come
// again.
func (s *Server) live(w http.ResponseWriter, r *http.Request, name string, data []byte) {
	page, ok := s.Pages.File(path.Base(name), data, Location{Path: name, Live: true})
	if !ok {
		s.fault(w, r, http.StatusInternalServerError, "the notebook cannot be drawn")
		return
	}
	w.Header().Set("Content-Security-Policy", livePolicy)
	w.Header().Set("Refresh", "2")
	s.send(w, r, page, "no-store")
}

func (s *Server) folder(w http.ResponseWriter, r *http.Request, root Root, inside, name string) {
	if name != "" && !strings.HasSuffix(r.URL.Path, "/") { // relative links are of the folder
		to := *r.URL
		to.Path += "/"
		http.Redirect(w, r, to.RequestURI(), http.StatusFound)
		return
	}
	infos, err := listing(r.Context(), root.Store, inside)
	if err != nil {
		s.refused(w, r, err)
		return
	}
	entries := make([]Entry, 0, len(infos))
	for _, e := range infos {
		base := path.Base(e.Path)
		if strings.HasPrefix(base, ".") {
			continue
		}
		to := link("/view/", path.Join(name, base))
		if e.Dir {
			to += "/"
		}
		entries = append(entries, Entry{Name: base, Link: to, Dir: e.Dir, Size: e.Size, Modified: e.Modified})
	}
	s.send(w, r, s.Pages.Folder(entries, Location{Path: strings.Trim(name, "/")}), "no-cache")
}

func (s *Server) topEntries(prefix string) []Entry {
	var entries []Entry
	for _, root := range s.Roots {
		entries = append(entries, Entry{Name: root.Name, Link: link(prefix, root.Name) + "/", Dir: true})
	}
	return entries
}

// listMost bounds what is listed of one folder.
const listMost = 100_000

// listing is all of a folder, in its store's order.
func listing(ctx context.Context, store storage.Store, dir string) ([]storage.Info, error) {
	l, ok := store.(storage.Lister)
	if !ok {
		return nil, errors.New("this place cannot be listed")
	}
	var all []storage.Info
	for next := ""; ; {
		page, err := l.List(ctx, dir, next)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if next = page.Next; next == "" || len(all) >= listMost {
			return all, nil
		}
	}
}

// refused answers with the reason a store gave. Of what went wrong behind the share a
// reader hears no more than he needs.
func (s *Server) refused(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, storage.ErrNotExist):
		s.fault(w, r, http.StatusNotFound, "there is nothing at that address")
	case errors.Is(err, storage.ErrPermission):
		s.fault(w, r, http.StatusForbidden, "the share may not read that")
	case errors.Is(err, context.Canceled):
	default:
		s.fault(w, r, http.StatusBadGateway, "the place behind the share does not answer as it should; try again")
	}
}

// send answers with a page that is not kept.
func (s *Server) send(w http.ResponseWriter, r *http.Request, page []byte, caching string) {
	if caching != "" {
		w.Header().Set("Cache-Control", caching)
	}
	s.write(w, r, pack(page))
}

// kept is a drawn page as it is sent.
type kept struct {
	plain, zipped []byte
	tag           string
	raw           bool // it is not drawn
}

func (k kept) size() int64 { return int64(len(k.plain)+len(k.zipped)) + 200 }

func pack(page []byte) kept {
	sum := sha256.Sum256(page)
	k := kept{plain: page, tag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return k
	}
	if _, err := z.Write(page); err == nil && z.Close() == nil && b.Len() < len(page) {
		k.zipped = b.Bytes()
	}
	return k
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, k kept) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Accept-Encoding, Cookie, Authorization")
	h.Set("ETag", k.tag)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	for _, tag := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == k.tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	body := k.plain
	if k.zipped != nil && accepts(r, "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = k.zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader has gone
}

func accepts(r *http.Request, coding string) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			return strings.ReplaceAll(quality, " ", "") != "q=0"
		}
	}
	return false
}

// contentType is that of a raw file. What a browser would run as a page of this site
// is text to it.
func contentType(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".ipynb", ".json":
		return "application/json"
	case ".html", ".htm", ".xhtml", ".xml", ".svgz", ".js", ".mjs", ".css", ".md", ".py", ".r", ".txt", ".csv", ".log", "":
		return "text/plain; charset=utf-8"
	default:
		if typ := mime.TypeByExtension(ext); typ != "" && !strings.HasPrefix(typ, "text/html") && !strings.Contains(typ, "script") && !strings.Contains(typ, "xml") || ext == ".svg" {
			if ext == ".svg" {
				return "image/svg+xml" // shown in pages; alone the policy leaves it no script
			}
			return typ
		}
	}
	return "application/octet-stream"
}
