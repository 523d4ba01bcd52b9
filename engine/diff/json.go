package diff

import (
	"encoding/json"
	"time"

	"nbterm/engine/scrap"
)

// MarshalJSON writes what differs for programs. Cells count from 1; null is not there.
// Durations are seconds. Lines begin with "-", "+" or " ".
func (r *Report) MarshalJSON() ([]byte, error) {
	out := jsonReport{
		Differs: r.Differs(), Total: len(r.Cells), Cells: []jsonCell{}, Metadata: valuesJSON(r.Meta), Parameters: valuesJSON(r.Parameters),
		Metrics: valuesJSON(r.Metrics), Took: timesJSON(r.Took), Runs: r.Runs,
	}
	if r.Status.Name != "" {
		v := valuesJSON([]Value{r.Status})[0]
		out.Status = &v
	}
	for i := range r.Cells {
		if c := &r.Cells[i]; c.Differs() || c.Took.Ratio() != 0 {
			out.Cells = append(out.Cells, cellJSON(c))
		}
	}
	return json.Marshal(out)
}

type jsonReport struct {
	Differs    bool        `json:"differs"`
	Total      int         `json:"total"` // cells in both
	Cells      []jsonCell  `json:"cells"` // that differ, or took longer or shorter
	Metadata   []jsonValue `json:"metadata,omitempty"`
	Parameters []jsonValue `json:"parameters,omitempty"`
	Metrics    []jsonValue `json:"metrics,omitempty"`
	Status     *jsonValue  `json:"status,omitempty"`
	Took       *jsonTimes  `json:"duration,omitempty"`
	Runs       int         `json:"against,omitempty"` // runs whose medians stand for a's durations
}

type jsonCell struct {
	Kind     Kind         `json:"kind"`
	Moved    bool         `json:"moved"`
	A        *int         `json:"a"`
	B        *int         `json:"b"`
	ID       string       `json:"id,omitempty"`
	Source   []string     `json:"source,omitempty"`
	Outputs  []jsonOutput `json:"outputs,omitempty"`
	Metadata []jsonValue  `json:"metadata,omitempty"`
	Took     *jsonTimes   `json:"duration,omitempty"`
}

type jsonOutput struct {
	Type  string     `json:"type"`
	Kind  Kind       `json:"kind"`
	Lines []string   `json:"lines,omitempty"`
	Image *jsonImage `json:"image,omitempty"`
	Note  string     `json:"note,omitempty"`
}

type jsonImage struct {
	A     [2]int  `json:"a"` // width, height
	B     [2]int  `json:"b"`
	Share float64 `json:"share"` // of pixels that differ
}

type jsonValue struct {
	Name    string          `json:"name"`
	A       json.RawMessage `json:"a,omitempty"`
	B       json.RawMessage `json:"b,omitempty"`
	Differs bool            `json:"differs"`
}

type jsonTimes struct {
	A     *float64 `json:"a"`
	B     *float64 `json:"b"`
	Ratio float64  `json:"ratio,omitempty"` // left out where it is not worth telling
}

func cellJSON(c *Cell) jsonCell {
	place := func(i int) *int {
		if i < 0 {
			return nil
		}
		i++
		return &i
	}
	out := jsonCell{
		Kind: c.Kind, Moved: c.Moved, A: place(c.A), B: place(c.B), ID: c.Cell().ID(), Source: linesJSON(c.Source),
		Metadata: valuesJSON(c.Meta), Took: timesJSON(c.Took),
	}
	switch c.Kind {
	case Added:
		out.Source = linesJSON(Lines("", c.CellB.Source()))
	case Removed:
		out.Source = linesJSON(Lines(c.CellA.Source(), ""))
	}
	for _, o := range c.Outputs {
		j := jsonOutput{Type: o.Type, Kind: Changed, Lines: linesJSON(o.Lines), Note: o.Note}
		if o.A == nil {
			j.Kind = Added
		} else if o.B == nil {
			j.Kind = Removed
		}
		if p := o.Image; p != nil {
			j.Image = &jsonImage{[2]int{p.A.X, p.A.Y}, [2]int{p.B.X, p.B.Y}, p.Share}
		}
		out.Outputs = append(out.Outputs, j)
	}
	return out
}

func linesJSON(lines []Line) []string {
	var out []string
	for _, l := range lines {
		sign := " "
		if !l.InB {
			sign = "-"
		} else if !l.InA {
			sign = "+"
		}
		out = append(out, sign+l.Text)
	}
	return out
}

func valuesJSON(values []Value) []jsonValue {
	var out []jsonValue
	for _, v := range values {
		j := jsonValue{Name: v.Name, Differs: v.Differs}
		if v.InA {
			j.A = scrap.AsJSON(v.A)
		}
		if v.InB {
			j.B = scrap.AsJSON(v.B)
		}
		out = append(out, j)
	}
	return out
}

func timesJSON(t Times) *jsonTimes {
	if t.A == 0 && t.B == 0 {
		return nil
	}
	seconds := func(d time.Duration) *float64 {
		if d == 0 {
			return nil
		}
		s := d.Seconds()
		return &s
	}
	return &jsonTimes{seconds(t.A), seconds(t.B), t.Ratio()}
}
