//go:build torture

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"nbterm/engine/kernel/bridge"
	"nbterm/render/term"
)

// escapePayloads are ways to make a terminal do what no output may: every OSC and string
// with every end, every CSI, every escape of one letter, every C0 and C1, and what
// hides or turns text.
func escapePayloads() []string {
	var all []string
	ends := []string{"\a", "\x1b\\", "\u009c", ""}
	for _, n := range []string{"0;t", "1;t", "2;t", "4;1;?", "7;file://h/x", "8;;file:///etc/passwd", "8;;javascript:x", "9;n", "9;4;1;50", "10;?", "11;?", "12;?", "50;f", "52;c;ZXZpbA==", "52;c;?", "104", "133;A", "777;notify;a;b", "1337;File=inline=1:QUJD", "1337;SetUserVar=a=Yg=="} {
		for _, end := range ends {
			all = append(all, "\x1b]"+n+end)
		}
	}
	for _, s := range []string{"Pq#0;2;0;0;0#0~~", "P$qm", "P+q544e", "Ptmux;\x1b\x1b]52;c;eA==\a", "P1000p", "_Ga=T,f=100;AAAA", "_Ga=q,i=1;AAAA", "^pm", "Xsos", "ktitle"} {
		for _, end := range ends {
			all = append(all, "\x1b"+s+end)
		}
	}
	for final := '@'; final <= '~'; final++ {
		if final == 'm' {
			continue
		}
		for _, params := range []string{"", "6", "?6", ">0"} {
			all = append(all, "\x1b["+params+string(final))
		}
	}
	for c := '0'; c <= '~'; c++ {
		if !strings.ContainsRune("[]PX^_", c) {
			all = append(all, "\x1b"+string(c))
		}
	}
	for c := rune(1); c < 0x20; c++ {
		all = append(all, "a"+string(c)+"b")
	}
	for c := rune(0x80); c < 0xa0; c++ {
		all = append(all, string(c)+"31mx")
	}
	for _, c := range "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f\u061c\u200b\u200d\u2060\ufeff\u00ad\u034f\u180e\u3164\U000e0041\U0010eeee" {
		all = append(all, "a"+string(c)+"b")
	}
	for _, s := range []string{"8", "1;8", "0;8;4", "38;5;1;8", "38:2::1:2:3;8", "28;8"} {
		all = append(all, "\x1b["+s+"mhidden\x1b[0m")
	}
	return append(all, "\x1b(0qq\x1b(B", "\x1b#8", "\x1b%G", "\xff\xfe", "\x9b31m")
}

// evil is a notebook with a payload in every place that is shown, and in its streams
// cut at each byte.
func evil(payloads []string) []byte {
	type object = map[string]any
	var cells []object
	code := func(id, source string, outputs ...object) {
		cells = append(cells, object{"cell_type": "code", "id": id, "metadata": object{"tags": []string{source}}, "execution_count": 1, "source": source, "outputs": outputs})
	}
	stream := func(s string) object {
		return object{"output_type": "stream", "name": "stdout", "text": s}
	}
	for i, p := range payloads {
		p = strings.ToValidUTF8(p, "\ufffd") // JSON holds no other
		outs := []object{
			stream("before " + p + " after\n"),
			{"output_type": "error", "ename": p, "evalue": p, "traceback": []string{p}},
		}
		for typ, v := range map[string]any{
			"text/plain": p, "text/html": "<b>" + p + "</b><table><td>" + p + "</table>", "text/markdown": "# " + p + "\n\n- " + p, "text/latex": p,
			"application/json": object{p: p}, "image/svg+xml": "<svg width='" + p + "'>" + p, "x/" + p: p, "application/vnd.jupyter.widget-view+json": object{"model_id": p},
		} {
			outs = append(outs, object{"output_type": "display_data", "metadata": object{}, "data": object{typ: v}})
		}
		for at := range len(p) {
			if utf8.RuneStart(p[at]) && at > 0 {
				outs = append(outs, stream(p[:at]), stream(p[at:]+"\n"))
			}
		}
		code(fmt.Sprintf("c%d", i), "x = '"+p+"'", outs...)
		cells = append(cells, object{"cell_type": "markdown", "id": fmt.Sprintf("m%d", i), "metadata": object{}, "source": "text " + p + " text"})
	}
	data, err := json.Marshal(object{"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": object{
		"kernelspec": object{"name": "k\x1b]0;evil\a", "display_name": "K\x1b]52;c;eA==\a\u202e"}, "language_info": object{"name": "python\x1b[8m"},
	}})
	if err != nil {
		panic(err) // of strings only
	}
	return data
}

// recorder is a program in a pseudo-terminal, with an emulator that answers what it
// is asked and writes down both ways.
type recorder struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	work sync.WaitGroup

	screen *vt.Emulator

	mu      sync.Mutex // guards all below
	out, in []byte
	more    chan struct{}
}

