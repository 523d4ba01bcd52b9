package notebook

import (
	"encoding/json"
	"strings"
	"sync"

	"nbterm/engine/mime"
	"nbterm/engine/mime/rawjson"
)

// OutputKind is the type of an output. Kinds we do not know are kept.
type OutputKind string

// The output types of nbformat 4.
const (
	Stream  OutputKind = "stream"
	Display OutputKind = "display_data"
	Result  OutputKind = "execute_result"
	Failure OutputKind = "error"
)

// Output is one version of an output and never changes. One that came from a
// file stays raw until a part of it is asked for. All methods may be called from
// any goroutine.
type Output struct {
	raw  []byte    // as in the file; nil for an output made here
	once sync.Once // guards what is read from raw
	parts

	displayID string // from transient; never stored
	tape      *tape  // where the text of a stream lies, if it was appended to
}

// parts are the fields of an output.
type parts struct {
	kind     OutputKind
	name     string // of a stream
	text     string // of a stream
	bundle   mime.Bundle
	metadata []byte
	count    int
	counted  bool
	ename    string
	evalue   string
	trace    []string
}

// tape collects the text of a stream. Versions of an output hold prefixes of it,
// which stay valid while it grows: a strings.Builder only ever writes behind what
// it gave out.
type tape struct {
	mu   sync.Mutex
	text strings.Builder
}

// NewStream makes a stream output; name is "stdout" or "stderr".
func NewStream(name, text string) *Output {
	return &Output{parts: parts{kind: Stream, name: name, text: text}}
}

// NewDisplay makes a display_data output. metadata may be nil; displayID is ""
// when the kernel gave none.
func NewDisplay(b mime.Bundle, metadata json.RawMessage, displayID string) *Output {
	return &Output{parts: parts{kind: Display, bundle: b, metadata: metadata}, displayID: displayID}
}

// NewResult makes an execute_result output.
func NewResult(count int, b mime.Bundle, metadata json.RawMessage) *Output {
	return &Output{parts: parts{kind: Result, bundle: b, metadata: metadata, count: count, counted: true}}
}

// NewError makes an error output; tb are the lines of the traceback.
func NewError(ename, evalue string, tb []string) *Output {
	return &Output{parts: parts{kind: Failure, ename: ename, evalue: evalue, trace: append([]string(nil), tb...)}}
}

// AppendText is the stream with more text. Appending to the newest version costs
// only the new text; older versions keep theirs. Other kinds stay as they are.
func (o *Output) AppendText(text string) *Output {
	p := o.read()
	if p.kind != Stream || text == "" {
		return o
	}
	next := &Output{parts: parts{kind: Stream, name: p.name}, tape: o.tape}
	if next.tape != nil {
		next.tape.mu.Lock()
		defer next.tape.mu.Unlock()
	}
	if next.tape == nil || next.tape.text.Len() != len(p.text) {
		next.tape = &tape{}
		next.tape.text.WriteString(p.text)
	}
	next.tape.text.WriteString(text)
	next.text = next.tape.text.String()
	return next
}

// read decodes an output that came from a file.
func (o *Output) read() *parts {
	if o.raw == nil {
		return &o.parts
	}
	o.once.Do(func() {
		p := &o.parts
		rawjson.Members(o.raw, func(key string, value []byte) {
			switch key {
			case "output_type":
				p.kind = OutputKind(rawjson.Unquote(value))
			case "name":
				p.name = rawjson.Unquote(value)
			case "text":
				p.text, _ = mime.Text(value)
			case "data":
				p.bundle, _ = mime.Parse(value) // what is no bundle is shown as an empty one
			case "metadata":
				p.metadata = value
			case "execution_count":
				p.count, p.counted = parseCount(value)
			case "ename":
				p.ename = rawjson.Unquote(value)
			case "evalue":
				p.evalue = rawjson.Unquote(value)
			case "traceback":
				if p.trace = stringsOf(value); rawjson.IsString(value) {
					p.trace = []string{rawjson.Unquote(value)}
				}
			}
		})
	})
	return &o.parts
}

// Kind is the output's type.
func (o *Output) Kind() OutputKind { return o.read().kind }

// StreamName is "stdout" or "stderr" for a stream.
func (o *Output) StreamName() string { return o.read().name }

// Text is the text of a stream.
func (o *Output) Text() string { return o.read().text }

// Bundle is the data of a display or result.
func (o *Output) Bundle() mime.Bundle { return o.read().bundle }

// Metadata is the raw metadata of a display or result, by mime type; may be nil.
func (o *Output) Metadata() json.RawMessage { return o.read().metadata }

// Count is the execution count of a result.
func (o *Output) Count() (n int, ok bool) { p := o.read(); return p.count, p.counted }

// Error returns what an error output says; the traceback may hold ANSI colours.
func (o *Output) Error() (ename, evalue string, traceback []string) {
	p := o.read()
	return p.ename, p.evalue, p.trace
}

// DisplayID is the id by which the kernel may update this display, or "". It
// comes from the message, never from a file.
func (o *Output) DisplayID() string { return o.displayID }

// ParseOutputs reads a valid JSON list of outputs as a cell has them, such as an
// Output widget holds; what is no list has none. It keeps raw, which must not change.
func ParseOutputs(raw json.RawMessage) []*Output {
	if !rawjson.Valid(raw) {
		return nil
	}
	var outs []*Output
	rawjson.Elements(raw, func(value []byte) { outs = append(outs, &Output{raw: value}) })
	return outs
}

// JoinOutputs writes what ParseOutputs reads, on one line.
func JoinOutputs(outs []*Output) json.RawMessage {
	return appendOutputs(nil, outs, rawjson.NBFormat().OneLine(), "")
}
