package run

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
	"nbterm/engine/wire"
)

// ended makes the record of the document at the end of a run, markers and seal too.
func (r *runner) ended(_ context.Context, err error) {
	if r.failed == 0 {
		if key := r.running(); key != 0 {
			r.failed = key
		}
	}
	r.close()
	r.sum(err)
	r.language()
	r.write()
	doc := r.s.Doc
	if r.marked() {
		AddMarkers(doc, r.rec)
	}
	Seal(doc)
}

// marked tells whether the reader of a record is to be led to a cell.
func (r *runner) marked() bool {
	switch {
	case r.rec.Failed < 0 || r.rec.Status == Exited:
		return false
	case r.rec.Status == Failed, r.rec.Raised && r.rec.Status == Completed:
		return true
	}
	return !r.job.Strict // papermill marks nothing but exceptions
}

// write puts what is known into the metadata of the document.
func (r *runner) write() {
	doc := r.s.Doc
	last, reached := r.rec.Started, true
	for i := range doc.Len() {
		d := doc.Cell(i)
		c := r.cells[d.Key()]
		if c.idle {
			c.status, c.started, c.ended = Pending, time.Time{}, time.Time{}
			if reached {
				c.status, c.started, c.ended = Skipped, last, last
			} else if r.rec.Status != Running {
				c.status = NotRun
			}
		} else if reached = reached && c.status.passes(); reached {
			last = c.ended
		}
		r.writeCell(i, d, c)
	}
	r.papermill()
	r.truth()
}

// writeCell sets the metadata of one cell, unless it stands there already.
func (r *runner) writeCell(i int, d *notebook.Cell, c *cell) {
	c.edited = r.began != nil && !r.began[d.Source()]
	paper, own := r.paperCell(c), ownCell(d, c)
	text := paper + own + strings.Join(c.stamps[:], "\n")
	if r.wrote[d.Key()] == text {
		return
	}
	r.wrote[d.Key()] = text
	next := d.WithMeta(json.RawMessage(paper), "papermill")
	if own != "" {
		next = next.WithMeta(json.RawMessage(own), "nbterm")
	}
	if _, ok := d.Meta("tags"); !ok {
		next = next.WithMeta(json.RawMessage("[]"), "tags")
	}
	if d.Kind() == notebook.Code {
		if stamps := c.timing(); stamps != "" {
			next = next.WithMeta(json.RawMessage(stamps), "execution")
		}
		if r.job.HideSource {
			next = next.WithMeta(json.RawMessage("true"), "jupyter", "source_hidden")
		}
	}
	r.s.Doc.Replace(i, next)
}

// paperCell is papermill's block of a cell, in one of its four words.
func (r *runner) paperCell(c *cell) string {
	status, raised := c.paper(), "null"
	if !c.started.IsZero() {
		raised = strconv.FormatBool(status == "failed")
	}
	if r.job.Strict && r.rec.Status != Running {
		status, raised = c.asPapermillHasIt(r.rec.Status, status, raised)
	}
	var b strings.Builder
	b.WriteString(`{"duration": ` + secondsBetween(c.started, c.ended) + `, "end_time": ` + isoTime(c.ended))
	b.WriteString(`, "exception": ` + raised + `, "start_time": ` + isoTime(c.started) + `, "status": "` + status + `"}`)
	return b.String()
}

// paper is the status of a cell in papermill's words.
func (c *cell) paper() string {
	switch c.status {
	case Pending, NotRun:
		return "pending"
	case Running:
		return "running"
	case Completed, Raised, Skipped:
		return "completed"
	}
	return "failed"
}

// asPapermillHasIt is what papermill 2.6 writes in the place of what is true: it knows
// exceptions only, so after any other end the cell and all behind it are "completed".
func (c *cell) asPapermillHasIt(run Status, status, raised string) (string, string) {
	switch run {
	case Completed, Failed, Exited, Running:
		return status, raised
	}
	if !c.started.IsZero() {
		raised = "false"
	}
	return "completed", raised
}

