package history

import (
	"context"
	"errors"
	"slices"
	"strings"

	"nbterm/storage"
)

// Store is a store whose saves are kept, for one object or all.
type Store struct {
	storage.Store
	Keeper *Keeper
	URL    func(name string) string // the address of an object
	Failed func(error)              // told what could not be kept; may be nil
}

// Write implements storage.Store. Before the first save of an object its content so far is
// kept, too, which is what somebody may want back.
func (s *Store) Write(ctx context.Context, name string, data []byte, was storage.Revision) (storage.Info, error) {
	url := s.URL(name)
	if was != storage.None {
		s.keepOld(ctx, url, name, was)
	}
	info, err := s.Store.Write(ctx, name, data, was)
	if info.Revision != storage.None { // in place, even if not for sure on the disk
		s.tell(s.Keeper.Keep(url, data, s.Keeper.Now()))
	}
	return info, err
}

func (s *Store) keepOld(ctx context.Context, url, name string, was storage.Revision) {
	if hash, ok := strings.CutPrefix(string(was), "sha256:"); ok && s.Keeper.has(url, hash) {
		return
	}
	if entries, err := s.Keeper.read(url); err != nil || len(entries) > 0 && !strings.HasPrefix(string(was), "sha256:") {
		return // revisions of this store are no hashes; what we saved last is kept
	}
	old, info, err := s.Read(ctx, name)
	if err == nil && info.Revision == was {
		s.tell(s.Keeper.Keep(url, old, info.Modified))
	}
}

func (s *Store) tell(err error) {
	if err != nil && s.Failed != nil {
		s.Failed(err)
	}
}

// Of is what the Keeper knows of a store's objects.
type Of struct {
	Keeper *Keeper
	URL    func(name string) string
}

// Versions implements storage.Versioner.
func (o Of) Versions(ctx context.Context, name string, limit int) ([]storage.Version, error) {
	return o.Keeper.Versions(ctx, o.URL(name), limit)
}

// ReadVersion implements storage.Versioner.
func (o Of) ReadVersion(ctx context.Context, name, id string) ([]byte, error) {
	return o.Keeper.ReadVersion(ctx, o.URL(name), id)
}

// Source is one of several who know the past of an object; its ids begin with Prefix.
type Source struct {
	Prefix string // "" takes the ids that nobody else does
	Past   storage.Versioner
}

// Joined is the past as all sources together tell it.
type Joined []Source

// Versions implements storage.Versioner. A source that fails is left out as long as another
// knows something.
func (j Joined) Versions(ctx context.Context, name string, limit int) ([]storage.Version, error) {
	var all []storage.Version
	var faults []error
	for _, s := range j {
		versions, err := s.Past.Versions(ctx, name, limit)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all = append(all, versions...)
	}
	if len(all) == 0 && len(faults) > 0 {
		return nil, faults[0]
	}
	if len(all) == 0 {
		return nil, errNoPast
	}
	slices.SortStableFunc(all, func(a, b storage.Version) int { return b.Modified.Compare(a.Modified) })
	return all[:min(limit, len(all))], nil
}

var errNoPast = errors.New("no earlier version of it is known")

// ReadVersion implements storage.Versioner.
func (j Joined) ReadVersion(ctx context.Context, name, id string) ([]byte, error) {
	var rest storage.Versioner
	for _, s := range j {
		switch {
		case s.Prefix == "":
			rest = s.Past
		case strings.HasPrefix(id, s.Prefix):
			return s.Past.ReadVersion(ctx, name, id)
		}
	}
	if rest == nil {
		return nil, errNoPast
	}
	return rest.ReadVersion(ctx, name, id)
}
