package bridge

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"nbterm/engine/wire"
)

// chunk is how much of a stream goes into one message at most, in bytes.
const chunk = 1 << 20

// report is one record of the shell's descriptor 250.
type report struct {
	payload string
	number  int
	status  int
}

// pump reads what bash and its commands write, from one goroutine, so that the
// order is kept as far as two pipes can tell it. When a report says that a command
// is over, all that was written before it has been passed on.
type pump struct {
	shell   *shell
	out     capture
	err     capture
	report  capture
	woken   *os.File // readable, by its end, once bash is reaped
	waker   *os.File
	reports chan report // of commands that are over; closed at the end

	parent  wire.Header       // of the cell that runs or ran last; set by serve through begin
	partial map[string][]byte // an unfinished UTF-8 sequence per stream
	records []byte            // an unfinished record
	ready   bool              // the prologue ran: what comes now belongs to cells
	stderr  tail
}

func newPump(s *shell, out, err, report, woken, waker *os.File) (*pump, error) {
	p := &pump{shell: s, woken: woken, waker: waker, reports: newReports(), partial: map[string][]byte{}}
	for _, one := range []struct {
		file *os.File
		into *capture
	}{{out, &p.out}, {err, &p.err}, {report, &p.report}} {
		c, err := newCapture(one.file)
		if err != nil {
			return nil, err
		}
		*one.into = c
	}
	return p, nil
}

// newReports has room for the reports that nobody waits for: those of prompts that
// SIGINT or the prologue brought. More than a few never wait, as serve discards old ones.
func newReports() chan report { return make(chan report, 64) }

// run ends when bash is reaped and its pipes are empty.
func (p *pump) run() {
	defer close(p.reports)
	fds := []unix.PollFd{
		{Fd: int32(p.report.fd), Events: unix.POLLIN}, {Fd: int32(p.out.fd), Events: unix.POLLIN},
		{Fd: int32(p.err.fd), Events: unix.POLLIN}, {Fd: int32(p.woken.Fd()), Events: unix.POLLIN},
	}
	for {
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		last := fds[3].Revents != 0
		for i := range 3 {
			if fds[i].Revents&unix.POLLIN == 0 && fds[i].Revents != 0 {
				fds[i].Fd = -1 // closed by all writers
			}
		}
		// The report is read first: what was written before it is in the pipes by now.
		records := p.report.read(chunk)
		p.drain()
		p.take(records)
		if last {
			return
		}
	}
}

func (p *pump) drain() {
	for _, one := range []struct {
		name string
		from capture
	}{{"stdout", p.out}, {"stderr", p.err}} {
		for range 16 { // a command that never stops writing must not keep us here
			data := one.from.read(chunk)
			if len(data) == 0 {
				break
			}
			p.say(one.name, data)
		}
	}
}

// say passes text on, in whole characters.
func (p *pump) say(name string, data []byte) {
	if name == "stderr" {
		p.stderr.add(data)
	}
	if !p.ready {
		return // bash complains about the missing terminal
	}
	data = append(p.partial[name], data...)
	data, p.partial[name] = whole(data)
	text := strings.ToValidUTF8(string(data), "\uFFFD")
	if name == "stderr" {
		text = withoutNoise(text)
	}
	if text == "" {
		return
	}
	s := p.shell
	s.mu.Lock()
	parent := p.parent
	s.mu.Unlock()
	s.queue.Put(say(s.stamp, wire.IOPub, wire.TypeStream, parent, wire.Stream{Name: name, Text: text}))
}

// whole cuts data before a UTF-8 sequence that has begun but not ended.
func whole(data []byte) (text, rest []byte) {
	for back := 1; back < utf8.UTFMax && back <= len(data); back++ {
		at := len(data) - back
		if utf8.RuneStart(data[at]) {
			if !utf8.FullRune(data[at:]) {
				return data[:at], bytes.Clone(data[at:])
			}
			break
		}
	}
	return data, nil
}

// withoutNoise removes bash's complaint that it cannot restore a terminal it never had.
func withoutNoise(text string) string {
	if !strings.Contains(text, "] tcsetattr: ") {
		return text
	}
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "bash: [") || !strings.Contains(line, "] tcsetattr: ") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// take splits records: payload, NUL, control, NUL.
func (p *pump) take(data []byte) {
	p.records = append(p.records, data...)
	for {
		first := bytes.IndexByte(p.records, 0)
		if first < 0 {
			return
		}
		second := bytes.IndexByte(p.records[first+1:], 0)
		if second < 0 {
			return
		}
		payload, control := string(p.records[:first]), string(p.records[first+1:first+1+second])
		p.records = p.records[first+second+2:]
		p.control(payload, control)
	}
}

func (p *pump) control(payload, control string) {
	r := report{payload: payload}
	s := p.shell
	if n, _ := fmt.Sscanf(control, "B %d", &r.number); n == 1 {
		s.mu.Lock()
		s.begun = s.running && r.number == s.number
		if s.begun && s.stop {
			s.strike(s.number)
		}
		s.mu.Unlock()
		return
	}
	if n, _ := fmt.Sscanf(control, "E %d %d", &r.number, &r.status); n != 2 {
		return
	}
	if payload != "" {
		p.ready = true
	}
	s.mu.Lock()
	current := !p.ready || r.number == s.number
	if current {
		s.begun = false // from here on SIGINT would hit the prompt
	}
	s.mu.Unlock()
	if !current {
		return
	}
	select {
	case p.reports <- r:
	default: // repeated by SIGINTs at the prompt; one is enough
	}
}

func (p *pump) wake() { _ = p.waker.Close() }

func (p *pump) close() {
	pipes{p.out.file, p.err.file, p.report.file, p.woken}.close()
}