const recorderRows = 50

func record(t *testing.T, dir string, env []string, bin string, args ...string) *recorder {
	t.Helper()
	r := &recorder{t: t, cmd: exec.Command(bin, args...), screen: vt.NewEmulator(160, recorderRows), more: make(chan struct{})}
	r.cmd.Dir, r.cmd.Env = dir, env
	tty, err := pty.StartWithSize(r.cmd, &pty.Winsize{Rows: recorderRows, Cols: 160})
	if err != nil {
		t.Fatal(err)
	}
	r.tty = tty
	r.work.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := tty.Read(buf)
			_, _ = r.screen.Write(buf[:n]) // it waits for its answers to be read
			r.mu.Lock()
			r.out = append(r.out, buf[:n]...)
			close(r.more)
			r.more = make(chan struct{})
			r.mu.Unlock()
			if err != nil {
				if pipe, ok := r.screen.InputPipe().(interface{ Close() error }); ok {
					_ = pipe.Close()
				}
				return
			}
		}
	})
	r.work.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, err := r.screen.Read(buf)
			r.mu.Lock()
			r.in = append(r.in, buf[:n]...)
			r.mu.Unlock()
			_, _ = tty.Write(buf[:n])
			if err != nil {
				return
			}
		}
	})
	return r
}

// end waits for the program and gives what went each way.
func (r *recorder) end() (out, in []byte) {
	r.t.Helper()
	giveUp := time.AfterFunc(30*time.Second, func() {
		r.t.Errorf("%v did not end", r.cmd.Args)
		_ = r.cmd.Process.Kill()
	})
	_ = r.cmd.Wait() // its status is another test's
	giveUp.Stop()
	r.work.Wait()
	_ = r.tty.Close()
	return r.out, r.in
}

// settle waits until what is written has come to an end for a while.
func (r *recorder) settle(quiet time.Duration) {
	most := time.After(5 * time.Second)
	for {
		r.mu.Lock()
		more := r.more
		r.mu.Unlock()
		select {
		case <-more:
		case <-time.After(quiet):
			return
		case <-most:
			return
		}
	}
}

func (r *recorder) press(keys string) {
	_, _ = r.tty.WriteString(keys)
	r.settle(30 * time.Millisecond)
}

var tokens = regexp.MustCompile(`(?s)^(?:\x1b\[([<-?]?)([\d;:]*)([ -/]*)([@-~])|\x1b\](\d*)(;?[^\x07\x1b]*)(?:\x07|\x1b\\)|\x1b([P_^X])(.*?)\x1b\\|\x1b([ -/]*)([0-~]))`)

// foreign gives what in out is none of what may be written: text, and sequences that
// allowed lets pass.
func foreign(out []byte, allowed func(sequence []string) bool) []string {
	var bad []string
	for i := 0; i < len(out); {
		if out[i] == 0x1b {
			m := tokens.FindSubmatch(out[i:])
			if m == nil {
				return append(bad, fmt.Sprintf("cut sequence %.40q", out[i:]))
			}
			parts := make([]string, len(m))
			for k := range m {
				parts[k] = string(m[k])
			}
			if !allowed(parts) {
				bad = append(bad, fmt.Sprintf("%.60q", m[0]))
			}
			i += len(m[0])
			continue
		}
		r, n := utf8.DecodeRune(out[i:])
		switch {
		case strings.ContainsRune("\r\n\b\t", r):
		case r == utf8.RuneError && n == 1, r < 0x20, r >= 0x7f && r < 0xa0:
			bad = append(bad, fmt.Sprintf("%q", out[i:i+n]))
		case strings.ContainsRune("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u2060\ufeff\u00ad\u034f\u180e\u3164\U000e0041\U0010eeee", r):
			bad = append(bad, fmt.Sprintf("%q", r))
		}
		i += n
	}
	return bad
}

// printedOnly allows what rows may hold: SGR without conceal and links.
func printedOnly(s []string) bool {
	return term.Verify(s[0]+"\x1b[m\x1b]8;;\x1b\\") == nil && (s[4] == "m" || s[5] == "8") || s[4] == "K"
}

// ofProgram allows what the workbench's own renderer needs as well: moving, erasing,
// scrolling, modes, the title it was given.
func ofProgram(queries []string) func([]string) bool {
	return func(s []string) bool {
		switch {
		case printedOnly(s), slices.Contains(queries, s[0]):
			return true
		case s[4] != "" && s[1] == "" && s[3] == "":
			return strings.Contains("ABCDEFGHdfJKLMPSTXZ@brsu", s[4]) || s[4] == "m" && !slices.Contains(strings.Split(s[2], ";"), "8")
		case s[4] == "h" || s[4] == "l":
			return s[1] == "?"
		case s[5] == "0" || s[5] == "2":
			return !strings.ContainsFunc(s[6], func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x202e })
		}
		return s[10] == "7" || s[10] == "8" || s[10] == "=" || s[10] == ">" || s[10] == "M" // cursor and keypad
	}
}

