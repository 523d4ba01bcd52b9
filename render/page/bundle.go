package page

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
)

// form draws one mime type of a bundle; false where the value is not what it says.
type form func(d *drawer, typ string, b mime.Bundle) bool

// forms is what a bundle is drawn from, the richest first. What is not here is named.
var forms = []struct {
	mime string // exact, or a prefix ending in *
	draw form
}{
	{"application/vnd.vegalite.*", (*drawer).chart},
	{"application/vnd.vega.*", (*drawer).chart},
	{"image/png", (*drawer).image},
	{"image/jpeg", (*drawer).image},
	{"image/gif", (*drawer).image},
	{"image/webp", (*drawer).image},
	{"image/svg+xml", (*drawer).vector},
	{"text/html", (*drawer).markup},
	{"text/markdown", (*drawer).markdownForm},
	{"text/latex", (*drawer).latex},
	{"text/plain", (*drawer).plain},
	{"application/json", (*drawer).json},
}

func (d *drawer) bundle(o *notebook.Output) {
	b := o.Bundle()
	for _, f := range forms {
		for _, typ := range b.Types() {
			prefix, family := strings.CutSuffix(f.mime, "*")
			if typ == f.mime || family && strings.HasPrefix(typ, prefix) {
				if f.draw(d, typ, b) {
					return
				}
			}
		}
	}
	for _, typ := range b.Types() {
		fmt.Fprintf(d.b, `<p class="far">[%s]</p>`, html.EscapeString(typ))
	}
}

// imageMost is the bytes of one image on a page.
const imageMost = 16 << 20

func (d *drawer) image(typ string, b mime.Bundle) bool {
	data, err := b.Bytes(typ)
	if err != nil || len(data) == 0 || len(data) > imageMost {
		return false
	}
	d.dataImage(typ, data, "")
	return true
}

// dataImage embeds an image. A browser runs nothing in one and loads nothing for it,
// SVG included.
func (d *drawer) dataImage(typ string, data []byte, alt string) {
	fmt.Fprintf(d.b, `<img alt="%s" src="data:%s;base64,%s">`, html.EscapeString(alt), typ, base64.StdEncoding.EncodeToString(data))
}

func (d *drawer) vector(typ string, b mime.Bundle) bool {
	text, ok := b.Text(typ)
	if !ok || !strings.Contains(text, "<svg") || len(text) > imageMost {
		return false
	}
	d.dataImage("image/svg+xml", []byte(text), "")
	return true
}

func (d *drawer) chart(typ string, b mime.Bundle) bool {
	spec, ok := b.Get(typ)
	if !ok || d.Chart == nil {
		return false
	}
	svg, err := d.Chart(typ, spec)
	if err != nil {
		return false
	}
	d.dataImage("image/svg+xml", svg, "chart")
	return true
}

func (d *drawer) markup(typ string, b mime.Bundle) bool {
	text, ok := b.Text(typ)
	if !ok {
		return false
	}
	safe := d.sanitise(text, nil)
	if strings.TrimSpace(stripped(safe)) == "" && !strings.Contains(safe, "<img") {
		return false // it was all script: the next form says more
	}
	d.b.WriteString(`<div class="html">` + safe + `</div>`)
	return true
}

func (d *drawer) markdownForm(typ string, b mime.Bundle) bool {
	text, ok := b.Text(typ)
	if ok {
		d.b.WriteString(`<div class="md">`)
		d.markdown(text, nil)
		d.b.WriteString(`</div>`)
	}
	return ok
}

func (d *drawer) latex(typ string, b mime.Bundle) bool {
	text, ok := b.Text(typ)
	if ok {
		d.b.WriteString(`<p>` + math(strings.Trim(text, "$ \n"), true) + `</p>`)
	}
	return ok
}

func (d *drawer) plain(typ string, b mime.Bundle) bool {
	text, ok := b.Text(typ)
	if ok {
		terminal(d.b, "stream", text)
	}
	return ok
}

func (d *drawer) json(typ string, b mime.Bundle) bool {
	raw, ok := b.Get(typ)
	var out bytes.Buffer
	if !ok || json.Indent(&out, raw, "", "  ") != nil {
		return false
	}
	d.b.WriteString(`<details><summary>JSON</summary>`)
	code(d.b, out.String(), "json")
	d.b.WriteString(`</details>`)
	return true
}
