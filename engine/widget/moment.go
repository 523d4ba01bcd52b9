package widget

import (
	"encoding/json"
	"fmt"
	"time"
)

// moment is a date and time as the models have it: months from 0, hours as far as they
// belong to the kind.
type moment struct {
	Year    *int `json:"year,omitempty"`
	Month   *int `json:"month,omitempty"`
	Date    *int `json:"date,omitempty"`
	Hours   *int `json:"hours,omitempty"`
	Minutes *int `json:"minutes,omitempty"`
	Seconds *int `json:"seconds,omitempty"`
	Milli   *int `json:"milliseconds,omitempty"`
}

// layout is how a moment is typed, by kind; "" for kinds that are none.
func layout(kind string) string {
	switch kind {
	case "DatePicker":
		return time.DateOnly
	case "Time", "TimePicker":
		return time.TimeOnly
	case "Datetime", "NaiveDatetime", "DatetimePicker", "NaiveDatetimePicker":
		return "2006-01-02 15:04:05"
	}
	return ""
}

// moment is the value of a picker; false for none. A date and time with a zone is in
// UTC, as it is told.
func (m *Model) moment() (time.Time, bool) {
	var v *moment
	if json.Unmarshal(m.Raw("value"), &v) != nil || v == nil {
		return time.Time{}, false
	}
	num := func(p *int, otherwise int) int {
		if p == nil {
			return otherwise
		}
		return *p
	}
	at := time.Date(num(v.Year, 1), time.Month(num(v.Month, 0)+1), num(v.Date, 1),
		num(v.Hours, 0), num(v.Minutes, 0), num(v.Seconds, 0), num(v.Milli, 0)*1e6, time.UTC)
	return at, true
}

// setMoment is the change to another date or time.
func (m *Model) setMoment(t time.Time) Change {
	year, month, day := t.Year(), int(t.Month())-1, t.Day()
	hours, minutes, seconds, milli := t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1e6
	v := moment{}
	if m.Kind != "Time" && m.Kind != "TimePicker" {
		v.Year, v.Month, v.Date = &year, &month, &day
	}
	if m.Kind != "DatePicker" {
		v.Hours, v.Minutes, v.Seconds, v.Milli = &hours, &minutes, &seconds, &milli
	}
	return m.set("value", v)
}

// momentText is the value of a picker as it is typed.
func (m *Model) momentText() string {
	t, ok := m.moment()
	if !ok {
		return ""
	}
	return t.Format(layout(m.Kind))
}

// parseMoment reads what was typed; seconds may be left out.
func (m *Model) parseMoment(text string) (Change, error) {
	if text == "" {
		return m.set("value", nil), nil
	}
	form := layout(m.Kind)
	t, err := time.Parse(form, text)
	if err != nil && m.Kind != "DatePicker" {
		t, err = time.Parse(form, text+":00")
	}
	if err != nil {
		example := time.Date(2026, 11, 21, 14, 30, 0, 0, time.UTC).Format(form)
		return Change{}, fmt.Errorf("%q is not of the form %s", text, example)
	}
	return m.setMoment(t), nil
}

// stepMoment moves a date by days and a time by minutes.
func (m *Model) stepMoment(by int) (Change, bool) {
	t, ok := m.moment()
	if !ok {
		return Change{}, false
	}
	if m.Kind == "Time" || m.Kind == "TimePicker" {
		return m.setMoment(t.Add(time.Duration(by) * time.Minute)), true
	}
	return m.setMoment(t.AddDate(0, 0, by)), true
}
