package browser

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func shown(t *tree) string {
	var names []string
	for _, n := range t.rows {
		names = append(names, strings.Repeat(" ", n.depth)+n.Name)
	}
	return strings.Join(names, "\n")
}

func entries(names ...string) []Entry {
	var es []Entry
	for i, n := range names {
		name, dir := strings.CutSuffix(n, "/")
		es = append(es, Entry{Name: name, URL: "/" + name, Dir: dir, Size: int64(100 - i)})
	}
	return es
}

func grown(names ...string) *tree {
	t := newTree()
	t.height = 10
	t.addRoot("/", "root")
	t.roots[0].open = true
	t.take(t.roots[0], entries(names...), true, true)
	return t
}

func TestNamesAreSortedAsPeopleCount(t *testing.T) {
	t.Parallel()
	names := []string{"run-10", "run-2", "Run-1", "b", "a1b20", "a1b3", "run-02"}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(strings.Compare(natural(a), natural(b)), strings.Compare(a, b)) })
	if got, want := strings.Join(names, " "), "a1b3 a1b20 b Run-1 run-02 run-2 run-10"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

func TestFoldersComeFirstInEveryOrder(t *testing.T) {
	t.Parallel()
	tr := grown("b.txt", "z/", "a.txt", "y/")
	for o, want := range map[order]string{byName: "root\n y\n z\n a.txt\n b.txt", bySize: "root\n z\n y\n b.txt\n a.txt"} {
		tr.setOrder(o)
		if got := shown(tr); got != want {
			t.Errorf("by %v:\n%s\nwant\n%s", o, got, want)
		}
	}
}

func TestTheCursorStaysOnItsFileWhenTheFolderIsListedAnew(t *testing.T) {
	t.Parallel()
	tr := grown("d/", "m", "p")
	tr.moveTo(2)
	d := tr.rows[1]
	d.open = true
	tr.take(d, []Entry{{Name: "inner", URL: "/d/inner"}}, true, true)
	if got := tr.current().Name; got != "m" {
		t.Fatalf("the cursor is on %s", got)
	}
	tr.take(tr.roots[0], entries("a", "b", "d/", "m", "p"), true, true)
	if got := tr.current().Name; got != "m" {
		t.Errorf("the cursor is on %s", got)
	}
	if !strings.Contains(shown(tr), "inner") {
		t.Errorf("the open folder was closed:\n%s", shown(tr))
	}
	tr.take(tr.roots[0], entries("a"), true, true)
	if got := tr.current(); got == nil || got.Name != "a" {
		t.Errorf("the cursor is on %v", got)
	}
}

func TestAFilterKeepsWhatLeadsToAMatch(t *testing.T) {
	t.Parallel()
	tr := grown("deep/", "other", "Report.ipynb", ".hidden")
	deep := tr.rows[1]
	deep.open = true
	tr.take(deep, []Entry{{Name: "daily_report.ipynb", URL: "/deep/r"}, {Name: "x", URL: "/deep/x"}}, true, true)
	tr.setFilter("repo")
	if got, want := shown(tr), "root\n deep\n  daily_report.ipynb\n Report.ipynb"; got != want {
		t.Errorf("shown:\n%s\nwant\n%s", got, want)
	}
	if tr.current().Name != "Report.ipynb" && tr.current().Name != "daily_report.ipynb" {
		t.Errorf("the cursor is on %s, which does not match", tr.current().Name)
	}
	tr.setFilter("")
	if strings.Contains(shown(tr), ".hidden") {
		t.Errorf("a hidden file is shown")
	}
	tr.hidden = true
	tr.refresh()
	if !strings.Contains(shown(tr), ".hidden") {
		t.Errorf("the hidden file is not shown")
	}
}

func TestAHundredThousandNamesAreTakenPageByPage(t *testing.T) {
	t.Parallel()
	tr := newTree()
	tr.height = 40
	root := tr.addRoot("/", "root")
	root.open = true
	for page := range 100 {
		var es []Entry
		for i := range 1000 {
			name := fmt.Sprintf("key-%06d", page*1000+i)
			es = append(es, Entry{Name: name, URL: "/" + name})
		}
		tr.take(root, es, page == 0, page == 99)
		if page == 0 {
			tr.moveTo(500)
		}
	}
	if got := tr.current().Name; got != "key-000499" || len(tr.rows) != 100_001 || !root.listed {
		t.Errorf("%d rows, the cursor on %s", len(tr.rows), got)
	}
}

func TestMatchesThatBeginWordsAndHangTogetherComeFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, better, worse string }{
		{"dr", "daily_report", "adrift"},
		{"report", "report.ipynb", "r_e_p_o_r_t"},
		{"nb", "NoteBook", "anbc"},
	} {
		a, ok1 := score(c.better, c.typed)
		b, ok2 := score(c.worse, c.typed)
		if !ok1 || !ok2 || a <= b {
			t.Errorf("%q: %s %d %v, %s %d %v", c.typed, c.better, a, ok1, c.worse, b, ok2)
		}
	}
	if _, ok := score("report", "Report"); ok {
		t.Error("a capital that was typed is not told apart")
	}
	if _, ok := score("abc", "abcd"); ok {
		t.Error("a longer text matches")
	}
}
