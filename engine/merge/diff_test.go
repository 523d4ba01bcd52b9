package merge_test

import (
	"fmt"
	"strings"
	"testing"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
)

func TestDiffListsWhatAPersonChanged(t *testing.T) {
	t.Parallel()
	a := book(t, 5, "a", "b", "c", "d")
	b := book(t, 5, "a", "b", "c", "d")
	set(b, 1, "b!")
	b.Delete(2, 1)
	b.Insert(3, notebook.NewCell(notebook.Code, "new"))
	b.Replace(0, b.Cell(0).WithCount(7, true))
	var got []string
	for _, p := range merge.Diff(a, b) {
		side := func(c *notebook.Cell) string {
			if c == nil {
				return "-"
			}
			return c.Source()
		}
		got = append(got, side(p.A)+">"+side(p.B))
	}
	if fmt.Sprint(got) != "[b>b! c>- ->new]" {
		t.Errorf("the cells that differ are %v", got)
	}
}

func TestLinesPutsTextsBesideEachOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{"", "", "="},
		{"x", "x", "=x"},
		{"x\ny\nz", "x\nnew\nz", "=x -y +new =z"},
		{"x", "x\ny", "=x +y"},
		{"a\nb", "c", "-a -b +c"},
		{"", "a", "- +a"},
	} {
		var got []string
		for _, l := range merge.Lines(c.a, c.b) {
			mark := map[[2]bool]string{{true, true}: "=", {true, false}: "-", {false, true}: "+"}[[2]bool{l.InA, l.InB}]
			got = append(got, mark+l.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q and %q: %s, want %s", c.a, c.b, s, c.want)
		}
	}
	long := strings.Repeat("x\n", 5000)
	if n := len(merge.Lines(long, "y\n"+long)); n != 5002 {
		t.Errorf("a line before a long text makes %d lines, want 5002", n)
	}
	odd, even := "", ""
	for i := range 4000 {
		odd += fmt.Sprintf("line %d\nx\n", i)
		even += fmt.Sprintf("x\nline %d\n", i)
	}
	both := 0
	for _, l := range merge.Lines("a\n"+odd, even+"b") {
		both += map[bool]int{true: 1}[l.InA && l.InB]
	}
	if both < 7999 {
		t.Errorf("two long texts have %d lines in common, want 7999", both)
	}
}
