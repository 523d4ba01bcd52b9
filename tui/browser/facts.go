package browser

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"nbterm/engine/notebook"
	"nbterm/render/term"
	"nbterm/tui/theme"
)

// parameters is the parameters cell of a notebook on one row.
func parameters(doc *notebook.Notebook) string {
	for _, c := range doc.Cells() {
		if !slices.Contains(c.Tags(), "parameters") {
			continue
		}
		var parts []string
		for _, line := range strings.Split(c.Source(), "\n") {
			line, _, _ = strings.Cut(line, "  #")
			if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(strings.TrimSpace(line), "#") {
				parts = append(parts, clean(strings.TrimSpace(name)+"="+strings.TrimSpace(value)))
			}
		}
		return strings.Join(parts, "  ")
	}
	return ""
}

// lastRun is what the record of a run says, as papermill and we write it.
func lastRun(doc *notebook.Notebook, t theme.Theme) string {
	raw, ok := doc.Meta("papermill")
	var r struct {
		Start     time.Time `json:"start_time"`
		Duration  float64   `json:"duration"` // seconds
		Exception bool      `json:"exception"`
	}
	if !ok || json.Unmarshal(raw, &r) != nil || r.Start.IsZero() {
		return ""
	}
	took := time.Duration(r.Duration * float64(time.Second)).Round(100 * time.Millisecond)
	when := r.Start.Local().Format("2006-01-02 15:04")
	if r.Exception {
		return t.Text(when+"  ") + t.Failed("failed") + t.Text(fmt.Sprintf(" after %s", took))
	}
	return t.Text(when+"  ") + t.Ok("succeeded") + t.Text(fmt.Sprintf(" in %s", took))
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
