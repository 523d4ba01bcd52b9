package render

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// errNoTrace is returned for charts without a trace that has a counterpart.
var errNoTrace = errors.New("none of its traces can be drawn")

// maxPoints bounds how many points of all traces together are drawn.
const maxPoints = 50_000

// trace is one series of a Plotly figure, as far as we read it.
type trace struct {
	Type, Mode, Name, Fill, Orientation string
	X, Y, Z, Labels, Values, Text       any
	Hole                                float64
	Nbinsx, Nbinsy                      int
}

// title is a string or an object with a text.
type title struct{ Text string }

func (t *title) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &t.Text) == nil {
		return nil
	}
	var o struct{ Text string }
	err := json.Unmarshal(b, &o)
	t.Text = o.Text
	return err
}

type axis struct {
	Title title
	Type  string
}

// plotter translates a figure.
type plotter struct {
	rows   []map[string]any
	layers []map[string]any

	figure struct {
		Data   []trace
		Layout struct {
			Title        title
			Xaxis, Yaxis axis
			Barmode      string
		}
	}
}

type fields = map[string]any

// fromPlotly translates the common traces of a Plotly figure to Vega-Lite. kinds
// are the types of all its traces.
func fromPlotly(raw []byte) (spec []byte, kinds []string, err error) {
	var p plotter
	if err := json.Unmarshal(raw, &p.figure); err != nil {
		return nil, nil, fmt.Errorf("read a Plotly figure: %w", err)
	}
	for i, t := range p.figure.Data {
		if t.Type == "" {
			t.Type = "scatter"
		}
		if t.Name == "" {
			t.Name = fmt.Sprint("trace ", i)
		}
		if !slices.Contains(kinds, t.Type) {
			kinds = append(kinds, t.Type)
		}
		p.trace(t)
	}
	if len(p.layers) == 0 {
		return nil, kinds, errNoTrace
	}
	layout := p.figure.Layout
	out := fields{"data": fields{"values": p.rows}, "layer": p.layers}
	if layout.Title.Text != "" {
		out["title"] = plainTitle(layout.Title.Text)
	}
	spec, err = json.Marshal(out)
	return spec, kinds, err
}

// trace adds the layers of one series.
func (p *plotter) trace(t trace) {
	switch t.Type {
	case "scatter", "scattergl":
		p.scatter(t)
	case "bar":
		x, y := "x", "y"
		if t.Orientation == "h" {
			x, y = "y", "x"
		}
		if xs, ys := p.points(t); len(xs) > 0 {
			enc := p.axes(xs, ys)
			enc[x].(fields)["type"] = discrete(enc[x].(fields)["type"])
			enc[x].(fields)["sort"] = nil
			if layout := p.figure.Layout.Barmode; layout != "stack" && layout != "relative" && layout != "overlay" && len(p.figure.Data) > 1 {
				enc[x+"Offset"] = fields{"field": "trace"}
			}
			enc[y].(fields)["stack"] = layoutStack(p.figure.Layout.Barmode)
			p.layer(t, fields{"type": "bar"}, enc)
		}
	case "histogram":
		p.histogram(t)
	case "box", "violin":
		values := list(t.Y)
		if len(values) == 0 {
			values = list(t.X)
		}
		for _, v := range values {
			p.add(fields{"trace": t.Name, "y": v})
		}
		if len(values) > 0 {
			p.layer(t, fields{"type": "boxplot"}, fields{"x": fields{"field": "trace", "type": "nominal", "title": nil}, "y": p.axis("y", "quantitative", p.figure.Layout.Yaxis)})
		}
	case "heatmap":
		p.heatmap(t)
	case "pie":
		labels, values := list(t.Labels), list(t.Values)
		for i := range min(len(labels), len(values)) {
			p.add(fields{"trace": t.Name, "label": fmt.Sprint(labels[i]), "value": values[i]})
		}
		if len(values) > 0 {
			p.layers = append(p.layers, fields{"mark": fields{"type": "arc", "innerRadius": 80 * t.Hole},
				"encoding": fields{"theta": fields{"field": "value", "type": "quantitative"}, "color": fields{"field": "label", "type": "nominal", "title": nil}}})
		}
	}
}

