package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/render/term"
	"nbterm/tui/theme"
)

// parameters is what a notebook takes, on one row: name=default, or the name alone of
// one that must be given.
func parameters(doc *notebook.Notebook) string {
	ps, err := params.Infer(doc)
	if err != nil {
		return "" // a language whose parameters nobody can read
	}
	var parts []string
	for _, p := range ps {
		part := p.Name
		if p.Default != "" {
			part += "=" + p.Default
		}
		parts = append(parts, clean(part))
	}
	return strings.Join(parts, "  ")
}

// record is what stands in a notebook of the run that made it.
type record struct {
	start  time.Time
	took   time.Duration
	status string // "succeeded", or what became of it
	why    string
}

// recorded reads our own record, which knows how a run ended in every case, and where
// there is none papermill's.
func recorded(doc *notebook.Notebook) (record, bool) {
	var ours struct {
		Started  time.Time `json:"started"`
		Duration float64   `json:"duration"` // seconds
		Status   string    `json:"status"`
		Reason   string    `json:"reason"`
		Record   int       `json:"record"`
	}
	if raw, ok := doc.Meta("nbterm"); ok && json.Unmarshal(raw, &ours) == nil && ours.Record > 0 && !ours.Started.IsZero() {
		r := record{ours.Started, seconds(ours.Duration), strings.ReplaceAll(ours.Status, "_", " "), ours.Reason}
		if ours.Status == "completed" || ours.Status == "exited" {
			r.status = succeeded
		}
		return r, true
	}
	var theirs struct {
		Start     time.Time `json:"start_time"`
		End       string    `json:"end_time"`
		Duration  float64   `json:"duration"` // seconds
		Exception bool      `json:"exception"`
	}
	raw, ok := doc.Meta("papermill")
	if !ok || json.Unmarshal(raw, &theirs) != nil || theirs.Start.IsZero() {
		return record{}, false
	}
	r := record{theirs.Start, seconds(theirs.Duration), succeeded, ""}
	switch {
	case theirs.Exception:
		r.status = "failed"
	case theirs.End == "":
		r.status = "not ended"
	}
	return r, true
}

const succeeded = "succeeded"

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
}

// lastRun is the record of a run on one row.
func lastRun(doc *notebook.Notebook, t theme.Theme) string {
	r, ok := recorded(doc)
	if !ok {
		return ""
	}
	row := t.Text(r.start.Local().Format("2006-01-02 15:04") + "  ")
	if r.status == succeeded {
		return row + t.Ok(r.status) + t.Text(fmt.Sprintf(" in %s", r.took))
	}
	row += t.Failed(clean(r.status))
	if r.took > 0 {
		row += t.Text(fmt.Sprintf(" after %s", r.took))
	}
	if r.why != "" {
		row += t.Muted(" · " + clean(r.why))
	}
	return row
}

// size for people: three digits and a unit of 1,000.
func size(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB"} {
		v /= 1000
		switch {
		case v < 9.95:
			return fmt.Sprintf("%.1f %s", v, unit)
		case v < 999.5:
			return fmt.Sprintf("%.0f %s", v, unit)
		}
	}
	return fmt.Sprintf("%.0f PB", v/1000)
}

// age for people: how long ago, roughly; older than a year is a date.
func age(at, now time.Time) string {
	d := now.Sub(at)
	switch {
	case at.IsZero():
		return ""
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	case d < 14*24*time.Hour:
		return fmt.Sprintf("%d d ago", int(d.Hours()/24))
	case d < 365*24*time.Hour:
		return at.Local().Format("Jan 2")
	}
	return at.Local().Format("2006-01-02")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// thousands separates groups of three with a thin space.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u2009" + s[i:]
	}
	return s
}

func clean(s string) string { return term.Clean(s) }
