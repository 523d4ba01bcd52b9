// Package scrap reads what notebooks leave behind for others to read: the scraps that
// scrapbook's glue() wrote, papermill's older records, and the parameters, status and
// times of the run. It puts those of many runs into one table. It runs nothing and
// opens nothing.
package scrap

import (
	"encoding/json"
	"strings"

	"nbterm/engine/mime"
	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
)

// The mime types, as scrapbook 0.5 and papermill before 1.0 write them. What is
// between prefix and suffix names the encoder.
const (
	prefix = "application/scrapbook.scrap."
	suffix = "+json"
	record = "application/papermill.record+json"
)

// The encoders that are understood. The values of others are kept as they came.
const (
	Text    = "text"
	JSON    = "json"
	Pandas  = "pandas"  // a data frame as base64 of a Parquet file
	Display = "display" // only to be shown
)

// Scrap is one value that a notebook recorded under a name.
type Scrap struct {
	Name    string
	Encoder string
	// Value is a params.Value: of Text and JSON the value itself, of Pandas a *Frame, of
	// other encoders what stands in the file. nil of Display.
	Value params.Value
	Cell  int              // position of its cell, from 0
	Shown *notebook.Output // how it was displayed; nil if it was not
}

// Read collects the scraps of a notebook in the order in which their names first
// appear. Of several of one name the last value and the last display count.
func Read(doc *notebook.Notebook) []Scrap {
	r := reader{at: map[string]int{}}
	for i := range doc.Len() {
		c := doc.Cell(i)
		if c.Kind() != notebook.Code || !c.HasOutputs() {
			continue
		}
		for _, o := range c.Outputs() {
			if o.Kind() == notebook.Display || o.Kind() == notebook.Result {
				r.output(i, o)
			}
		}
	}
	return r.all
}

type reader struct {
	all []Scrap
	at  map[string]int
}

// named finds the scrap of a name, or makes it.
func (r *reader) named(name string, cell int) *Scrap {
	i, ok := r.at[name]
	if !ok {
		i = len(r.all)
		r.at[name] = i
		r.all = append(r.all, Scrap{Name: name, Encoder: Display})
	}
	r.all[i].Cell = cell
	return &r.all[i]
}

func (r *reader) output(cell int, o *notebook.Output) {
	for _, e := range o.Bundle().Entries() {
		if encoder, ok := encoderOf(e.Type); ok {
			r.scrap(cell, encoder, e.Raw)
		} else if e.Type == record {
			rawjson.Members(object(e.Raw), func(name string, value []byte) {
				if v, err := params.ParseJSON(value); err == nil {
					s := r.named(name, cell)
					s.Encoder, s.Value = JSON, v
				}
			})
		}
	}
	if name, ok := displayed(o.Metadata()); ok {
		r.named(name, cell).Shown = o
	}
}

func encoderOf(typ string) (string, bool) {
	rest, ok := strings.CutPrefix(typ, prefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, suffix)
}

// scrap takes a payload: {"name", "data", "encoder", "version": 1}.
func (r *reader) scrap(cell int, encoder string, raw json.RawMessage) {
	v, err := params.ParseJSON(object(raw))
	payload, ok := v.(*params.Object)
	if err != nil || !ok {
		return
	}
	said, _ := payload.Get("name")
	name, ok := said.(string)
	data, there := payload.Get("data")
	if !ok || !there {
		return
	}
	s := r.named(name, cell)
	s.Encoder, s.Value = encoder, data
	text, isText := data.(string)
	switch {
	case encoder == JSON && isText: // scrapbook reads a string that holds JSON as that JSON
		if v, err := params.ParseJSON([]byte(text)); err == nil {
			s.Value = v
		}
	case encoder == Pandas && isText:
		s.Value = ReadFrame(text)
	}
}

// object is raw, or what it says where tools have put the object into a string.
func object(raw json.RawMessage) []byte {
	if text, ok := mime.Text(raw); ok {
		return []byte(text)
	}
	return raw
}

// displayed reads the name of a display scrap off the metadata of an output: that of
// scrapbook, or of papermill before it.
func displayed(meta json.RawMessage) (string, bool) {
	for _, of := range []string{"scrapbook", "papermill"} {
		raw, ok := rawjson.Get(meta, of)
		if !ok {
			continue
		}
		name, ok := rawjson.Get(raw, "name")
		if shown, said := rawjson.Get(raw, "display"); of == "scrapbook" && (!said || string(shown) != "true") {
			continue
		}
		if text, isText := rawjson.Text(name); ok && isText {
			return text, true
		}
	}
	return "", false
}
