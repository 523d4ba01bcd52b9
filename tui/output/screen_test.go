package output_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/tui"
	"nbterm/tui/keymap"
	"nbterm/tui/output"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

// saved is one file that was written.
type saved struct {
	base, ext string
	data      []byte
}

func open(t *testing.T, outs ...*notebook.Output) (*tuitest.Terminal, chan saved) {
	t.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	files := make(chan saved, 10)
	s := output.New(output.Deps{
		Outputs: outs, Title: "nb.ipynb cell 3", Base: "nb-cell3", Keys: keys, Theme: theme.New(true),
		Save: func(_ context.Context, base, ext string, data []byte) (string, error) {
			files <- saved{base, ext, data}
			return "~/" + base + ext, nil
		},
	})
	app := tui.New(s, tui.Options{Theme: "dark"})
	t.Cleanup(func() { _ = app.Close() })
	return tuitest.Start(t, app, 80, 24), files
}

func pngBytes(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 40, 40))
	for i := range img.Pix {
		img.Pix[i] = uint8(255 - i%4)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func display(entries ...mime.Entry) *notebook.Output {
	return notebook.NewDisplay(mime.FromEntries(entries...), nil, "")
}

func shows(text string) func(string) bool {
	return func(s string) bool { return strings.Contains(s, text) }
}

func TestStepsThroughFormsAndSavesTheOneThatIsShown(t *testing.T) {
	t.Parallel()
	data := pngBytes(t)
	term, files := open(t, display(
		mime.TextEntry("text/plain", "<Figure size 1x1>"), mime.TextEntry("text/html", "<b>bold words</b>"),
		mime.TextEntry("image/png", base64.StdEncoding.EncodeToString(data))))
	term.WaitFor("the picture", func(s string) bool {
		return strings.Contains(s, "▀") && strings.Contains(s, "image/png · form 1 of 3")
	})
	term.Type("s")
	if f := <-files; f.base != "nb-cell3" || f.ext != ".png" || !bytes.Equal(f.data, data) {
		t.Errorf("saved %s%s, %d bytes of %d", f.base, f.ext, len(f.data), len(data))
	}
	term.WaitFor("where it was saved", shows("saved to ~/nb-cell3.png"))
	term.Type("v")
	term.WaitFor("the next form", shows("bold words"))
	term.Type("s")
	if f := <-files; f.ext != ".html" || string(f.data) != "<b>bold words</b>" {
		t.Errorf("saved %s %q", f.ext, f.data)
	}
	term.Type("v")
	term.WaitFor("the last form", shows("<Figure size 1x1>"))
	term.Type("v")
	term.WaitFor("the first again", shows("form 1 of 3"))
}

func TestBeginsWithTheOutputThatIsNoStreamAndStepsToOthers(t *testing.T) {
	t.Parallel()
	term, files := open(t, notebook.NewStream("stdout", "printed words\n"), display(mime.TextEntry("text/plain", "the value")))
	term.WaitFor("the value", shows("the value"))
	term.Type("n")
	term.WaitFor("the stream", shows("printed words"))
	term.Type("s")
	if f := <-files; f.ext != ".txt" || string(f.data) != "printed words\n" {
		t.Errorf("saved %s %q", f.ext, f.data)
	}
	term.Type("v")
	term.WaitFor("why there is no other form", shows("one form only"))
}

func TestLongTextScrollsAndStopsAtItsEnd(t *testing.T) {
	t.Parallel()
	term, _ := open(t, display(mime.TextEntry("text/plain", strings.Repeat("row\n", 100)+"the end")))
	term.WaitFor("the top", func(s string) bool { return strings.Contains(s, "row") && !strings.Contains(s, "the end") })
	term.Type("G")
	term.WaitFor("the end", shows("the end"))
	term.Type("jjjjj")
	term.Idle()
	if !strings.Contains(term.Screen(), "the end") {
		t.Error("scrolled beyond the end")
	}
	term.Type("g")
	term.WaitFor("the top again", func(s string) bool { return !strings.Contains(s, "the end") })
}

func TestAnimationPlaysUntilItIsStopped(t *testing.T) {
	t.Parallel()
	g := &gif.GIF{}
	for i := range 3 {
		img := image.NewPaletted(image.Rect(0, 0, 20, 20), color.Palette{color.Black, color.White, color.NRGBA{255, 0, 0, 255}})
		for p := range img.Pix {
			img.Pix[p] = uint8(i)
		}
		g.Image, g.Delay = append(g.Image, img), append(g.Delay, 5)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	term, _ := open(t, display(mime.TextEntry("image/gif", base64.StdEncoding.EncodeToString(b.Bytes()))))
	colour := func() color.Color {
		x, y := term.Find("▀")
		return term.Cell(x, y).Style.Fg
	}
	term.WaitFor("the first frame", shows("▀"))
	first := colour()
	term.Type("p")
	term.WaitFor("another frame", func(string) bool { return true })
	for colour() == first {
		term.Idle()
	}
	term.Type("p")
	term.Idle()
}

func TestZoomedPicturesAreLargerThanTheScreen(t *testing.T) {
	t.Parallel()
	term, _ := open(t, display(mime.TextEntry("image/png", base64.StdEncoding.EncodeToString(pngBytes(t)))))
	fitted := term.WaitFor("the picture", shows("▀"))
	term.Type("++")
	term.WaitFor("a larger one", func(s string) bool { return strings.Contains(s, "▀") && s != fitted })
	term.Type("0")
	term.WaitFor("the first size", func(s string) bool { return s == fitted })
	term.Send(tea.WindowSizeMsg{Width: 80, Height: 24})
}

func TestWideTablesMoveByColumnsBesideTheirIndex(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`<table><thead><tr><th></th>`)
	for c := range 20 {
		fmt.Fprintf(&b, "<th>column%d</th>", c)
	}
	b.WriteString("</tr></thead><tbody><tr><th>rowname</th>")
	for c := range 20 {
		fmt.Fprintf(&b, "<td>%d</td>", 1000+c)
	}
	b.WriteString("</tr></tbody></table>")
	term, _ := open(t, display(mime.TextEntry("text/html", b.String())))
	term.WaitFor("the first columns", func(s string) bool { return strings.Contains(s, "1000") && strings.Contains(s, "more columns") })
	for range 3 {
		term.Type("right")
		term.Idle()
	}
	term.WaitFor("later columns beside the index", func(s string) bool {
		return strings.Contains(s, "rowname") && strings.Contains(s, "1003") && !strings.Contains(s, "1002") && strings.Contains(s, "◂ 3 columns")
	})
	term.Type("g")
	term.WaitFor("the first columns again", shows("1000"))
}

func TestTracebacksCanDoWithoutLibraries(t *testing.T) {
	t.Parallel()
	lib := "File /usr/lib/python3/dist-packages/pandas/core/frame.py:20, in f(a)\n---> 20 deep_inside()"
	term, _ := open(t, notebook.NewError("KeyError", "'x'", []string{"Cell In[1], line 2\n----> 2 df['x']", lib, lib, lib, "KeyError: 'x'"}))
	term.WaitFor("all of it", shows("deep_inside"))
	term.Type("v")
	term.WaitFor("what is the reader's own", func(s string) bool {
		return strings.Contains(s, "Cell In[1], line 2") && strings.Contains(s, "2 frames in libraries")
	})
}
