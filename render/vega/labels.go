package vega

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// Label is a text of a chart. X and Y are pixels of the SVG: the point on the base
// line that Anchor tells of.
type Label struct {
	X, Y   float64
	Anchor string // start, middle or end
	Size   float64
	Turned bool // it does not run from left to right
	Bold   bool
	Fill   string // as CSS has it
	Text   string
}

// maxLabels bounds how many texts are taken.
const maxLabels = 5000

// Labels takes the texts out of the SVG of a chart: the drawing without them, its
// size in pixels, and the texts.
func Labels(svg []byte) (bare []byte, width, height float64, labels []Label, err error) {
	r := reader{dec: xml.NewDecoder(bytes.NewReader(svg)), src: svg, at: []matrix{{a: 1, d: 1}}}
	for {
		start := r.dec.InputOffset()
		t, err := r.dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, 0, nil, err
		}
		r.token(t, start)
	}
	r.out.Write(svg[r.kept:])
	return r.out.Bytes(), r.width, r.height, r.labels, nil
}

// Size is the size of an SVG in pixels, 0 where it gives none.
func Size(svg []byte) (width, height float64) {
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		t, err := dec.RawToken()
		if err != nil {
			return 0, 0
		}
		if start, ok := t.(xml.StartElement); ok {
			width, _ = strconv.ParseFloat(attribute(start, "width"), 64)
			height, _ = strconv.ParseFloat(attribute(start, "height"), 64)
			return width, height
		}
	}
}

// reader walks an SVG.
type reader struct {
	dec           *xml.Decoder
	src           []byte
	out           bytes.Buffer
	kept          int64    // src up to here is in out
	at            []matrix // of the open elements
	width, height float64
	labels        []Label
	text          *Label // the open text element
	begin         int64  // where it starts
}

func (r *reader) token(t xml.Token, start int64) {
	switch t := t.(type) {
	case xml.StartElement:
		m := r.at[len(r.at)-1]
		if tr := attribute(t, "transform"); tr != "" {
			m = m.times(transform(tr))
		}
		r.at = append(r.at, m)
		switch {
		case t.Name.Local == "svg" && len(r.at) == 2:
			r.width, _ = strconv.ParseFloat(attribute(t, "width"), 64)
			r.height, _ = strconv.ParseFloat(attribute(t, "height"), 64)
			var box [4]float64
			for i, f := range strings.Fields(attribute(t, "viewBox")) {
				if i < 4 {
					box[i], _ = strconv.ParseFloat(f, 64)
				}
			}
			if box[2] > 0 && box[3] > 0 {
				sx, sy := r.width/box[2], r.height/box[3]
				r.at[1] = matrix{a: sx, d: sy, e: -box[0] * sx, f: -box[1] * sy}
			}
		case t.Name.Local == "text" && r.text == nil:
			r.open(t, m, start)
		}
	case xml.CharData:
		if r.text != nil {
			r.text.Text += string(t)
		}
	case xml.EndElement:
		if len(r.at) > 1 {
			r.at = r.at[:len(r.at)-1]
		}
		if t.Name.Local == "text" && r.text != nil {
			r.close()
		}
	}
}

func (r *reader) open(t xml.StartElement, m matrix, start int64) {
	size, err := strconv.ParseFloat(strings.TrimSuffix(attribute(t, "font-size"), "px"), 64)
	if err != nil {
		size = 10
	}
	x, _ := strconv.ParseFloat(attribute(t, "x"), 64)
	y, _ := strconv.ParseFloat(attribute(t, "y"), 64)
	l := Label{Anchor: attribute(t, "text-anchor"), Size: size, Fill: attribute(t, "fill"), Turned: math.Abs(m.b) > 0.2 || m.a < 0}
	if opacity, err := strconv.ParseFloat(attribute(t, "opacity"), 64); err == nil && opacity < 0.05 {
		l.Fill = "none"
	}
	l.X, l.Y = m.apply(x, y)
	if w := attribute(t, "font-weight"); w == "bold" || w >= "600" && len(w) == 3 {
		l.Bold = true
	}
	r.text, r.begin = &l, start
}

func (r *reader) close() {
	r.out.Write(r.src[r.kept:r.begin])
	r.kept = r.dec.InputOffset()
	r.text.Text = strings.Join(strings.Fields(r.text.Text), " ")
	if r.text.Text != "" && r.text.Fill != "none" && len(r.labels) < maxLabels {
		r.labels = append(r.labels, *r.text)
	}
	r.text = nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// matrix is an affine map: x' = a x + c y + e, y' = b x + d y + f.
type matrix struct{ a, b, c, d, e, f float64 }

func (m matrix) times(n matrix) matrix {
	return matrix{
		m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b, m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f,
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// transform reads an SVG transform list of translate, rotate and scale, which is
// what Vega writes.
func transform(s string) matrix {
	m := matrix{a: 1, d: 1}
	for s != "" {
		name, rest, ok := strings.Cut(s, "(")
		if !ok {
			return m
		}
		args, after, ok := strings.Cut(rest, ")")
		if !ok {
			return m
		}
		s = after
		var v [6]float64
		n := 0
		for _, f := range strings.FieldsFunc(args, func(r rune) bool { return r == ',' || r == ' ' }) {
			if n < 6 {
				v[n], _ = strconv.ParseFloat(f, 64)
				n++
			}
		}
		switch strings.TrimSpace(name) {
		case "translate":
			m = m.times(matrix{a: 1, d: 1, e: v[0], f: v[1]})
		case "scale":
			if n < 2 {
				v[1] = v[0]
			}
			m = m.times(matrix{a: v[0], d: v[1]})
		case "rotate":
			sin, cos := math.Sincos(v[0] * math.Pi / 180)
			m = m.times(matrix{a: 1, d: 1, e: v[1], f: v[2]}).times(matrix{a: cos, b: sin, c: -sin, d: cos}).times(matrix{a: 1, d: 1, e: -v[1], f: -v[2]})
		case "matrix":
			m = m.times(matrix{v[0], v[1], v[2], v[3], v[4], v[5]})
		}
	}
	return m
}
