package render

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"nbterm/engine/mime"
)

func BenchmarkMarkdownSmallCell(b *testing.B) {
	src := "## Load\n\nWe read the *daily* frame and keep `views > 1000`, see [the runbook](https://example.org).\n\n- one\n- two\n"
	for b.Loop() {
		Markdown(src, testContext(80))
	}
}

func BenchmarkMarkdown22kB(b *testing.B) {
	src := read(b, "report.md")
	src = strings.Repeat(src+"\n\n", 22_000/len(src)+1)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Markdown(src, testContext(80))
	}
}

func BenchmarkPandasTable60x20(b *testing.B) {
	var sb strings.Builder
	sb.WriteString(`<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th>`)
	for c := range 20 {
		fmt.Fprintf(&sb, "<th>column_%d</th>\n", c)
	}
	sb.WriteString("</tr></thead><tbody>")
	for r := range 60 {
		fmt.Fprintf(&sb, "<tr>\n      <th>%d</th>", r)
		for c := range 20 {
			fmt.Fprintf(&sb, "\n      <td>%.6f</td>", float64(r*c)/7)
		}
		sb.WriteString("\n</tr>")
	}
	sb.WriteString("</tbody></table>")
	o := bundle(mime.TextEntry("text/html", sb.String()))
	for b.Loop() {
		Output(o, testContext(200))
	}
}

func BenchmarkImage1080p(b *testing.B) {
	nrgba := image.NewNRGBA(image.Rect(0, 0, 1920, 1080))
	rgba := image.NewRGBA(nrgba.Bounds())
	ycbcr := image.NewYCbCr(nrgba.Bounds(), image.YCbCrSubsampleRatio420)
	for i := range nrgba.Pix {
		nrgba.Pix[i], rgba.Pix[i] = uint8(i*7), uint8(i*7)
	}
	for i := range ycbcr.Y {
		ycbcr.Y[i] = uint8(i * 3)
	}
	paletted := image.NewPaletted(nrgba.Bounds(), color.Palette{color.Black, color.White})
	for name, img := range map[string]image.Image{"nrgba": nrgba, "rgba": rgba, "ycbcr": ycbcr, "paletted": paletted} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Image(img, testContext(120))
			}
		})
	}
	entry := pngOf(rgba)
	b.Run("png-with-decoding", func(b *testing.B) {
		for b.Loop() {
			Output(bundle(entry), testContext(120))
		}
	})
}

func BenchmarkPythonCell(b *testing.B) {
	src := read(b, "sample.py")
	for b.Loop() {
		Code(src, "python", testContext(100))
	}
}
