package check

import (
	"encoding/json"
	"slices"
	"strings"

	"nbterm/engine/diff"
	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
)

// said is all that a cell put out in one form, in the order in which it came. As in
// nbval the pieces are put together: how a stream is cut is chance.
type said struct {
	text   strings.Builder
	values []params.Value // of JSON forms
}

// forms collects what a cell put out: streams and exceptions by name, the rest by mime
// type. Of pictures and widgets it is only noted that there are some: their bytes
// differ between machines.
func (o Options) forms(c *notebook.Cell) map[string]*said {
	all := map[string]*said{}
	at := func(name string) *said {
		if all[name] == nil {
			all[name] = &said{}
		}
		return all[name]
	}
	for _, out := range c.Outputs() {
		switch out.Kind() {
		case notebook.Stream:
			at(out.StreamName()).text.WriteString(out.Text())
			continue
		case notebook.Failure:
			ename, evalue, _ := out.Error()
			at("exception").text.WriteString(ename + ": " + evalue)
			continue
		}
		for _, e := range out.Bundle().Entries() {
			s := at(e.Type)
			switch {
			case strings.HasPrefix(e.Type, "image/") && e.Type != "image/svg+xml", strings.HasPrefix(e.Type, "application/vnd.jupyter.widget"):
			case mime.IsJSON(e.Type):
				s.values = append(s.values, value(e.Raw))
			default:
				if text, ok := mime.Text(e.Raw); ok {
					s.text.WriteString(text + "\n")
				}
			}
		}
	}
	return all
}

func value(raw json.RawMessage) params.Value {
	v, err := params.ParseJSON(raw)
	if err != nil {
		return string(raw)
	}
	return v
}

// differ says in a clause, and in lines, what a cell put out that is not as stored.
func (o Options) differ(stored, fresh *notebook.Cell) (message, detail string) {
	a, b := o.forms(stored), o.forms(fresh)
	var names []string
	for _, m := range []map[string]*said{a, b} {
		for name := range m {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var told, lines []string
	for _, name := range names {
		switch {
		case a[name] == nil:
			told = append(told, name+" is new")
			lines = append(lines, name+":", listed("", b[name].String()))
		case b[name] == nil:
			told = append(told, name+" is missing")
			lines = append(lines, name+":", listed(a[name].String(), ""))
		case !o.same(a[name], b[name]):
			told = append(told, name+" differs")
			lines = append(lines, name+":", listed(a[name].String(), b[name].String()))
		}
	}
	return strings.Join(told, ", "), strings.Join(lines, "\n")
}

// String is what is said as text.
func (s *said) String() string {
	lines := []string{strings.TrimRight(s.text.String(), "\n")}
	if lines[0] == "" {
		lines = nil
	}
	for _, v := range s.values {
		lines = append(lines, string(params.JSON(v)))
	}
	return strings.Join(lines, "\n")
}

func (o Options) same(a, b *said) bool {
	clean := func(s *said) string { return sanitise(strings.TrimRight(s.text.String(), "\n"), o.Rules) }
	if !diff.Near(clean(a), clean(b), o.Tolerance) || len(a.values) != len(b.values) {
		return false
	}
	for i := range a.values {
		x, y := sanitise(string(params.JSON(a.values[i])), o.Rules), sanitise(string(params.JSON(b.values[i])), o.Rules)
		if x != y && !diff.NearValues(a.values[i], b.values[i], o.Tolerance) {
			return false
		}
	}
	return true
}

// mostDetail bounds the lines of a detail.
const mostDetail = 60

// listed is a diff as lines.
func listed(a, b string) string {
	var out []string
	for _, l := range diff.Lines(a, b) {
		sign := "  "
		if !l.InB {
			sign = "- "
		} else if !l.InA {
			sign = "+ "
		}
		if out = append(out, sign+l.Text); len(out) == mostDetail {
			return strings.Join(append(out, "…"), "\n")
		}
	}
	return strings.Join(out, "\n")
}
