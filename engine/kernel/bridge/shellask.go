package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"nbterm/engine/wire"
)

// incomplete are the words by which bash -n says that the text ends too soon.
var incomplete = regexp.MustCompile(`unexpected end of file|unexpected EOF|delimited by end-of-file`)

// isComplete asks a second bash, which only reads the code, so that it works while
// a cell runs.
func (s *shell) isComplete(m *wire.Message) {
	var req wire.IsCompleteRequest
	reply := wire.IsCompleteReply{Status: "unknown"}
	if err := m.Decode(&req); err == nil {
		reply.Status = s.syntax(req.Code)
	}
	s.answer(m, wire.TypeIsCompleteReply, reply)
}

func (s *shell) syntax(code string) string {
	if strings.HasSuffix(strings.TrimRight(code, "\n"), "\\") {
		return "incomplete"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.bash, "-n")
	cmd.Env = append(append([]string{}, s.env...), "LC_ALL=C")
	cmd.Stdin = strings.NewReader(code)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	switch {
	case incomplete.Match(stderr.Bytes()):
		return "incomplete"
	case err != nil:
		return "invalid"
	}
	return "complete"
}

// complete offers variables, commands or files, as the place in the line asks for.
func (s *shell) complete(m *wire.Message) bool {
	var req wire.CompleteRequest
	if err := m.Decode(&req); err != nil {
		req = wire.CompleteRequest{}
	}
	code := []rune(req.Code)
	cursor := min(max(req.CursorPos, 0), len(code))
	word, kind := wordAt(string(code[:cursor]))
	matches := []string{}
	if kind != "" {
		r, _, ok := s.command("builtin compgen "+kind+" -- "+quote(strings.TrimLeft(word, "${")), ">&250 2>/dev/null </dev/null", false)
		if !ok {
			return false
		}
		matches = candidatesOf(r.payload, word)
	}
	s.answer(m, wire.TypeCompleteReply, wire.CompleteReply{
		Status: wire.StatusOK, Matches: matches, CursorStart: cursor - utf8.RuneCountInString(word), CursorEnd: cursor,
		Metadata: []byte("{}"),
	})
	return true
}

// wordAt is the word that ends at the end of text, and what compgen is to look for.
func wordAt(text string) (word, actions string) {
	start := strings.LastIndexAny(text, " \t\n;|&()<>=\"'`") + 1
	word = text[start:]
	before := strings.TrimRight(text[:start], " \t")
	switch {
	case strings.HasPrefix(word, "$"):
		return word, "-v"
	case strings.Contains(word, "/") || strings.HasPrefix(word, "~"):
		return word, "-f"
	case before == "" || strings.ContainsAny(before[len(before)-1:], "\n;|&(`") || keyword.MatchString(before):
		if word == "" {
			return word, ""
		}
		return word, "-A command"
	}
	return word, "-f"
}

// keyword ends text after which a command comes.
var keyword = regexp.MustCompile(`(^|[\s;])(then|do|else|elif|if|while|until|time|sudo|exec|command|!|\{)$`)

// candidatesOf are compgen's lines without repeats, our own names and for
// variables with the dollar sign that the word has.
func candidatesOf(lines, word string) []string {
	prefix := word[:len(word)-len(strings.TrimLeft(word, "${"))]
	matches := []string{}
	seen := map[string]bool{}
	for line := range strings.Lines(lines) {
		line = prefix + strings.TrimSuffix(line, "\n")
		if !seen[line] && !strings.Contains(line, "__nbterm") {
			seen[line] = true
			matches = append(matches, line)
		}
	}
	return matches
}

// inspect shows what a word is: a variable, a builtin's help, a function's source,
// a program's place.
func (s *shell) inspect(m *wire.Message) bool {
	var req wire.InspectRequest
	if err := m.Decode(&req); err != nil {
		req = wire.InspectRequest{}
	}
	reply := wire.InspectReply{Status: wire.StatusOK, Data: []byte("{}"), Metadata: []byte("{}")}
	if word := wordAround([]rune(req.Code), req.CursorPos); word != "" {
		w := quote(strings.TrimLeft(word, "${"))
		line := "builtin declare -p " + w
		if !strings.HasPrefix(word, "$") {
			line = "builtin type -a " + w + " && builtin help " + w
		}
		r, _, ok := s.command(line, ">&250 2>/dev/null </dev/null", false)
		if !ok {
			return false
		}
		if text := strings.TrimSpace(r.payload); text != "" {
			data, err := json.Marshal(map[string]string{"text/plain": text})
			if err == nil {
				reply.Found, reply.Data = true, data
			}
		}
	}
	s.answer(m, wire.TypeInspectReply, reply)
	return true
}

// wordAround is the word at a position in code points.
func wordAround(code []rune, at int) string {
	const breaks = " \t\n;|&()<>=\"'`}"
	at = min(max(at, 0), len(code))
	start, end := at, at
	for start > 0 && !strings.ContainsRune(breaks, code[start-1]) {
		start--
	}
	for end < len(code) && !strings.ContainsRune(breaks, code[end]) {
		end++
	}
	return string(code[start:end])
}
