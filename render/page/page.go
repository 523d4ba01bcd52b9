// Package page draws a notebook as one static HTML page: no script, nothing loaded
// from elsewhere, all that others wrote either escaped or through one allowlist. It
// needs no network and no state; the same notebook gives the same bytes.
package page

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"nbterm/engine/notebook"
)

//go:embed page.css
var style string

// Options of a page.
type Options struct {
	Title string  // of the window and the header; plain text
	Trail []Crumb // the folders that lead here, the top first
	Raw   string  // where the file itself is to be had; "" for nowhere
	Note  string  // a word beside the title, such as "live"; plain text
	// Folder and File make the address of a relative link: to a page, and to an image.
	// nil leaves such links out.
	Link func(relative string) string
	File func(relative string) string
	// Chart turns a Vega or Vega-Lite bundle into an SVG. nil shows its next form.
	Chart func(typ string, spec []byte) ([]byte, error)
}

// Crumb is a part of a trail.
type Crumb struct{ Name, Link string }

// Notebook draws doc as a whole page in UTF-8.
func Notebook(doc *notebook.Notebook, o Options) []byte {
	var b bytes.Buffer
	d := drawer{Options: o, language: doc.Language(), b: &b}
	head(&b, o)
	b.WriteString(`<main class="nb">`)
	facts(&b, doc)
	for i := range doc.Len() {
		d.cell(i, doc.Cell(i))
	}
	b.WriteString("</main>")
	foot(&b)
	return b.Bytes()
}

// Text draws a plain file; language may be "".
func Text(text, language string, o Options) []byte {
	var b bytes.Buffer
	head(&b, o)
	b.WriteString(`<main><div class="in">`)
	code(&b, text, language)
	b.WriteString("</div></main>")
	foot(&b)
	return b.Bytes()
}

// Markdown draws a markdown file.
func Markdown(text string, o Options) []byte {
	var b bytes.Buffer
	d := drawer{Options: o, b: &b}
	head(&b, o)
	b.WriteString(`<main><div class="md">`)
	d.markdown(text, nil)
	b.WriteString("</div></main>")
	foot(&b)
	return b.Bytes()
}

// Frame puts a body that is safe HTML already into a page.
func Frame(body string, o Options) []byte {
	var b bytes.Buffer
	head(&b, o)
	b.WriteString("<main>" + body + "</main>")
	foot(&b)
	return b.Bytes()
}

func head(b *bytes.Buffer, o Options) {
	fmt.Fprintf(b, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"+
		"<meta name=\"color-scheme\" content=\"light dark\"><title>%s</title><style>%s</style></head><body><header>", html.EscapeString(o.Title), style)
	b.WriteString(`<nav>`)
	for _, c := range o.Trail {
		fmt.Fprintf(b, `<a href="%s">%s</a><span class="sep">/</span>`, html.EscapeString(c.Link), html.EscapeString(c.Name))
	}
	fmt.Fprintf(b, `<b>%s</b>`, html.EscapeString(o.Title))
	if o.Note != "" {
		fmt.Fprintf(b, ` <em class="note">%s</em>`, html.EscapeString(o.Note))
	}
	b.WriteString(`</nav>`)
	if o.Raw != "" {
		fmt.Fprintf(b, `<a class="raw" href="%s">file</a>`, html.EscapeString(o.Raw))
	}
	b.WriteString("</header>")
}

func foot(b *bytes.Buffer) { b.WriteString("</body></html>\n") }

