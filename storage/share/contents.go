package share

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"nbterm/storage"
)

// Model is one entry as Jupyter's contents API has it. All nine keys of its schema
// are always there; size is jupyter_server's addition.
type Model struct {
	Name         string  `json:"name"`
	Path         string  `json:"path"` // without a slash before it
	Type         string  `json:"type"` // "directory", "notebook" or "file"
	Writable     bool    `json:"writable"`
	Created      string  `json:"created"` // RFC 3339, UTC
	LastModified string  `json:"last_modified"`
	Mimetype     *string `json:"mimetype"` // of a file with content
	Content      any     `json:"content"`  // nil, a list of models, a notebook, or text
	Format       *string `json:"format"`   // "json", "text" or "base64" with content
	Size         *int64  `json:"size"`
}

// contents answers GET /api/contents/PATH?type=&format=&content=.
func (s *Server) contents(w http.ResponseWriter, r *http.Request) {
	name := strings.Trim(r.PathValue("path"), "/")
	q := r.URL.Query()
	whole := q.Get("content") != "0"
	if s.tops(name) {
		m := s.model("", storage.Info{Dir: true})
		if whole {
			list := []Model{}
			for _, root := range s.Roots {
				list = append(list, s.model(root.Name, storage.Info{Dir: true}))
			}
			m.Content, m.Format = list, word("json")
		}
		answer(w, m)
		return
	}
	root, inside, ok := s.find(name)
	if !ok {
		s.fault(w, r, http.StatusNotFound, "No such file or directory: "+name)
		return
	}
	info := storage.Info{Dir: true}
	if inside != "" {
		var err error
		if info, err = root.Store.Stat(r.Context(), inside); err != nil {
			s.refused(w, r, err)
			return
		}
	}
	m := s.model(name, info)
	if asked := q.Get("type"); asked != "" && asked != m.Type {
		if asked != "file" || m.Type != "notebook" {
			s.fault(w, r, http.StatusBadRequest, name+" is a "+m.Type+", not a "+asked)
			return
		}
		m.Type = "file"
	}
	if whole {
		if err := s.fill(r, &m, root, inside, q.Get("format")); err != nil {
			var bad badContent
			if errors.As(err, &bad) {
				s.fault(w, r, http.StatusBadRequest, name+": "+string(bad))
				return
			}
			s.refused(w, r, err)
			return
		}
	}
	answer(w, m)
}

// badContent says why content cannot be given as it was asked for.
type badContent string

func (b badContent) Error() string { return string(b) }

func (s *Server) model(name string, info storage.Info) Model {
	m := Model{Name: path.Base(name), Path: name, Type: "file", Created: stamp(info.Modified), LastModified: stamp(info.Modified)}
	switch {
	case info.Dir:
		m.Type = "directory"
	case strings.HasSuffix(name, ".ipynb"):
		m.Type = "notebook"
	}
	if name == "" {
		m.Name = ""
	}
	if !info.Dir {
		m.Size = &info.Size
	}
	return m
}

func stamp(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

func word(s string) *string { return &s }

// fill adds what the entry holds.
func (s *Server) fill(r *http.Request, m *Model, root Root, inside, format string) error {
	if m.Type == "directory" {
		infos, err := listing(r.Context(), root.Store, inside)
		if err != nil {
			return err
		}
		models := []Model{}
		for _, e := range infos {
			base := path.Base(e.Path)
			if !strings.HasPrefix(base, ".") {
				models = append(models, s.model(path.Join(m.Path, base), e))
			}
		}
		m.Content, m.Format = models, word("json")
		return nil
	}
	data, _, err := root.Store.Read(r.Context(), inside)
	if err != nil {
		return err
	}
	if m.Type == "notebook" {
		if !json.Valid(data) {
			return badContent("it is not a notebook: the JSON is broken")
		}
		m.Content, m.Format = json.RawMessage(data), word("json")
		return nil
	}
	text := utf8.Valid(data)
	switch {
	case format == "text" && !text:
		return badContent("it is not UTF-8 text; ask for format=base64")
	case format == "base64" || format == "" && !text:
		m.Content, m.Format = base64.StdEncoding.EncodeToString(data), word("base64")
		m.Mimetype = word("application/octet-stream")
		return nil
	case format != "" && format != "text":
		return badContent("there is no format " + format)
	}
	m.Content, m.Format, m.Mimetype = string(data), word("text"), word("text/plain")
	return nil
}

// answer sends a value as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	encode(w, v)
}

func encode(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the reader has gone
}
