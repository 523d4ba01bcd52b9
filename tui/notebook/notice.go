package notebook

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// notices are what there is to say above the keys: alarms, which stay until what
// they are about is mended, and one muted line, which the next one replaces.
type notices struct {
	alarms [alarms]string
	line   string
}

// The alarms, each about one thing; the first is shown first.
const (
	saveAlarm   = iota // not saved
	kernelAlarm        // no kernel
	gapAlarm           // output may be missing; esc takes it away
	alarms
)

// alarm says something loudly, or with "" takes it back.
func (s *Screen) alarm(about int, text string) {
	s.notices.alarms[about] = text
	s.layout()
}

// say replaces the muted line; "" takes it away.
func (s *Screen) say(text string) {
	s.notices.line = text
	s.layout()
}

// alarmRows is how many rows an alarm may fill, so that what to do is not cut off.
const alarmRows = 3

// noticeRows is what there is to say, wrapped.
func (s *Screen) noticeRows() []string {
	if s.size.w < 3 {
		return nil
	}
	var rows []string
	for _, text := range s.notices.alarms {
		rows = append(rows, noticed(text, s.size.w, alarmRows, s.Theme.Failed)...)
	}
	rows = append(rows, noticed(s.notices.line, s.size.w, 1, s.Theme.Muted)...)
	return rows[:min(len(rows), max(s.size.h-4, 1))]
}

func noticed(text string, width, most int, paint func(string) string) []string {
	if text == "" {
		return nil
	}
	rows := strings.Split(ansi.Wrap(clean(text), width-2, ""), "\n")
	if len(rows) > most {
		rest := strings.Join(rows[most-1:], " ")
		rows = append(rows[:most-1], ansi.Truncate(rest, width-2, "…"))
	}
	for i, r := range rows {
		rows[i] = " " + paint(r)
	}
	return rows
}
