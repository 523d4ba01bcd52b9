package history

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// sweepEvery is how often all of it is looked at.
const sweepEvery = 24 * time.Hour

// sweep removes contents that no list names, and the oldest versions of all objects until
// the rest fits the bound. It is called with the lock held; what fails is tried again.
func (k *Keeper) sweep() {
	stamp := filepath.Join(k.Dir, "swept")
	if info, err := os.Stat(stamp); err == nil && k.Now().Sub(info.ModTime()) < sweepEvery {
		return
	}
	if os.WriteFile(stamp, nil, 0o600) != nil {
		return
	}
	_ = os.Chtimes(stamp, k.Now(), k.Now()) // at worst it is swept too often
	k.prune()
}

// listed is the versions of one object.
type listed struct {
	file    string
	entries []entry
	changed bool
}

func (k *Keeper) prune() {
	lists, users := k.lists()
	sizes, total := k.sizes()
	type version struct {
		list *listed
		entry
	}
	var all []version
	for _, l := range lists {
		for _, e := range l.entries {
			all = append(all, version{l, e})
		}
	}
	slices.SortFunc(all, func(a, b version) int { return a.Time.Compare(b.Time) })
	for _, v := range all {
		old := k.Bounds.Age > 0 && k.Now().Sub(v.Time) > k.Bounds.Age
		if !old && total <= k.Bounds.Bytes {
			continue
		}
		v.list.entries = slices.DeleteFunc(v.list.entries, func(e entry) bool { return e == v.entry })
		v.list.changed = true
		if users[v.Hash]--; users[v.Hash] == 0 {
			total -= sizes[v.Hash]
		}
	}
	for _, l := range lists {
		switch {
		case len(l.entries) == 0:
			_ = os.Remove(l.file)
		case l.changed:
			_ = k.write(l.entries[0].URL, l.entries)
		}
	}
	for hash := range sizes {
		if users[hash] <= 0 {
			_ = os.Remove(k.content(hash))
		}
	}
}

// lists reads all lists, and counts how many name each content.
func (k *Keeper) lists() (all []*listed, users map[string]int) {
	users = map[string]int{}
	names, err := os.ReadDir(filepath.Join(k.Dir, "index"))
	if err != nil {
		return nil, users
	}
	for _, n := range names {
		file := filepath.Join(k.Dir, "index", n.Name())
		if strings.HasSuffix(n.Name(), ".new") {
			_ = os.Remove(file) // of a crash: we hold the lock
			continue
		}
		l := &listed{file: file}
		if l.entries, err = k.readFile(file); err != nil {
			continue
		}
		for _, e := range l.entries {
			users[e.Hash]++
		}
		all = append(all, l)
	}
	return all, users
}

// sizes is what each content takes on the disk, and all of them.
func (k *Keeper) sizes() (each map[string]int64, total int64) {
	each = map[string]int64{}
	_ = filepath.WalkDir(filepath.Join(k.Dir, "content"), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // what cannot be seen is not counted
		}
		hash, ok := strings.CutSuffix(d.Name(), ".gz")
		if info, err := d.Info(); err == nil && ok && isHash(hash) {
			each[hash] = info.Size()
			total += info.Size()
		}
		return nil
	})
	return each, total
}
