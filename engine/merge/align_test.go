package merge_test

import (
	"fmt"
	"strings"
	"testing"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
)

// cells makes cells of sources, each with the id before its @ if there is one.
func cells(t *testing.T, sources ...string) []*notebook.Cell {
	t.Helper()
	var text []string
	for _, s := range sources {
		id, source, _ := strings.Cut(s, "@")
		text = append(text, fmt.Sprintf(`{"cell_type":"code","id":%q,"metadata":{},"execution_count":null,"outputs":[],"source":%q}`, id, source))
	}
	doc, err := notebook.Parse([]byte(`{"cells":[` + strings.Join(text, ",") + `],"metadata":{},"nbformat":4,"nbformat_minor":5}`))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Cells()
}

func TestAlignPutsCellsBesideEachOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, a, b, want string }{
		{"by id", "1@a 2@b", "1@x 2@y", "0-0 1-1"},
		{"put in and taken out", "1@a 2@b 3@c", "1@a 4@new 3@c", "0-0 1-_ _-1 2-2"},
		{"moved", "1@a 2@b 3@c 4@d", "4@d 1@a 2@b 3@c", "3-0m 0-1 1-2 2-3"},
		{"moved and changed", "1@a 2@b 3@c", "3@c! 1@a 2@b", "2-0m 0-1 1-2"},
		{"new ids, same texts", "1@a 2@b 3@c", "7@a 8@b 9@c", "0-0 1-1 2-2"},
		{"new ids, like texts", "1@lr=0.1,seed=1 2@b", "7@lr=0.1,seed=2 8@b", "0-0 1-1"},
		{"new ids, other texts", "1@alpha=1 2@b", "7@print('x') 8@b", "0-_ _-0 1-1"},
		{"no ids", "@a @x=1 @c", "@a @y @c", "0-0 1-1 2-2"},
		{"nothing", "", "1@a", "0-_ _-0"},
	} {
		split := func(s string) []*notebook.Cell { return cells(t, strings.Fields(s)...) }
		if c.a == "" {
			c.want = "_-0"
		}
		var got []string
		name := func(n int) string {
			if n < 0 {
				return "_"
			}
			return fmt.Sprint(n)
		}
		for _, p := range merge.Align(split(c.a), split(c.b)) {
			got = append(got, name(p.A)+"-"+name(p.B)+map[bool]string{true: "m"}[p.Moved])
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

func FuzzCommon(f *testing.F) {
	f.Add("a b c", "a c b")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := strings.Fields(a), strings.Fields(b)
		i, j := -1, -1
		for _, p := range merge.Common(x, y) {
			if p[0] <= i || p[1] <= j || x[p[0]] != y[p[1]] {
				t.Fatalf("%q and %q: pair %v after %d,%d", x, y, p, i, j)
			}
			i, j = p[0], p[1]
		}
	})
}
