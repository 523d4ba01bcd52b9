package list_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"nbterm/tui/list"
)

// items are heights; rows read "item.row". asked counts Height calls per item.
type items struct {
	heights []int
	asked   map[int]int
}

func (s *items) Len() int { return len(s.heights) }
func (s *items) Height(i int) int {
	if s.asked != nil {
		s.asked[i]++
	}
	return s.heights[i]
}

func (s *items) Rows(i, from, to int) []string {
	var rows []string
	for r := from; r < to; r++ {
		rows = append(rows, fmt.Sprintf("%d.%d", i, r))
	}
	return rows
}

func show(l *list.List) string { return strings.Join(l.Rows(), " ") }

func TestScrollStopsAtBothEnds(t *testing.T) {
	t.Parallel()
	l := list.New(&items{heights: []int{2, 1, 3}})
	l.SetHeight(3)
	for _, step := range []struct {
		rows int
		want string
	}{
		{0, "0.0 0.1 1.0"},
		{-5, "0.0 0.1 1.0"},
		{1, "0.1 1.0 2.0"},
		{99, "2.0 2.1 2.2"},
		{-1, "1.0 2.0 2.1"},
		{-99, "0.0 0.1 1.0"},
	} {
		l.Scroll(step.rows)
		if got := show(l); got != step.want {
			t.Errorf("after %+d: %s, want %s", step.rows, got, step.want)
		}
	}
}

func TestRevealMovesAsLittleAsNeeded(t *testing.T) {
	t.Parallel()
	l := list.New(&items{heights: []int{4, 4, 4}})
	l.SetHeight(5)
	l.Reveal(1, 0, 4)
	if got, want := show(l), "0.3 1.0 1.1 1.2 1.3"; got != want {
		t.Errorf("below: %s, want %s", got, want)
	}
	l.Reveal(1, 1, 2)
	if got, want := show(l), "0.3 1.0 1.1 1.2 1.3"; got != want {
		t.Errorf("already there: %s, want %s", got, want)
	}
	l.Reveal(0, 1, 2)
	if got, want := show(l), "0.1 0.2 0.3 1.0 1.1"; got != want {
		t.Errorf("above: %s, want %s", got, want)
	}
}

func TestGrowthBelowTheTopEdgeMovesNothingAbove(t *testing.T) {
	t.Parallel()
	src := &items{heights: []int{2, 2, 2}}
	l := list.New(src)
	l.SetHeight(4)
	l.Scroll(1)
	src.heights[0], src.heights[1] = 2, 9
	if got, want := show(l), "0.1 1.0 1.1 1.2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAnchorSurvivesShrinkingAndRemoval(t *testing.T) {
	t.Parallel()
	src := &items{heights: []int{1, 9}}
	l := list.New(src)
	l.SetHeight(2)
	l.SetTop(list.Pos{Item: 1, Row: 7})
	src.heights[1] = 3
	if got, want := show(l), "1.2 "; got != want {
		t.Errorf("shrunk: %q, want %q", got, want)
	}
	src.heights = src.heights[:1]
	if got, want := show(l), "0.0 "; got != want {
		t.Errorf("removed: %q, want %q", got, want)
	}
	src.heights = nil
	if got, want := show(l), " "; got != want {
		t.Errorf("empty: %q, want %q", got, want)
	}
}

func TestOnlyItemsNearTheScreenAreAsked(t *testing.T) {
	t.Parallel()
	src := &items{heights: make([]int, 5000), asked: map[int]int{}}
	for i := range src.heights {
		src.heights[i] = 3
	}
	l := list.New(src)
	l.SetHeight(30)
	l.SetTop(list.Pos{Item: 2500})
	l.Rows()
	l.Scroll(5)
	l.Scroll(-9)
	l.Rows()
	for i := range src.asked {
		if (i < 2480 || i > 2520) && i < 4985 {
			t.Errorf("item %d was asked for its height", i)
		}
	}
}

func TestAtAndYAgreeWithWhatIsShown(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		src := &items{}
		for range rnd.IntN(8) + 1 {
			src.heights = append(src.heights, rnd.IntN(5)+1)
		}
		l := list.New(src)
		l.SetHeight(rnd.IntN(9) + 1)
		l.Scroll(rnd.IntN(12))
		for y, row := range l.Rows() {
			p, ok := l.At(y)
			if !ok {
				if row != "" {
					t.Fatalf("row %d shows %q, At says nothing", y, row)
				}
				continue
			}
			if got := fmt.Sprintf("%d.%d", p.Item, p.Row); got != row {
				t.Fatalf("At(%d) = %s, shown is %s", y, got, row)
			}
			if back, ok := l.Y(p); !ok || back != y {
				t.Fatalf("Y(At(%d)) = %d, %v", y, back, ok)
			}
		}
	}
}