// facts says what the record of a run says.
func facts(b *bytes.Buffer, doc *notebook.Notebook) {
	raw, ok := doc.Meta("papermill")
	var r struct {
		Start      time.Time       `json:"start_time"`
		Duration   *float64        `json:"duration"`
		Exception  bool            `json:"exception"`
		Parameters json.RawMessage `json:"parameters"`
	}
	if !ok || json.Unmarshal(raw, &r) != nil || r.Start.IsZero() {
		return
	}
	state, class := "succeeded", "ok"
	if r.Exception {
		state, class = "failed", "bad"
	}
	fmt.Fprintf(b, `<p class="facts"><b class="%s">%s</b> %s`, class, state, r.Start.UTC().Format("2006-01-02 15:04 UTC"))
	if r.Duration != nil {
		fmt.Fprintf(b, ` · %s`, time.Duration(*r.Duration*float64(time.Second)).Round(100*time.Millisecond))
	}
	var params map[string]json.RawMessage
	if json.Unmarshal(r.Parameters, &params) == nil && len(params) > 0 {
		names := make([]string, 0, len(params))
		for n := range params {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			fmt.Fprintf(b, ` · <code>%s=%s</code>`, html.EscapeString(n), html.EscapeString(clip(string(params[n]), 200)))
		}
	}
	b.WriteString("</p>")
}

func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// drawer draws the cells of one notebook.
type drawer struct {
	Options
	language string
	b        *bytes.Buffer
}

func (d *drawer) cell(i int, c *notebook.Cell) {
	id := fmt.Sprintf("cell-%d", i+1)
	switch c.Kind() {
	case notebook.Markdown:
		fmt.Fprintf(d.b, `<section class="md" id="%s">`, id)
		d.markdown(c.Source(), c)
	case notebook.Code:
		fmt.Fprintf(d.b, `<section class="code%s" id="%s">`, tagged(c), id)
		if !hidden(c, "source_hidden") {
			label := " "
			if n, ok := c.Count(); ok {
				label = fmt.Sprint(n)
			}
			fmt.Fprintf(d.b, `<div class="in"><a class="n" href="#%s">%s</a>`, id, label)
			code(d.b, c.Source(), d.language)
			d.b.WriteString("</div>")
		}
		if !hidden(c, "outputs_hidden") {
			d.outputs(c)
		}
	default:
		fmt.Fprintf(d.b, `<section class="rawcell" id="%s"><pre>%s</pre>`, id, html.EscapeString(visible(c.Source())))
	}
	d.b.WriteString("</section>\n")
}

// tagged names the classes of a cell whose tags mean something to a reader.
func tagged(c *notebook.Cell) string {
	for _, t := range c.Tags() {
		if t == "parameters" || t == "injected-parameters" {
			return " params"
		}
	}
	return ""
}

func hidden(c *notebook.Cell, what string) bool {
	raw, ok := c.Meta("jupyter", what)
	return ok && string(raw) == "true"
}

// outputsMost is how many bytes of HTML the outputs of one cell may make; the rest is
// in the file.
const outputsMost = 8 << 20

func (d *drawer) outputs(c *notebook.Cell) {
	outs := c.Outputs()
	if len(outs) == 0 {
		return
	}
	d.b.WriteString(`<div class="out">`)
	from := d.b.Len()
	for n, o := range outs {
		if d.b.Len()-from > outputsMost {
			fmt.Fprintf(d.b, `<p class="cut">… %d more outputs in the file</p>`, len(outs)-n)
			break
		}
		switch o.Kind() {
		case notebook.Stream:
			class := "stream"
			if o.StreamName() == "stderr" {
				class = "stream err"
			}
			terminal(d.b, class, o.Text())
		case notebook.Failure:
			d.failure(o)
		default:
			d.bundle(o)
		}
	}
	d.b.WriteString("</div>")
}

func (d *drawer) failure(o *notebook.Output) {
	name, value, trace := o.Error()
	fmt.Fprintf(d.b, `<div class="fail"><b>%s</b>%s</div>`, html.EscapeString(visible(name)), html.EscapeString(sep(visible(clip(value, 4000)))))
	if len(trace) > 0 {
		d.b.WriteString(`<details><summary>traceback</summary>`)
		terminal(d.b, "stream", strings.Join(trace, "\n"))
		d.b.WriteString(`</details>`)
	}
}

func sep(value string) string {
	if value == "" {
		return ""
	}
	return ": " + value
}
