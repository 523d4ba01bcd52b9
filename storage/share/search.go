package share

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"nbterm/storage"
)

// Found is a notebook or a file that a search came upon.
type Found struct {
	Path     string
	Link     string
	Modified time.Time
	Facts
}

// Bounds of the index.
const (
	indexMost   = 20_000   // files looked at
	factsMost   = 16 << 20 // bytes of a notebook that is read for its facts
	foundMost   = 500
	deepest     = 32 // how folders may be nested, which links can make without end
	foldersMost = 5000
	indexAge    = 10 * time.Second // how old it may be when it is asked
)

// index knows the names of all that is shared and the facts of its notebooks. It is
// made when it is first asked, and made anew by a later question once it is old; what
// has not changed is not read again.
type index struct {
	of      *Server
	mu      sync.Mutex // held while it is made: questions wait for one making, not for two
	at      time.Time
	all     []Found
	more    bool
	folders int // looked at, of this making
	kept    map[string]known
}

// known is what was found out of one revision.
type known struct {
	mark  string
	facts Facts
}

func newIndex(s *Server) *index { return &index{of: s, kept: map[string]known{}} }

// look is all that is shared, the latest changed first.
func (x *index) look(ctx context.Context) ([]Found, bool, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.at.IsZero() && x.of.Now().Sub(x.at) < indexAge {
		return x.all, x.more, nil
	}
	var all []Found
	x.folders = 0
	seen := map[string]known{}
	for _, root := range x.of.Roots {
		if err := x.walk(ctx, root, root.Dir, root.Name, 0, &all, seen); err != nil {
			return nil, false, err
		}
	}
	slices.SortStableFunc(all, func(a, b Found) int { return b.Modified.Compare(a.Modified) })
	x.all, x.kept, x.more, x.at = all, seen, len(all) >= indexMost || x.folders > foldersMost, x.of.Now()
	return x.all, x.more, nil
}

func (x *index) walk(ctx context.Context, root Root, dir, name string, depth int, all *[]Found, seen map[string]known) error {
	infos, err := listing(ctx, root.Store, dir)
	if err != nil {
		if dir == root.Dir || ctx.Err() != nil {
			return err
		}
		return nil // one folder that cannot be read hides no other
	}
	for _, e := range infos {
		base := path.Base(e.Path)
		if strings.HasPrefix(base, ".") {
			continue
		}
		if len(*all) >= indexMost {
			return nil
		}
		at := path.Join(name, base)
		if e.Dir {
			if depth == deepest {
				continue
			}
			if x.folders++; x.folders > foldersMost {
				return nil
			}
			if err := x.walk(ctx, root, path.Join(dir, base), at, depth+1, all, seen); err != nil {
				return err
			}
			continue
		}
		*all = append(*all, Found{Path: at, Link: link("/view/", at), Modified: e.Modified, Facts: x.facts(ctx, root, e, at, seen)})
	}
	return nil
}

func (x *index) facts(ctx context.Context, root Root, e storage.Info, at string, seen map[string]known) Facts {
	if x.of.Describe == nil || !strings.HasSuffix(at, ".ipynb") || e.Size > factsMost {
		return Facts{}
	}
	mark := fmt.Sprint(e.Revision, e.Size, e.Modified.UnixNano())
	k, ok := x.kept[at]
	if !ok || k.mark != mark {
		data, _, err := root.Store.Read(ctx, e.Path)
		if err != nil {
			return Facts{}
		}
		k = known{mark, x.of.Describe(data)}
	}
	seen[at] = k
	return k.facts
}

// matches says whether all words of a query are found: in the path, as name=value of a
// parameter, or as state:succeeded.
func (f Found) matches(words []string) bool {
	for _, w := range words {
		if state, ok := strings.CutPrefix(w, "state:"); ok {
			if f.State != state {
				return false
			}
			continue
		}
		if name, value, ok := strings.Cut(w, "="); ok {
			if have, known := f.Parameters[name]; !known || !strings.Contains(strings.ToLower(have), value) {
				return false
			}
			continue
		}
		if !strings.Contains(strings.ToLower(f.Path), w) {
			return false
		}
	}
	return true
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query().Get("q")
	all, more, err := s.index.look(r.Context())
	if err != nil {
		s.refused(w, r, err)
		return
	}
	words := strings.Fields(strings.ToLower(query))
	var found []Found
	for _, f := range all {
		if f.matches(words) {
			if len(found) == foundMost {
				more = true
				break
			}
			found = append(found, f)
		}
	}
	s.send(w, r, s.Pages.Found(query, found, more, Location{}), "no-store")
}

// discovery answers as commuter does: the notebooks that changed last.
func (s *Server) discovery(w http.ResponseWriter, r *http.Request) {
	all, _, err := s.index.look(r.Context())
	if err != nil {
		s.refused(w, r, err)
		return
	}
	type result struct {
		Path     string            `json:"path"`
		Modified string            `json:"last_modified"`
		State    string            `json:"state,omitempty"`
		Params   map[string]string `json:"parameters,omitempty"`
	}
	results := []result{}
	for _, f := range all {
		if strings.HasSuffix(f.Path, ".ipynb") && len(results) < 1000 {
			results = append(results, result{f.Path, stamp(f.Modified), f.State, f.Parameters})
		}
	}
	answer(w, map[string]any{"results": results})
}
