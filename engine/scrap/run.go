package scrap

import (
	"strconv"
	"strings"
	"time"

	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
)

// Run is what one notebook tells of how it was run.
type Run struct {
	Status     string // as the record says it; what its outputs show where there is none; "" never ran
	Recorded   bool   // Status is that of a record, of papermill's or ours
	Started    time.Time
	Took       time.Duration // 0 is not known
	Parameters *params.Object
	Scraps     []Scrap
}

// Of reads the run that a notebook is the record of. The block "nbterm" is believed
// before papermill's, which calls cells completed that never ran.
func Of(doc *notebook.Notebook) Run {
	r := Run{Parameters: params.NewObject(), Scraps: Read(doc)}
	if raw, ok := doc.Meta("papermill", "parameters"); ok {
		if v, err := params.ParseJSON(raw); err == nil {
			if o, ok := v.(*params.Object); ok {
				r.Parameters = o
			}
		}
	}
	r.Started = firstTime(doc, []string{"nbterm", "started"}, []string{"papermill", "start_time"})
	for _, block := range []string{"nbterm", "papermill"} {
		if raw, ok := doc.Meta(block, "duration"); ok && r.Took == 0 {
			r.Took = seconds(raw)
		}
	}
	r.Status = status(doc)
	for _, path := range [][]string{{"nbterm", "status"}, {"papermill", "exception"}} {
		_, ok := doc.Meta(path...)
		r.Recorded = r.Recorded || ok
	}
	return r
}

func firstTime(doc *notebook.Notebook, paths ...[]string) time.Time {
	for _, p := range paths {
		raw, _ := doc.Meta(p...)
		if t, ok := clock(raw); ok {
			return t
		}
	}
	return time.Time{}
}

// clock reads a time as Python's isoformat() writes it, with or without a zone.
func clock(raw []byte) (time.Time, bool) {
	text, _ := rawjson.Text(raw)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// seconds reads a number of seconds; what is none, or beyond reason, is 0.
func seconds(raw []byte) time.Duration {
	s, err := strconv.ParseFloat(strings.TrimSpace(string(raw)), 64)
	if err != nil || !(s > 0 && s < 1e9) {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}

// status is the one of our record; else papermill's, where its cells bear it out; else
// what the outputs show.
func status(doc *notebook.Notebook) string {
	if raw, ok := doc.Meta("nbterm", "status"); ok {
		if s, ok := rawjson.Text(raw); ok {
			return s
		}
	}
	ran, missed, failed := shown(doc)
	exception, recorded := doc.Meta("papermill", "exception")
	end, _ := doc.Meta("papermill", "end_time")
	switch {
	case recorded && string(exception) == "true":
		return "failed"
	case recorded && len(end) > 0 && string(end) == "null":
		return "unfinished"
	case failed:
		return "failed"
	case !ran:
		return ""
	case missed:
		return "incomplete"
	}
	return "completed"
}

// shown reads off the cells whether any ran, whether one with code did not, and
// whether one failed that was not allowed to.
func shown(doc *notebook.Notebook) (ran, missed, failed bool) {
	for i := range doc.Len() {
		c := doc.Cell(i)
		if c.Kind() != notebook.Code {
			continue
		}
		may := false
		for _, tag := range c.Tags() {
			may = may || tag == "raises-exception"
			if tag == "skip-execution" {
				c = nil
				break
			}
		}
		if c == nil || strings.TrimSpace(c.Source()) == "" {
			continue
		}
		_, counted := c.Count()
		ran, missed = ran || counted, missed || !counted
		for _, o := range c.Outputs() {
			failed = failed || o.Kind() == notebook.Failure && !may
		}
	}
	return ran, missed, failed
}

// Took is how long a cell ran, by papermill's record or nbclient's stamps; 0 is not
// known.
func Took(c *notebook.Cell) time.Duration {
	if raw, ok := c.Meta("papermill", "duration"); ok {
		if d := seconds(raw); d > 0 {
			return d
		}
	}
	from, _ := c.Meta("execution", "iopub.execute_input")
	to, ok := c.Meta("execution", "shell.execute_reply")
	if !ok {
		to, _ = c.Meta("execution", "iopub.status.idle")
	}
	start, ok1 := clock(from)
	end, ok2 := clock(to)
	if ok1 && ok2 && end.After(start) {
		return end.Sub(start)
	}
	return 0
}
