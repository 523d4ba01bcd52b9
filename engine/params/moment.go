package params

import (
	"fmt"
	"strings"
	"time"
)

// String is Python's str() of a datetime.
func (t moment) String() string {
	out := t.Format("2006-01-02 15:04:05")
	if us := t.Nanosecond() / 1000; us != 0 {
		out += fmt.Sprintf(".%06d", us)
	}
	if !t.naive {
		out += t.Format("-07:00")
	}
	return out
}

func (t moment) repr() string {
	parts := []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute()}
	us := t.Nanosecond() / 1000
	if t.Second() != 0 || us != 0 {
		parts = append(parts, t.Second())
	}
	if us != 0 {
		parts = append(parts, us)
	}
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(parts), " ", ", "), "[]")
	if !t.naive {
		text += ", tzinfo=datetime.timezone.utc"
	}
	return "datetime.datetime(" + text + ")"
}

// strftime is C's in the C locale, with glibc's flags - _ 0 ^ # where they matter.
func (t moment) strftime(spec string) string {
	var b strings.Builder
	for i := 0; i < len(spec); i++ {
		if spec[i] != '%' || i+1 == len(spec) {
			b.WriteByte(spec[i])
			continue
		}
		i++
		flag := byte(0)
		if strings.IndexByte("-_0^#", spec[i]) >= 0 && i+1 < len(spec) {
			flag = spec[i]
			i++
		}
		text, ok := t.directive(spec[i])
		if !ok {
			b.WriteByte('%')
			if flag != 0 {
				b.WriteByte(flag)
			}
			b.WriteByte(spec[i])
			continue
		}
		b.WriteString(flagged(text, flag))
	}
	return b.String()
}

func flagged(text string, flag byte) string {
	switch flag {
	case '^', '#':
		return strings.ToUpper(text)
	case '-', '_':
		if strings.Trim(text, "0123456789 ") != "" {
			return text // not a number
		}
		short := strings.TrimLeft(text, "0 ")
		if short == "" {
			short = "0"
		}
		if flag == '_' {
			return strings.Repeat(" ", max(0, len(text)-len(short))) + short
		}
		return short
	case '0':
		return strings.ReplaceAll(text, " ", "0")
	}
	return text
}

func (t moment) directive(c byte) (string, bool) {
	if layout, ok := map[byte]string{
		'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'c': "Mon Jan _2 15:04:05 2006",
		'd': "02", 'e': "_2", 'D': "01/02/06", 'F': "2006-01-02", 'H': "15", 'I': "03", 'm': "01", 'M': "04",
		'p': "PM", 'P': "pm", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05", 'x': "01/02/06",
		'X': "15:04:05", 'y': "06", 'Y': "2006",
	}[c]; ok {
		return t.Format(layout), true
	}
	year, week := t.ISOWeek()
	day := t.YearDay() - 1
	switch c {
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000), true
	case 'G':
		return fmt.Sprint(year), true
	case 'g':
		return fmt.Sprintf("%02d", year%100), true
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay()), true
	case 'k':
		return fmt.Sprintf("%2d", t.Hour()), true
	case 'l':
		return fmt.Sprintf("%2d", (t.Hour()+11)%12+1), true
	case 'n':
		return "\n", true
	case 's':
		return fmt.Sprint(t.Unix()), true
	case 't':
		return "\t", true
	case 'u':
		return fmt.Sprint((int(t.Weekday())+6)%7 + 1), true
	case 'w':
		return fmt.Sprint(int(t.Weekday())), true
	case 'U':
		return fmt.Sprintf("%02d", (day+7-int(t.Weekday()))/7), true
	case 'W':
		return fmt.Sprintf("%02d", (day+7-(int(t.Weekday())+6)%7)/7), true
	case 'V':
		return fmt.Sprintf("%02d", week), true
	case '%':
		return "%", true
	}
	return t.zone(c)
}

// zone writes what a naive time has none of.
func (t moment) zone(c byte) (string, bool) {
	switch {
	case c != 'z' && c != 'Z':
		return "", false
	case t.naive:
		return "", true
	case c == 'z':
		return t.Format("-0700"), true
	case t.Location() == time.UTC:
		return "UTC", true
	}
	return t.Format("MST"), true
}
