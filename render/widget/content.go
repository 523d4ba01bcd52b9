package widget

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/mime"
	"nbterm/engine/widget"
	"nbterm/render"
	"nbterm/render/term"
)

// drawn gives a part that takes long from the drawing before, or draws it.
func (p *painter) drawn(what any, width int, draw func(render.Context) render.Block) box {
	key := cacheKey{what, width}
	b, ok := p.old[key]
	if !ok {
		ctx := p.ctx
		ctx.Width = max(width, 1)
		b = draw(ctx)
	}
	p.out.cache[key] = b
	return box{lines: b.Lines, images: b.Images}
}

func (p *painter) label(m *widget.Model, at place) box {
	head := p.describe(m, at)
	text := m.Text("value")
	width := max(at.width-ansi.StringWidth(head), 1)
	if strings.Contains(text, "$") {
		return beside(0, box{lines: []string{head}}, p.drawn(m, width, func(ctx render.Context) render.Block {
			return render.Markdown(text, ctx)
		}))
	}
	return box{lines: []string{head + cut(term.Clean(text), width)}}
}

func (p *painter) html(m *widget.Model, at place) box {
	head := p.describe(m, at)
	text := m.Text("value")
	width := max(at.width-ansi.StringWidth(head), 1)
	body := p.drawn(m, width, func(ctx render.Context) render.Block {
		if m.Kind == "HTMLMath" && strings.Contains(text, "$") {
			return render.Markdown(text, ctx)
		}
		if strings.TrimSpace(text) == "" {
			return render.Block{}
		}
		block, _ := render.Form("text/html", mime.FromEntries(mime.TextEntry("text/html", text)), ctx)
		return block
	})
	if head == "" {
		return body
	}
	return beside(0, box{lines: []string{head}}, body)
}

// image draws a picture that came as bytes. One that is only named, by a URL, is named.
func (p *painter) image(m *widget.Model, at place) box {
	data, format := m.Blob("value"), m.Text("format")
	if format == "url" {
		return p.note("picture at " + string(data))
	}
	typ := "image/" + format
	switch format {
	case "jpg":
		typ = "image/jpeg"
	case "svg":
		typ = "image/svg+xml"
	}
	return p.drawn(m, at.width, func(ctx render.Context) render.Block {
		entry := mime.TextEntry(typ, base64.StdEncoding.EncodeToString(data))
		if typ == "image/svg+xml" {
			entry = mime.TextEntry(typ, string(data))
		}
		return render.Bundle(mime.FromEntries(entry), ctx)
	})
}

// output draws what an Output captured; widgets in it too.
func (p *painter) output(m *widget.Model, at place) box {
	var parts []box
	for _, out := range m.Outputs() {
		if id := widget.ViewOf(out); id != "" && p.models[id] != nil {
			parts = append(parts, p.draw(id, place{width: at.width, depth: at.depth + 1}))
			continue
		}
		parts = append(parts, p.drawn(out, at.width, func(ctx render.Context) render.Block { return render.Output(out, ctx) }))
	}
	return below(0, parts...)
}

// unknown names a widget that is not drawn, with its description and value.
func (p *painter) unknown(m *widget.Model, at place) box {
	if string(m.Raw("_view_name")) == "null" {
		return box{} // it has no view, as a layout or a link has none
	}
	name := m.Kind
	if name == "" {
		name = m.Text("_model_module")
	}
	text := name + " (not drawn here)"
	if d := description(m); d != "" {
		text += " · " + d
	}
	if blob := m.Blob("value"); blob != nil {
		text += fmt.Sprintf(" · %d bytes", len(blob))
	} else if raw := m.Raw("value"); raw != nil {
		text += " · " + ansi.Truncate(string(raw), 200, "…")
	}
	b := p.note(text)
	var parts []box
	for _, id := range m.Refs("children") {
		parts = append(parts, p.draw(id, place{width: max(at.width-2, 1), depth: at.depth + 1}))
	}
	return below(0, b, below(2, parts...))
}

// note is one quiet line.
func (p *painter) note(text string) box { return box{lines: []string{p.muted(term.Clean(text))}} }