// ownCell is our block of a code cell; "" for others.
func ownCell(d *notebook.Cell, c *cell) string {
	if d.Kind() != notebook.Code {
		return ""
	}
	out := `{`
	if c.edited {
		out += `"edited": true, `
	}
	if c.reason != "" {
		out += `"reason": ` + quote(c.reason) + `, `
	}
	if c.signal != "" {
		out += `"signal": ` + quote(c.signal) + `, `
	}
	return out + `"status": ` + quote(string(c.status)) + `}`
}

// timing is nbclient's block of a cell; "" where nothing was said.
func (c *cell) timing() string {
	var parts []string
	for i, at := range c.stamps {
		if at != "" {
			parts = append(parts, quote(stampNames[i])+": "+quote(at))
		}
	}
	if parts == nil {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// papermill writes the block of the notebook; one that is there is kept but for what
// this run has to say.
func (r *runner) papermill() {
	doc, about := r.s.Doc, r.job.About
	set := func(value, key string) { setMeta(doc, value, "papermill", key) }
	_, there := doc.Meta("papermill")
	if !there {
		set("{}", "default_parameters")
	}
	over := r.rec.Status != Running
	raised := "null"
	switch {
	case !over, r.rec.Status == Completed:
	case !r.job.Strict, r.rec.Status == Failed, r.rec.Status == Exited:
		raised = "true"
	}
	set(secondsBetween(r.rec.Started, r.rec.Ended), "duration")
	set(isoTime(r.rec.Ended), "end_time")
	if !there {
		set("{}", "environment_variables")
	}
	set(raised, "exception")
	set(quote(about.Input), "input_path")
	set(quote(about.Output), "output_path")
	switch {
	case about.Parameters != nil:
		set(string(about.Parameters), "parameters")
	case !there:
		set("{}", "parameters")
	}
	set(isoTime(r.rec.Started), "start_time")
	if !there {
		set(quote(about.Papermill), "version")
	}
}

// setMeta sets a value that differs from what stands there.
func setMeta(doc *notebook.Notebook, value string, path ...string) {
	if old, ok := doc.Meta(path...); !ok || !notebook.SameJSON(old, json.RawMessage(value)) {
		doc.SetMeta(json.RawMessage(value), path...)
	}
}

// truth writes our own block.
func (r *runner) truth() {
	about := r.job.About
	started, ended, took := clockTime(r.rec.Started), clockTime(r.rec.Ended), r.rec.Took().Seconds()
	t := truth{
		Record: recordVersion, Run: about.ID, Status: r.rec.Status, Reason: r.rec.Reason, Signal: r.rec.Signal,
		Started: started, Ended: ended, Machine: about.Machine, Version: about.Version, Secrets: about.Secrets,
		Cells:  tally{Ran: r.rec.Ran, Total: r.rec.Total},
		Source: source{Path: about.Input, SHA256: about.Source},
		Kernel: r.kernel(), Environment: r.environment(),
	}
	now := Attempt{Run: about.ID, Status: r.rec.Status, Started: started, Ended: ended, Cell: about.FirstCell, Note: about.Note}
	if ended != "" {
		t.Duration, now.Took = &took, took
	}
	t.Attempts = append(append(t.Attempts, about.Earlier...), now)
	if i := r.rec.Failed; i >= 0 {
		t.FailedCell = &failedCell{Index: i, ID: r.s.Doc.Cell(i).ID(), Count: r.rec.Count}
		if r.rec.Name != "" {
			t.Exception = &exception{r.rec.Name, r.rec.Value}
		}
	}
	doc := r.s.Doc
	replaceKeys(doc, marshal(t))
	// Parameters may hold Infinity, which Python writes into JSON and Go does not.
	if about.Parameters != nil {
		doc.SetMeta(about.Parameters, "nbterm", "parameters")
	} else if old, ok := doc.Meta("papermill", "parameters"); ok {
		doc.SetMeta(old, "nbterm", "parameters")
	}
}

// replaceKeys makes the keys of our block those of next and keeps what others put there.
func replaceKeys(doc *notebook.Notebook, next []byte) {
	var now map[string]json.RawMessage
	_ = json.Unmarshal(next, &now) // of marshal
	known := reflect.TypeFor[truth]()
	for i := range known.NumField() {
		name, _, _ := strings.Cut(known.Field(i).Tag.Get("json"), ",")
		if value, ok := now[name]; ok {
			setMeta(doc, string(value), "nbterm", name)
		} else if _, old := doc.Meta("nbterm", name); old {
			doc.SetMeta(nil, "nbterm", name)
		}
	}
	if _, sealed := doc.Meta("nbterm", "seal"); sealed {
		doc.SetMeta(nil, "nbterm", "seal")
	}
}

// marshal writes our own structs, which always marshal.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("run: " + err.Error())
	}
	return bytes.TrimSpace(b.Bytes())
}

