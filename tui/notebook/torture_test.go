//go:build torture

package notebook_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"nbterm/engine/notebook"
	screen "nbterm/tui/notebook"
)

// dice are seeded by NBTERM_SEED or the clock.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("NBTERM_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("seed %d (NBTERM_SEED=%[1]d repeats it)", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// typist edits at random in one desk and answers what is asked by keeping all.
type typist struct {
	*desk
	r         *rand.Rand
	questions int
}

// calm answers questions until none is open.
func (p *typist) calm() {
	p.t.Helper()
	for {
		p.Idle()
		switch s := p.Screen(); {
		case strings.Contains(s, "was changed in both"):
			p.questions++
			if strings.Contains(s, "b both") {
				p.press("b")
			} else if strings.Contains(s, "m delete it") {
				p.press("t")
			} else {
				p.press("m")
			}
		case strings.Contains(s, "Nothing has been written"):
			p.questions++
			p.press("m")
		default:
			return
		}
	}
}

// edit does one edit: a word at the start of some cell, or a new cell of it, or a move.
func (p *typist) edit(word string) {
	p.t.Helper()
	p.calm()
	p.press("esc", "g", "g")
	for range p.r.IntN(6) {
		p.press("j")
	}
	p.calm()
	switch p.r.IntN(5) {
	case 0:
		p.Type("b", "enter", word+" ", "esc")
	case 1:
		p.Type("alt+j", "enter", "ctrl+home", word+" ", "esc")
	default:
		p.Type("enter", "ctrl+home", word+" ", "esc")
	}
	p.calm()
}

// typedIn makes sure that a word was typed: keys may have gone to a question that came
// up at that moment.
func (p *typist) typedIn(word string) {
	p.t.Helper()
	for range 50 {
		p.edit(word)
		if strings.Contains(p.Screen(), word) {
			return
		}
	}
	p.t.Fatalf("%s cannot be typed:\n%s", word, p.Screen())
}

// saveAll saves until the file is what is seen.
func (p *typist) saveAll() {
	p.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		p.calm()
		p.press("esc", "s")
		p.calm()
		if s := p.Screen(); strings.Contains(s, " saved ") {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("it is never saved:\n%s", p.Screen())
		}
	}
}

func wantWords(t *testing.T, d *desk, words []string) {
	t.Helper()
	doc, err := notebook.Parse(d.read(d.path))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range doc.Cells() {
		all = append(all, c.Source())
	}
	text := strings.Join(all, "\n")
	lost := 0
	for _, w := range words {
		if !strings.Contains(text, w+" ") {
			lost++
			t.Errorf("%s is lost", w)
		}
	}
	t.Logf("%d of %d words lost", lost, len(words))
}

// TestTortureForeignChanges [6]: the file is changed 200 times under someone who types
// and saves.
func TestTortureForeignChanges(t *testing.T) {
	d := &desk{t: t, path: t.TempDir() + "/nb.ipynb"}
	d.write(book("zero", "one", "two", "three", "four", "five"))
	p := &typist{r: dice(t), desk: openFile(t, 80, 40, d.path, screen.Safety{LookEvery: 20 * time.Millisecond})}
	var words []string
	for i := range 200 {
		theirs := fmt.Sprintf("theirs%d", i)
		d.elsewhere(func(doc *notebook.Notebook) {
			at := p.r.IntN(doc.Len())
			if p.r.IntN(4) == 0 {
				doc.Insert(at, notebook.NewCell(notebook.Code, theirs+" "))
				return
			}
			source(at, doc.Cell(at).Source()+"\n"+theirs+" ")(doc)
		})
		words = append(words, theirs)
		if p.r.IntN(2) == 0 {
			mine := fmt.Sprintf("mine%d", i)
			p.typedIn(mine)
			words = append(words, mine)
		}
		if p.r.IntN(2) == 0 {
			p.press("s")
		}
		p.calm()
		if i%20 == 19 {
			p.saveAll()
		}
	}
	p.saveAll()
	wantWords(t, d, words)
	t.Logf("200 foreign changes, %d questions", p.questions)
}

// TestTortureTouches [6]: 1,000 touches say nothing.
func TestTortureTouches(t *testing.T) {
	touches(watchful(t, "one", "two"), 1000)
	t.Log("1000 touches, 0 dialogs")
}

// TestTortureTwoClients [11]: 1,000 random edits in two workbenches on one file.
func TestTortureTwoClients(t *testing.T) {
	r := dice(t)
	path := t.TempDir() + "/nb.ipynb"
	(&desk{t: t, path: path}).write(book("zero", "one", "two", "three", "four", "five"))
	var both [2]*typist
	for i := range both {
		both[i] = &typist{r: r, desk: openFile(t, 80, 40, path, screen.Safety{LookEvery: 20 * time.Millisecond})}
	}
	var words []string
	for i := range 1000 {
		who := r.IntN(2)
		word := fmt.Sprintf("w%d.%d", who, i)
		both[who].typedIn(word)
		words = append(words, word)
		if r.IntN(3) == 0 {
			both[who].press("s")
			both[who].calm()
		}
	}
	for range 3 {
		both[0].saveAll()
		both[1].saveAll()
	}
	wantWords(t, both[0].desk, words)
	t.Logf("1000 edits, %d and %d questions", both[0].questions, both[1].questions)
}
