package host

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"nbterm/engine/mime/rawjson"
	"nbterm/engine/wire"
)

// Hidden stands in outputs where a secret was printed.
const Hidden = "•••"

// shortest is how long a value must be to be looked for in outputs: "1" is everywhere.
const shortest = 4

// secrets are values that the kernel was told and nobody else shall read. They live in
// the host's memory alone; what the kernel says is masked before it is an event. The
// host's lock guards them.
type secrets struct {
	quiet  map[string]bool   // ids of requests of which nothing is told
	before map[string]string // code to be told before the execution of that id
	asked  string            // id of the request that tells it now, "" for none
	then   *wire.Message     // the execution that waits for its end
	words  []string          // to mask, the longest first
	held   []*wire.Message   // ends of streams that may be the beginning of a secret
}

func newSecrets() *secrets { return &secrets{quiet: map[string]bool{}, before: map[string]string{}} }

// pass masks a message of the kernel and says what of it and of what was held back may
// be told now. A stream comes in pieces that know nothing of secrets: where one ends
// with what may be a secret's beginning, that is kept for the next piece.
func (s *secrets) pass(m *wire.Message) []*wire.Message {
	if len(s.words) == 0 {
		return []*wire.Message{m}
	}
	var v wire.Stream
	if m.Channel != wire.IOPub || m.Type() != wire.TypeStream || m.Decode(&v) != nil {
		s.cover(m)
		if m.Channel != wire.IOPub {
			return []*wire.Message{m} // on its own way: streams may still be coming
		}
		return append(s.release(), m)
	}
	m.Metadata = s.maskJSON(m.Metadata)
	var out []*wire.Message
	for i, old := range s.held {
		var was wire.Stream
		if old.Decode(&was) == nil && was.Name == v.Name && old.Parent.MsgID == m.Parent.MsgID {
			v.Text = was.Text + v.Text
			s.held = slices.Delete(s.held, i, i+1)
			break
		}
	}
	v.Text = s.mask(v.Text)
	keep := s.begun(v.Text)
	if text := v.Text[:len(v.Text)-keep]; text != "" {
		out = append(out, streamOf(m, v.Name, text))
	}
	if keep > 0 {
		s.held = append(s.held, streamOf(m, v.Name, v.Text[len(v.Text)-keep:]))
	}
	return out
}

// release gives what was held back, as nothing more comes of it.
func (s *secrets) release() []*wire.Message {
	out := s.held
	s.held = nil
	return out
}

// begun is how many bytes at the end of a text are the beginning of a secret.
func (s *secrets) begun(text string) int {
	most := 0
	for _, w := range s.words {
		for n := min(len(w)-1, len(text)); n > most; n-- {
			if strings.HasSuffix(text, w[:n]) {
				most = n
			}
		}
	}
	return most
}

// streamOf is a stream message like m with another text.
func streamOf(m *wire.Message, name, text string) *wire.Message {
	c := *m
	content := append([]byte(`{"name": `), rawjson.AppendQuote(nil, name, false)...)
	content = append(rawjson.AppendQuote(append(content, `, "text": `...), text, false), '}')
	c.Content = content
	return &c
}

// NotTold is the reason of an execution that failed before it began, as the kernel did
// not take the secrets. What it said is not told: it may quote them.
const NotTold = "the kernel did not take the secrets"

// Confide has the kernel run code, right before the execution with the id exec, of which
// nothing is kept: no event tells of it, it is in no journal and in no history, and
// values are masked in all that the kernel says from now on. The execution is queued
// afterwards; where the kernel does not take the code, it ends for NotTold.
func (h *Host) Confide(exec, code string, values []string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state == Dead || h.closed {
		return ErrNoKernel
	}
	h.secrets.before[exec] = code
	h.secrets.learn(values)
	return nil
}

// first is what the kernel is handed for an execution: its request, or what is to be
// told before. Called with the host's lock held, as all below.
func (s *secrets) first(request *wire.Message, stamp wire.Stamp) *wire.Message {
	code, ok := s.before[request.Header.MsgID]
	if !ok {
		return request
	}
	m := stamp.Request(wire.Shell, wire.TypeExecuteRequest, wire.ExecuteRequest{Code: code, Silent: true})
	s.quiet[m.Header.MsgID] = true
	s.asked, s.then = m.Header.MsgID, request
	return m
}

// forget is for an execution that has ended or will not run.
func (s *secrets) forget(exec string) {
	delete(s.before, exec)
	if s.then != nil && s.then.Header.MsgID == exec {
		s.asked, s.then = "", nil
	}
}

// confided goes on with the current execution once the kernel has answered.
func (h *Host) confided(reply *wire.Message) {
	then := h.secrets.then
	h.secrets.forget(then.Header.MsgID)
	var r wire.ExecuteReply
	if reply.Decode(&r) == nil && r.Status == wire.StatusOK {
		h.life.out.put(then)
		return
	}
	if h.guarded.verdict.exec != then.Header.MsgID { // else its time was up meanwhile
		h.guarded.verdict = verdict{then.Header.MsgID, Error, NotTold}
	}
	h.dropped(h.queue.drop(), NotTold)
	h.queue.reply(Error)
	h.queue.sawIdle()
	h.settle()
}

// learn adds values, and the ways in which Python, JSON and a URL would write them.
func (s *secrets) learn(values []string) {
	for _, v := range values {
		if len(v) < shortest {
			continue
		}
		plain, ascii := rawjson.AppendQuote(nil, v, false), rawjson.AppendQuote(nil, v, true)
		single := strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(v)
		double := strings.ReplaceAll(single, `\'`, "'")
		for _, w := range []string{
			v, string(plain[1 : len(plain)-1]), string(ascii[1 : len(ascii)-1]), single, double,
			url.QueryEscape(v), url.PathEscape(v), htmlText(v),
		} {
			if !slices.Contains(s.words, w) {
				s.words = append(s.words, w)
			}
		}
	}
	slices.SortFunc(s.words, func(a, b string) int { return len(b) - len(a) })
}

func htmlText(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;").Replace(s)
}

// cover masks a message of the kernel in place.
func (s *secrets) cover(m *wire.Message) {
	if len(s.words) == 0 {
		return
	}
	m.Content, m.Metadata = s.maskJSON(m.Content), s.maskJSON(m.Metadata)
	for i, b := range m.Buffers {
		for _, w := range s.words {
			b = bytes.ReplaceAll(b, []byte(w), bytes.Repeat([]byte("*"), len(w)))
		}
		m.Buffers[i] = b
	}
}

// mask replaces what is secret in a text.
func (s *secrets) mask(text string) string {
	for _, w := range s.words {
		text = strings.ReplaceAll(text, w, Hidden)
	}
	return text
}

// maskJSON masks the strings of a JSON text and leaves all other bytes as they are.
func (s *secrets) maskJSON(raw json.RawMessage) json.RawMessage {
	var out []byte
	done := 0 // up to here raw is in out
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		end := i + 1
		for end < len(raw) && raw[end] != '"' {
			if raw[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(raw) {
			break
		}
		text := rawjson.Unquote(raw[i : end+1])
		if masked := s.mask(text); masked != text {
			out = rawjson.AppendQuote(append(out, raw[done:i]...), masked, false)
			done = end + 1
		}
		i = end
	}
	if done == 0 {
		return raw
	}
	return append(out, raw[done:]...)
}
