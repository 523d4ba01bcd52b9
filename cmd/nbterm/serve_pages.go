package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"nbterm/engine/notebook"
	"nbterm/engine/run"
	htmlpage "nbterm/render/page"
	"nbterm/render/vega"
	"nbterm/storage/share"
)

// pages draws what a share shows.
type pages struct {
	title  string // of the share
	charts *charts
}

// charts draws charts for pages, by an engine that is made for the first of them.
type charts struct {
	mu     sync.Mutex // guards the rest
	cache  string     // folder for the compiled program; "" is none
	engine *vega.Engine
	ended  bool
}

// Bounds of the charts of one page: what is beyond shows its next form.
const (
	chartsMost = 40
	chartsTime = 15 * time.Second
)

// page gives what draws the charts of one page.
func (c *charts) page(now func() time.Time) func(typ string, spec []byte) ([]byte, error) {
	n, until := 0, now().Add(chartsTime)
	return func(typ string, spec []byte) ([]byte, error) {
		if n++; n > chartsMost || now().After(until) {
			return nil, vega.ErrChart
		}
		engine, err := c.started()
		if err != nil {
			return nil, err
		}
		return engine.SVG(spec, vega.Look{Lite: strings.HasPrefix(typ, "application/vnd.vegalite")})
	}
}

func (c *charts) started() (*vega.Engine, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return nil, vega.ErrChart
	}
	if c.engine == nil {
		c.engine = vega.New(c.cache)
	}
	return c.engine, nil
}

// close ends the engine; a page that is drawn later has no charts.
func (c *charts) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.engine == nil {
		return nil
	}
	return c.engine.Close()
}

// File implements share.Pages.
func (p pages) File(name string, data []byte, at share.Location) ([]byte, bool) {
	o := p.options(at)
	o.Title = name
	o.Raw = address("/files/", at.Path)
	dir := path.Dir(at.Path)
	within := func(prefix string) func(string) string {
		return func(relative string) string {
			to := path.Join(dir, relative)
			if strings.HasPrefix(to, "..") || strings.HasPrefix(relative, "/") {
				return ""
			}
			return address(prefix, to)
		}
	}
	if p.charts != nil {
		o.Chart = p.charts.page(time.Now)
	}
	o.Link, o.File = within("/view/"), within("/files/")
	if at.Live {
		o.Note = "● live"
	}
	switch ext := strings.ToLower(path.Ext(name)); {
	case ext == ".ipynb":
		doc, err := notebook.Parse(data)
		if err != nil {
			return htmlpage.Text("This notebook cannot be read: "+err.Error(), "", o), true
		}
		return htmlpage.Notebook(doc, o), true
	case ext == ".md" || ext == ".markdown":
		return htmlpage.Markdown(string(data), o), true
	case shown(ext) && utf8.Valid(data) && len(data) < 4<<20:
		return htmlpage.Text(string(data), strings.TrimPrefix(ext, "."), o), true
	}
	return nil, false
}

// shown are the files that are drawn as text.
func shown(ext string) bool {
	switch ext {
	case ".py", ".r", ".jl", ".sh", ".sql", ".txt", ".csv", ".tsv", ".json", ".jsonl", ".toml", ".yaml", ".yml", ".log", ".cfg", ".ini", ".go", ".scala", ".js", ".css":
		return true
	}
	return false
}

// options are those that all pages have.
func (p pages) options(at share.Location) htmlpage.Options {
	o := htmlpage.Options{Title: p.title}
	if at.Path == "" {
		return o
	}
	o.Trail = []htmlpage.Crumb{{Name: p.title, Link: "/view/"}}
	parts := strings.Split(at.Path, "/")
	for i, name := range parts[:len(parts)-1] {
		o.Trail = append(o.Trail, htmlpage.Crumb{Name: name, Link: address("/view/", strings.Join(parts[:i+1], "/")) + "/"})
	}
	o.Title = parts[len(parts)-1]
	return o
}