func layoutStack(mode string) any {
	if mode == "stack" || mode == "relative" {
		return "zero"
	}
	return nil
}

func (p *plotter) add(row fields) {
	if len(p.rows) < maxPoints {
		p.rows = append(p.rows, row)
	}
}

// points adds the rows of a series of x and y, counted from 0 where one is left out.
func (p *plotter) points(t trace) (xs, ys []any) {
	xs, ys = list(t.X), list(t.Y)
	for i := len(xs); t.X == nil && i < len(ys); i++ {
		xs = append(xs, i)
	}
	for i := len(ys); t.Y == nil && i < len(xs); i++ {
		ys = append(ys, i)
	}
	n := min(len(xs), len(ys))
	for i := range n {
		p.add(fields{"trace": t.Name, "x": xs[i], "y": ys[i], "i": i})
	}
	return xs[:n], ys[:n]
}

func (p *plotter) scatter(t trace) {
	xs, ys := p.points(t)
	if len(xs) == 0 {
		return
	}
	if t.Mode == "" {
		t.Mode = "lines"
	}
	enc := p.axes(xs, ys)
	if strings.Contains(t.Mode, "lines") {
		line := fields{"order": fields{"field": "i", "type": "quantitative"}}
		for k, v := range enc {
			line[k] = v
		}
		if t.Fill != "" && t.Fill != "none" {
			p.layer(t, fields{"type": "area", "opacity": 0.4}, line)
		}
		p.layer(t, fields{"type": "line"}, line)
	}
	if strings.Contains(t.Mode, "markers") {
		p.layer(t, fields{"type": "point", "filled": true}, enc)
	}
}

func (p *plotter) histogram(t trace) {
	values, bins, along, count := list(t.X), t.Nbinsx, "x", "y"
	if len(values) == 0 {
		values, bins, along, count = list(t.Y), t.Nbinsy, "y", "x"
	}
	if len(values) == 0 {
		return
	}
	for _, v := range values {
		p.add(fields{"trace": t.Name, along: v})
	}
	enc := fields{along: fields{"field": along, "type": kindOf(values), "title": nil}, count: fields{"aggregate": "count", "stack": layoutStack(p.figure.Layout.Barmode), "title": "count"}}
	if kindOf(values) == "quantitative" {
		if bins < 1 {
			bins = 30
		}
		enc[along].(fields)["bin"] = fields{"maxbins": min(bins, 200)}
	}
	if title := p.figure.Layout.Xaxis.Title.Text; title != "" && along == "x" {
		enc["x"].(fields)["title"] = plainTitle(title)
	}
	p.layer(t, fields{"type": "bar", "opacity": 0.8}, enc)
}

func (p *plotter) heatmap(t trace) {
	xs, ys := list(t.X), list(t.Y)
	rows := list(t.Z)
	for r, row := range rows {
		for c, v := range list(row) {
			x, y := any(c), any(r)
			if c < len(xs) {
				x = xs[c]
			}
			if r < len(ys) {
				y = ys[r]
			}
			p.add(fields{"trace": t.Name, "x": x, "y": y, "z": v})
		}
	}
	if len(rows) == 0 {
		return
	}
	enc := p.axes(nil, nil)
	for _, k := range []string{"x", "y"} {
		enc[k].(fields)["type"], enc[k].(fields)["sort"] = "ordinal", nil
	}
	enc["y"].(fields)["sort"] = "descending"
	enc["color"] = fields{"field": "z", "type": "quantitative", "title": nil}
	p.layers = append(p.layers, fields{"mark": "rect", "encoding": enc, "transform": only(t)})
}