// look opens a notebook to be read only and pages through all of it.
func look(t *testing.T, r *torture, bin, path string, pages int) (out, in []byte) {
	t.Helper()
	rec := record(t, r.work, r.env, bin, "view", path)
	rec.settle(2 * time.Second)
	for range pages {
		rec.press(" ")
	}
	rec.press("?")
	rec.press("q")    // closes the help
	rec.press("\x11") // ctrl+q
	return rec.end()
}

// queriesOf are the questions in the output of a program that shows nothing of
// anybody's.
func queriesOf(out []byte) []string {
	var all []string
	foreign(out, func(s []string) bool {
		all = append(all, s[0])
		return true
	})
	return all
}

// [16] and [17] of the reliability matrix.
func TestTortureNoEscapeReachesTheTerminal(t *testing.T) {
	r := newTorture(t, bridge.PythonName, "")
	bin := r.program()
	payloads := escapePayloads()
	if len(payloads) < 300 {
		t.Fatalf("only %d payloads", len(payloads))
	}
	path := filepath.Join(r.work, "evil\x1b]0;name\a\u202e.ipynb")
	if err := os.WriteFile(path, evil(payloads), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(r.work, "plain.ipynb")
	if err := os.WriteFile(plain, evil([]string{"harmless"}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("workbench", func(t *testing.T) {
		calm, asked := look(t, r, bin, plain, 2)
		out, answers := look(t, r, bin, path, 60+len(payloads))
		reportBytes(t, "the workbench", foreign(out, ofProgram(queriesOf(calm))), len(out))
		if len(answers) > len(asked) {
			t.Errorf("the terminal answered %d bytes, %d where nothing is evil: %.200q", len(answers), len(asked), answers)
		}
	})
	t.Run("cat", func(t *testing.T) {
		for _, args := range [][]string{{"cat", path}, {"cat", "--color", "never", path}, {"cat", "missing\x1b]0;x\a\u202e.ipynb"}} {
			out, answers := record(t, r.work, r.env, bin, args...).end()
			reportBytes(t, args[0], foreign(out, printedOnly), len(out))
			if len(answers) > 0 {
				t.Errorf("the terminal answered %q", answers)
			}
		}
	})
	t.Run("run", func(t *testing.T) { r.runEvil(t, bin, payloads) })
}

// runEvil has a kernel print every payload, whole and byte by byte, then fail with
// one.
func (r *torture) runEvil(t *testing.T, bin string, payloads []string) {
	list, err := json.Marshal(payloads)
	if err != nil {
		t.Fatal(err)
	}
	source := "import sys, json\npayloads = json.loads(r'''" + strings.ReplaceAll(string(list), "'", `\u0027`) + "''')\n" +
		"for p in payloads:\n    print('a', p, 'b')\n    sys.stderr.write(p + '\\n')\n    for c in p:\n        sys.stdout.write(c); sys.stdout.flush()\n    print()\n" +
		"raise ValueError(payloads[0] + payloads[40] + '\\u202e')\n"
	book, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": []any{
		map[string]any{"cell_type": "code", "id": "c1", "metadata": map[string]any{}, "execution_count": nil, "outputs": []any{}, "source": source},
	}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.work, "runs.ipynb")
	if err := os.WriteFile(path, book, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"run", path, filepath.Join(r.work, "out.ipynb")}, {"run", "--log-output", path, filepath.Join(r.work, "out.ipynb")}, {"run", path, "-"}} {
		if slices.Contains(args, "-") {
			args = []string{"cat", filepath.Join(r.work, "out.ipynb")}
		}
		out, answers := record(t, r.work, r.env, bin, args...).end()
		reportBytes(t, strings.Join(args[:2], " "), foreign(out, printedOnly), len(out))
		if len(answers) > 0 {
			t.Errorf("%v: the terminal answered %q", args, answers)
		}
	}
	logs, _ := filepath.Glob(filepath.Join(r.work, "..", "*", "nbterm", "nbterm.log"))
	for _, log := range logs {
		if data, err := os.ReadFile(log); err == nil {
			reportBytes(t, "the log", foreign(data, func([]string) bool { return false }), len(data))
		}
	}
}

func reportBytes(t *testing.T, what string, bad []string, n int) {
	t.Helper()
	t.Logf("%s: %d bytes, %d outside of what may be written", what, n, len(bad))
	if n == 0 {
		t.Errorf("%s wrote nothing", what)
	}
	slices.Sort(bad)
	for _, b := range slices.Compact(bad)[:min(len(slices.Compact(bad)), 20)] {
		t.Errorf("%s: %s", what, b)
	}
}
