package widget

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Span is what a value may be: from Min to Max in steps.
type Span struct{ Min, Max, Step float64 }

// Bounds is the span of a slider or a bounded number. It is false for numbers without
// bounds. Min and Max of a FloatLogSlider are exponents.
func (m *Model) Bounds() (Span, bool) {
	switch m.Kind {
	case "IntText", "FloatText":
		return Span{math.Inf(-1), math.Inf(1), m.step()}, false
	case "SelectionSlider", "SelectionRangeSlider":
		return Span{0, float64(max(len(m.Options())-1, 0)), 1}, true
	}
	low, ok1 := m.Number("min")
	high, ok2 := m.Number("max")
	if !ok1 || !ok2 || high < low {
		return Span{0, 0, m.step()}, ok1 && ok2
	}
	return Span{low, high, m.step()}, true
}

func (m *Model) step() float64 {
	if step, ok := m.Number("step"); ok && step > 0 {
		return step
	}
	if whole, _ := numeric(m.Kind); whole {
		return 1
	}
	span, ok := m.Number("max")
	low, ok2 := m.Number("min")
	if ok && ok2 && span > low {
		return (span - low) / 100
	}
	return 0.1
}

// Ends are the values of a control in its span: one, or the two of a range.
func (m *Model) Ends() []float64 {
	switch m.Kind {
	case "IntRangeSlider", "FloatRangeSlider":
		if v := m.Numbers("value"); len(v) == 2 {
			return v
		}
		return []float64{0, 0}
	case "SelectionRangeSlider":
		if v := m.Numbers("index"); len(v) == 2 {
			return v
		}
		return []float64{0, 0}
	case "SelectionSlider":
		return []float64{float64(max(m.Index(), 0))}
	}
	v, _ := m.Number("value")
	if m.Kind == "FloatLogSlider" {
		v = math.Log(v) / math.Log(m.base())
		if math.IsNaN(v) || math.IsInf(v, 0) {
			v, _ = m.Number("min")
		}
	}
	return []float64{v}
}

func (m *Model) base() float64 {
	if b, ok := m.Number("base"); ok && b > 0 && b != 1 {
		return b
	}
	return 10
}

// move sets one end of a control to a value in its span.
func (m *Model) move(end int, to float64) (Change, bool) {
	ends := m.Ends()
	if end >= len(ends) {
		return Change{}, false
	}
	span, bounded := m.Bounds()
	if bounded {
		to = math.Min(math.Max(span.snap(to), span.Min), span.Max)
	}
	if len(ends) == 2 { // the ends may meet but not pass
		if end == 0 {
			to = math.Min(to, ends[1])
		} else {
			to = math.Max(to, ends[0])
		}
	}
	if to == ends[end] {
		return Change{}, false
	}
	ends[end] = to
	switch m.Kind {
	case "SelectionSlider":
		return m.choose(int(to))
	case "SelectionRangeSlider":
		return m.set("index", []int{int(ends[0]), int(ends[1])}), true
	case "FloatLogSlider":
		return m.set("value", tidy(math.Pow(m.base(), to))), true
	}
	whole, _ := numeric(m.Kind)
	values := make([]any, len(ends))
	for i, v := range ends {
		if values[i] = v; whole {
			values[i] = int64(math.Round(v))
		}
	}
	if len(values) == 2 {
		return m.set("value", values), true
	}
	return m.set("value", values[0]), true
}

// snap is the nearest value that is whole steps from the least.
func (s Span) snap(v float64) float64 {
	if s.Step <= 0 || math.IsInf(s.Min, 0) {
		return v
	}
	return tidy(s.Min + math.Round((v-s.Min)/s.Step)*s.Step)
}

// tidy takes off what adding steps such as 0.1 leaves in the last digits.
func tidy(v float64) float64 {
	t, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 14, 64), 64)
	if err != nil {
		return v
	}
	return t
}

// Readout is the value of a slider as its readout_format has it, a range with a dash.
func (m *Model) Readout() string {
	switch m.Kind {
	case "SelectionSlider", "SelectionRangeSlider":
		options := m.Options()
		var texts []string
		for _, v := range m.Ends() {
			if i := int(v); i >= 0 && i < len(options) {
				texts = append(texts, options[i])
			}
		}
		return strings.Join(texts, " – ")
	}
	values := m.Ends()
	if m.Kind == "FloatLogSlider" {
		v, _ := m.Number("value")
		values = []float64{v}
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = Format(v, m.Text("readout_format"))
	}
	return strings.Join(texts, " – ")
}

// Format writes a number by the part of d3-format that readouts use: [,][.N] and one of
// d f g e % s; anything else writes it plainly.
func Format(v float64, spec string) string {
	group := strings.Contains(spec, ",")
	spec = strings.ReplaceAll(spec, ",", "")
	digits := -1
	if i := strings.IndexByte(spec, '.'); i >= 0 {
		rest := strings.TrimRight(spec[i+1:], "dfge%srn~")
		if n, err := strconv.Atoi(rest); err == nil && n >= 0 && n <= 20 {
			digits = n
		}
	}
	kind := byte(0)
	if spec != "" {
		kind = spec[len(spec)-1]
	}
	text := ""
	switch kind {
	case 'd':
		text = strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	case 'f', 'g', 'e':
		if digits < 0 {
			digits = 6
		}
		text = strconv.FormatFloat(v, kind, digits, 64)
	case '%':
		text = fmt.Sprintf("%.*f%%", max(digits, 0), v*100)
	default:
		text = strconv.FormatFloat(v, 'g', -1, 64)
	}
	if group {
		text = grouped(text)
	}
	return text
}

// grouped puts commas between the thousands.
func grouped(text string) string {
	end := strings.IndexAny(text, ".e%")
	if end < 0 {
		end = len(text)
	}
	start := 0
	if strings.HasPrefix(text, "-") {
		start = 1
	}
	for i := end - 3; i > start; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