// layer adds a mark for the rows of one series.
func (p *plotter) layer(t trace, mark, enc fields) {
	all := fields{}
	for k, v := range enc {
		all[k] = v
	}
	color := fields{"field": "trace", "type": "nominal", "title": nil, "sort": nil}
	if len(p.figure.Data) == 1 {
		color["legend"] = nil
	}
	all["color"] = color
	p.layers = append(p.layers, fields{"mark": mark, "encoding": all, "transform": only(t)})
}

func only(t trace) []any {
	return []any{fields{"filter": fields{"field": "trace", "equal": t.Name}}}
}

// axes describes x and y by what they hold.
func (p *plotter) axes(xs, ys []any) fields {
	return fields{"x": p.axis("x", kindOf(xs), p.figure.Layout.Xaxis), "y": p.axis("y", kindOf(ys), p.figure.Layout.Yaxis)}
}

func (p *plotter) axis(name, kind string, a axis) fields {
	f := fields{"field": name, "type": kind, "title": nil}
	if a.Title.Text != "" {
		f["title"] = plainTitle(a.Title.Text)
	}
	if a.Type == "log" && kind == "quantitative" {
		f["scale"] = fields{"type": "log"}
	}
	if kind == "nominal" {
		f["sort"] = nil
	}
	return f
}

func discrete(kind any) any {
	if kind == "quantitative" {
		return "ordinal"
	}
	return kind
}

// plainTitle leaves the tags out that Plotly knows in titles.
func plainTitle(s string) string {
	for {
		start := strings.IndexByte(s, '<')
		end := strings.IndexByte(s, '>')
		if start < 0 || end < start {
			return s
		}
		s = s[:start] + " " + s[end+1:]
	}
}

// kindOf tells numbers, times and names apart by the first value that is there.
func kindOf(values []any) string {
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			continue
		case float64, int:
			return "quantitative"
		case string:
			for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
				if _, err := time.Parse(layout, v[:min(len(v), len(layout))]); err == nil {
					return "temporal"
				}
			}
		}
		return "nominal"
	}
	return "quantitative"
}

// list reads an array: as JSON has it, or as Plotly 6 packs numbers in base64.
func list(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case map[string]any:
		kind, _ := v["dtype"].(string)
		packed, _ := v["bdata"].(string)
		data, err := base64.StdEncoding.DecodeString(packed)
		if err != nil {
			return nil
		}
		flat := unpackNumbers(kind, data)
		if shape, _ := v["shape"].(string); shape != "" {
			return reshape(flat, shape)
		}
		return flat
	}
	return nil
}

// reshape makes rows of a matrix given as "rows, columns".
func reshape(flat []any, shape string) []any {
	var rows, cols int
	if n, err := fmt.Sscanf(shape, "%d, %d", &rows, &cols); n != 2 || err != nil || cols < 1 || rows < 0 || rows > len(flat)/cols {
		return flat
	}
	out := make([]any, rows)
	for i := range out {
		out[i] = flat[i*cols : (i+1)*cols]
	}
	return out
}

// unpackNumbers reads little-endian numbers of a numpy type such as f8 or i4.
func unpackNumbers(kind string, data []byte) []any {
	size := map[string]int{"f8": 8, "f4": 4, "i4": 4, "u4": 4, "i2": 2, "u2": 2, "i1": 1, "u1": 1, "uint8": 1}[kind]
	if size == 0 {
		return nil
	}
	var out []any
	for ; len(data) >= size && len(out) < maxPoints; data = data[size:] {
		var f float64
		switch kind {
		case "f8":
			f = math.Float64frombits(binary.LittleEndian.Uint64(data))
		case "f4":
			f = float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
		case "i4":
			f = float64(int32(binary.LittleEndian.Uint32(data)))
		case "u4":
			f = float64(binary.LittleEndian.Uint32(data))
		case "i2":
			f = float64(int16(binary.LittleEndian.Uint16(data)))
		case "u2":
			f = float64(binary.LittleEndian.Uint16(data))
		case "i1":
			f = float64(int8(data[0]))
		default:
			f = float64(data[0])
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			out = append(out, nil)
			continue
		}
		out = append(out, f)
	}
	return out
}
