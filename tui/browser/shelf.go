package browser

import (
	"cmp"
	"slices"
	"strings"
)

// shelf is what a folder holds, as far as it has come, and the sums of it: a folder of
// 100,000 entries is never gone through whole to take in one more page.
type shelf struct {
	kids  []*node
	byURL map[string]*node
	sum   sum
}

// sum is of what is directly in a folder.
type sum struct {
	dirs, books, others int
	hidden              int   // of all of them
	bytes               int64 // of files
}

func (s *sum) add(e Entry) {
	if strings.HasPrefix(e.Name, ".") {
		s.hidden++
	}
	switch {
	case e.Dir:
		s.dirs++
		return
	case kindOf(e.Name) == isNotebook:
		s.books++
	default:
		s.others++
	}
	s.bytes += e.Size
}

// put adds nodes. They are sorted in where by is given, else come last.
func (s *shelf) put(nodes []*node, by func(a, b *node) int) {
	if s.byURL == nil {
		s.byURL = make(map[string]*node, len(nodes))
	}
	for _, n := range nodes {
		s.byURL[n.URL] = n
		s.sum.add(n.Entry)
	}
	if by == nil {
		s.kids = append(s.kids, nodes...)
		return
	}
	slices.SortStableFunc(nodes, by)
	s.kids = merge(s.kids, nodes, by)
}

// merge puts two sorted lists together; page is the shorter. Only what comes behind the
// page's first is moved, which is nothing where pages come in order.
func merge(all, page []*node, by func(a, b *node) int) []*node {
	if len(page) == 0 {
		return all
	}
	from, _ := slices.BinarySearchFunc(all, page[0], by)
	behind := slices.Clone(all[from:])
	all = all[:from]
	for len(behind) > 0 && len(page) > 0 {
		if by(page[0], behind[0]) < 0 {
			all, page = append(all, page[0]), page[1:]
		} else {
			all, behind = append(all, behind[0]), behind[1:]
		}
	}
	return append(append(all, behind...), page...)
}

// compare is the order of nodes in a folder: folders first, then as asked, then by name.
func (o order) compare(a, b *node) int {
	if a.Dir != b.Dir {
		if a.Dir {
			return -1
		}
		return 1
	}
	by := 0
	switch o {
	case byTime:
		by = b.Modified.Compare(a.Modified)
	case bySize:
		by = cmp.Compare(b.Size, a.Size)
	case byName, orders:
	}
	if by != 0 {
		return by
	}
	return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.Name, b.Name))
}

// natural turns a name into a key whose bytes compare as people count: run-2 before
// run-10, capitals apart only where nothing else tells two names apart. A number is
// written as its length and its digits, without the zeros before them.
func natural(name string) string {
	low := strings.ToLower(name)
	if strings.IndexFunc(low, func(r rune) bool { return '0' <= r && r <= '9' }) < 0 {
		return low
	}
	var b strings.Builder
	b.Grow(len(low) + 8)
	for i := 0; i < len(low); {
		from := i
		for i < len(low) && '0' <= low[i] && low[i] <= '9' {
			i++
		}
		if i == from {
			b.WriteByte(low[i])
			i++
			continue
		}
		digits := strings.TrimLeft(low[from:i], "0")
		b.WriteByte('0')
		b.WriteByte(byte(min(len(digits), 255)))
		b.WriteString(digits)
	}
	return b.String()
}