func (r *runner) kernel() *kernelInfo {
	if r.up == nil {
		return nil
	}
	var reply struct {
		Implementation string `json:"implementation"`
		Version        string `json:"implementation_version"`
	}
	_ = json.Unmarshal(r.up.Info.Reply, &reply) // what it does not say is left out
	k := r.up.Info
	return &kernelInfo{
		Name: k.Name, DisplayName: k.DisplayName, Language: k.Language, PID: k.PID, Transport: k.Transport,
		Implementation: reply.Implementation, Version: reply.Version,
	}
}

// environment is found out once there is a kernel to look at.
func (r *runner) environment() *Environment {
	if r.env != nil || r.up == nil {
		return r.env
	}
	var reply struct {
		Language struct {
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"language_info"`
	}
	_ = json.Unmarshal(r.up.Info.Reply, &reply)
	r.env = &Environment{Language: reply.Language.Name, Version: reply.Language.Version}
	if r.job.Interpreter != nil {
		r.env.Interpreter = r.job.Interpreter(*r.up.Info)
	}
	return r.env
}

// language writes what the kernel said of its language, as nbclient does.
func (r *runner) language() {
	if r.up == nil {
		return
	}
	var reply struct {
		LanguageInfo json.RawMessage `json:"language_info"`
	}
	if json.Unmarshal(r.up.Info.Reply, &reply) == nil && reply.LanguageInfo != nil {
		setMeta(r.s.Doc, string(reply.LanguageInfo), "language_info")
	}
}

// listPackages makes Python say what is installed, as one string.
const listPackages = `__import__("json").dumps(sorted({(d.metadata["Name"] or "") + "==" + d.version for d in __import__("importlib.metadata").metadata.distributions()}))`

// packagesTime bounds the question, which may not hold up the end of a run.
const packagesTime = 30 * time.Second

// askPackages asks a Python what is installed. One that does not know is not asked twice.
func (r *runner) askPackages(ctx context.Context) {
	env := r.environment()
	if env == nil || env.Language != "python" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, packagesTime)
	defer cancel()
	m, err := r.job.Host.Request(ctx, wire.Shell, wire.TypeExecuteRequest, wire.ExecuteRequest{
		Silent: true, UserExpressions: map[string]string{"packages": listPackages},
	})
	var reply wire.ExecuteReply
	var said struct {
		Data map[string]string `json:"data"`
	}
	if err != nil || m.Decode(&reply) != nil || json.Unmarshal(reply.UserExpressions["packages"], &said) != nil {
		return
	}
	// A Python string that holds a JSON list of plain names: its quotes are all that
	// the two writings differ in.
	text := strings.Trim(said.Data["text/plain"], `'`)
	_ = json.Unmarshal([]byte(text), &env.Packages)
}

func quote(s string) string { return string(rawjson.AppendQuote(nil, s, false)) }

// isoTime is a time as Python's isoformat writes it, null for none.
func isoTime(t time.Time) string {
	if t.IsZero() {
		return "null"
	}
	return quote(t.UTC().Format("2006-01-02T15:04:05.000000-07:00"))
}

func clockTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// secondsBetween is a duration in seconds with six digits, null while one is missing.
func secondsBetween(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return "null"
	}
	text := strconv.FormatFloat(to.Sub(from).Round(time.Microsecond).Seconds(), 'f', 6, 64)
	text = strings.TrimRight(text, "0")
	if strings.HasSuffix(text, ".") {
		text += "0"
	}
	return text
}

func signalName(s syscall.Signal) string {
	if name := unix.SignalName(s); name != "" {
		return name
	}
	return s.String()
}