const searchForm = `<form class="find" action="/search"><input name="q" type="search" placeholder="find: words of a name, region=eu, state:failed" value="%s" aria-label="find"></form>`

// Folder implements share.Pages.
func (p pages) Folder(entries []share.Entry, at share.Location) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, searchForm, "")
	b.WriteString(`<table class="ls">`)
	for _, dirs := range []bool{true, false} {
		for _, e := range entries {
			if e.Dir != dirs {
				continue
			}
			name, size, when := e.Name, fileSize(e.Size), ""
			if e.Dir {
				name, size = name+"/", ""
			}
			if !e.Modified.IsZero() {
				when = e.Modified.UTC().Format("2006-01-02 15:04")
			}
			fmt.Fprintf(&b, `<tr><td><a href="%s">%s</a></td><td>%s</td><td>%s</td></tr>`, html.EscapeString(e.Link), html.EscapeString(name), size, when)
		}
	}
	b.WriteString("</table>")
	if len(entries) == 0 {
		b.WriteString(`<p class="far">There is nothing in this folder.</p>`)
	}
	return htmlpage.Frame(b.String(), p.options(at))
}

// fileSize is a size for people.
func fileSize(n int64) string {
	v, unit := float64(n), "B"
	for _, u := range []string{"kB", "MB", "GB"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, u
	}
	return fmt.Sprintf("%.3g %s", v, unit)
}

// Found implements share.Pages.
func (p pages) Found(query string, found []share.Found, more bool, _ share.Location) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, searchForm, html.EscapeString(query))
	b.WriteString(`<table class="ls">`)
	for _, f := range found {
		var params []string
		for _, name := range sortedKeys(f.Parameters) {
			params = append(params, name+"="+f.Parameters[name])
		}
		class := "ok"
		if f.State == "failed" {
			class = "bad"
		}
		fmt.Fprintf(&b, `<tr><td><a href="%s">%s</a></td><td>%s</td><td class="%s">%s</td><td>%s</td></tr>`, html.EscapeString(f.Link), html.EscapeString(f.Path),
			html.EscapeString(strings.Join(params, " ")), class, html.EscapeString(f.State), f.Modified.UTC().Format("2006-01-02 15:04"))
	}
	b.WriteString("</table>")
	switch {
	case len(found) == 0:
		b.WriteString(`<p class="far">Nothing is called that.</p>`)
	case more:
		b.WriteString(`<p class="far">There is more; another word narrows it down.</p>`)
	}
	return htmlpage.Frame(b.String(), htmlpage.Options{Title: "find", Trail: []htmlpage.Crumb{{Name: p.title, Link: "/view/"}}})
}

// Fault implements share.Pages.
func (p pages) Fault(status int, why string) []byte {
	body := fmt.Sprintf(`<p><b>%d %s</b></p><p>%s.</p>`, status, http.StatusText(status), html.EscapeString(why))
	return htmlpage.Frame(body, htmlpage.Options{Title: p.title})
}

// notebookFacts finds what can be searched in a notebook: the record of its run.
func notebookFacts(data []byte) share.Facts {
	doc, err := notebook.Parse(data)
	if err != nil {
		return share.Facts{}
	}
	raw, ok := doc.Meta("papermill")
	var r struct {
		Parameters map[string]json.RawMessage `json:"parameters"`
		Start      string                     `json:"start_time"`
		End        string                     `json:"end_time"`
		Exception  bool                       `json:"exception"`
	}
	if !ok || json.Unmarshal(raw, &r) != nil {
		return share.Facts{}
	}
	f := share.Facts{Parameters: map[string]string{}}
	for name, v := range r.Parameters {
		f.Parameters[name] = strings.Trim(string(v), `"`)
	}
	if _, status, _, ok := run.Past(doc); ok { // which tells the truth in every case
		f.State = string(status)
		if status == run.Completed || status == run.Exited {
			f.State = "succeeded"
		}
		return f
	}
	switch {
	case r.Exception:
		f.State = "failed"
	case r.End != "":
		f.State = "succeeded"
	case r.Start != "":
		f.State = "running"
	}
	return f
}
