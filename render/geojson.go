package render

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"nbterm/engine/mime"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// Bounds of a sketch of GeoJSON.
const (
	maxGeoPoints = 200_000
	maxGeoNest   = 16
	sketchCols   = 60
	sketchRows   = 16
)

// geo is a GeoJSON object of any kind (RFC 7946).
type geo struct {
	Type        string
	Features    []geo
	Geometry    *geo
	Geometries  []geo
	Coordinates json.RawMessage
	Properties  map[string]any
}

// geoJSON sums up application/geo+json and sketches its shapes.
func geoJSON(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	raw, ok := b.Get(typ)
	var g geo
	if !ok || len(raw) > maxJSON || json.Unmarshal(raw, &g) != nil || g.Type == "" {
		return Block{}, false
	}
	s := sketch{counts: map[string]int{}, low: point{math.Inf(1), math.Inf(1)}, high: point{math.Inf(-1), math.Inf(-1)}}
	s.walk(g, 0)
	out := ctx.note(s.summary(g))
	if s.points == 0 {
		return out, true
	}
	return out.below(Block{Lines: s.draw(ctx)}), true
}

type point [2]float64

// sketch gathers the lines of shapes.
type sketch struct {
	counts    map[string]int
	lines     [][]point
	dots      []point
	points    int
	low, high point
	names     []string
}

func (s *sketch) walk(g geo, depth int) {
	if depth > maxGeoNest {
		return
	}
	for _, f := range g.Features {
		s.walk(f, depth+1)
	}
	for _, f := range g.Geometries {
		s.walk(f, depth+1)
	}
	if g.Geometry != nil {
		s.walk(*g.Geometry, depth+1)
	}
	if name, ok := g.Properties["name"].(string); ok && len(s.names) < 20 {
		s.names = append(s.names, name)
	}
	levels, known := map[string]int{"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}[g.Type]
	if !known || g.Coordinates == nil {
		return
	}
	s.counts[g.Type]++
	var v any
	if json.Unmarshal(g.Coordinates, &v) == nil {
		s.shape(v, levels, g.Type == "MultiPoint" || g.Type == "Point")
	}
}

// shape takes coordinates that are nested so many levels deep.
func (s *sketch) shape(v any, levels int, dots bool) {
	list, _ := v.([]any)
	switch {
	case levels == 0:
		if p, ok := s.point(list); ok {
			s.dots = append(s.dots, p)
		}
	case levels == 1 && !dots:
		var line []point
		for _, c := range list {
			pair, _ := c.([]any)
			if p, ok := s.point(pair); ok {
				line = append(line, p)
			}
		}
		s.lines = append(s.lines, line)
	default:
		for _, c := range list {
			s.shape(c, levels-1, dots)
		}
	}
}

func (s *sketch) point(pair []any) (point, bool) {
	if len(pair) < 2 || s.points >= maxGeoPoints {
		return point{}, false
	}
	x, ok := pair[0].(float64)
	y, ok2 := pair[1].(float64)
	if !ok || !ok2 {
		return point{}, false
	}
	s.points++
	s.low = point{min(s.low[0], x), min(s.low[1], y)}
	s.high = point{max(s.high[0], x), max(s.high[1], y)}
	return point{x, y}, true
}

func (s *sketch) summary(g geo) string {
	parts := []string{g.Type}
	if n := len(g.Features); n > 0 {
		parts = append(parts, count(n, "feature"))
	}
	var kinds []string
	for kind := range s.counts {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		parts = append(parts, fmt.Sprintf("%d %s", s.counts[kind], kind))
	}
	if s.points > 0 {
		parts = append(parts, fmt.Sprintf("%.4g … %.4g, %.4g … %.4g", s.low[0], s.high[0], s.low[1], s.high[1]))
	}
	if len(s.names) > 0 {
		parts = append(parts, strings.Join(s.names, ", "))
	}
	return strings.Join(parts, " · ")
}

// draw draws the lines in braille dots, north up, degrees of longitude as long as
// they are at the middle latitude.
func (s *sketch) draw(ctx Context) []string {
	w, h := s.high[0]-s.low[0], s.high[1]-s.low[1]
	squeeze := 1.0
	if mid := (s.low[1] + s.high[1]) / 2; math.Abs(mid) < 89 && math.Abs(s.low[0]) <= 360 && math.Abs(s.high[0]) <= 360 {
		squeeze = math.Cos(mid * math.Pi / 180)
	}
	cols, rows := min(ctx.Width, sketchCols), min(ctx.MaxRows, sketchRows)
	across, down := float64(2*cols-1), float64(4*rows-1)
	scale := math.Inf(1)
	if w > 0 {
		scale = min(scale, across/(w*squeeze))
	}
	if h > 0 {
		scale = min(scale, down/h)
	}
	if math.IsInf(scale, 0) || math.IsNaN(scale) {
		scale = 0
	}
	rows = min(rows, int(h*scale)/4+1)
	c := braille{cols: cols, rows: rows, bits: make([]uint8, cols*rows)}
	at := func(p point) (x, y int) {
		return int((p[0] - s.low[0]) * squeeze * scale), int((s.high[1] - p[1]) * scale)
	}
	for _, line := range s.lines {
		for i := range line {
			x, y := at(line[i])
			x0, y0 := at(line[max(i-1, 0)])
			c.line(x0, y0, x, y)
		}
	}
	for _, p := range s.dots { // a cross, to be told from lines
		x, y := at(p)
		c.line(x-1, y, x+1, y)
		c.line(x, y-1, x, y+1)
	}
	return term.Lines(ctx.paintLines(ink.Style{Fg: ink.Of(ctx.Palette.Accent)}, c.String()), ctx.options())
}

// braille is a canvas of dots, two by four to a cell.
type braille struct {
	cols, rows int
	bits       []uint8
}

func (c *braille) dot(x, y int) {
	if x < 0 || y < 0 || x >= 2*c.cols || y >= 4*c.rows {
		return
	}
	bit := [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}[y%4][x%2]
	c.bits[y/4*c.cols+x/2] |= bit
}

func (c *braille) line(x0, y0, x1, y1 int) {
	steps := max(x1-x0, x0-x1, y1-y0, y0-y1)
	if steps > 4*(c.cols+4*c.rows) {
		return
	}
	for i := range steps + 1 {
		n := max(steps, 1)
		c.dot(x0+(x1-x0)*i/n, y0+(y1-y0)*i/n)
	}
}

func (c *braille) String() string {
	var b strings.Builder
	for row := range c.rows {
		line := c.bits[row*c.cols : (row+1)*c.cols]
		end := len(line)
		for end > 0 && line[end-1] == 0 {
			end--
		}
		for _, bits := range line[:end] {
			if bits == 0 {
				b.WriteByte(' ')
			} else {
				b.WriteRune(0x2800 + rune(bits))
			}
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}
