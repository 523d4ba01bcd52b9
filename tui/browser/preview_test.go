package browser

import (
	"testing"

	"nbterm/tui/theme"
)

func TestACursorThatRanOnToAFolderReadsNothing(t *testing.T) {
	t.Parallel()
	s := &Screen{tree: grown("sub/", "report.ipynb"), Deps: Deps{Theme: theme.New(true)}}
	s.size.w, s.size.h = 120, 30
	s.tree.moveTo(2)
	due, ok := s.look()().(lookDue)
	if !ok || due.entry.Name != "report.ipynb" {
		t.Fatalf("due is %+v", due)
	}
	s.tree.moveTo(1)
	if s.look() != nil {
		t.Error("a folder is to be read")
	}
	if s.lookNow(due) != nil {
		t.Error("the file that the cursor left is read")
	}
}
