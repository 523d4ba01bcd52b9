package kerneltest

import (
	"fmt"
	"sync"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// ScriptCell is one execution by a scripted kernel. Its methods are for the script.
type ScriptCell struct {
	Request   wire.ExecuteRequest
	Code      string // of the request
	Count     int    // execution count
	IdleFirst bool   // idle comes before the reply, as it sometimes does
	Payload   []any  // of the reply

	k       *Scripted
	m       *wire.Message
	once    sync.Once
	stopped chan struct{}
	answers chan string // room for one; a second unread answer is dropped, as kernels do
	failed  bool
	fault   wire.ErrorContent
}

// Stopped is closed when the cell was interrupted or the kernel died.
func (c *ScriptCell) Stopped() <-chan struct{} { return c.stopped }

// Stdout writes text.
func (c *ScriptCell) Stdout(text string) { c.Stream("stdout", text) }

// Stderr writes text.
func (c *ScriptCell) Stderr(text string) { c.Stream("stderr", text) }

// Stream writes text to the stream of that name.
func (c *ScriptCell) Stream(name, text string) {
	c.Say(wire.TypeStream, wire.Stream{Name: name, Text: text})
}

// Result gives the cell a value, as plain text.
func (c *ScriptCell) Result(text string) {
	c.Say(wire.TypeExecuteResult, map[string]any{
		"execution_count": c.Count, "metadata": map[string]any{}, "data": map[string]any{"text/plain": text},
	})
}

// Display shows a mime bundle; displayID may be "".
func (c *ScriptCell) Display(data map[string]any, displayID string) {
	c.display(wire.TypeDisplayData, data, displayID)
}

// Update replaces the bundle of a display shown before.
func (c *ScriptCell) Update(data map[string]any, displayID string) {
	c.display(wire.TypeUpdateDisplayData, data, displayID)
}

func (c *ScriptCell) display(msgType string, data map[string]any, displayID string) {
	c.Say(msgType, map[string]any{
		"data": data, "metadata": map[string]any{}, "transient": wire.Transient{DisplayID: displayID},
	})
}

// Clear empties the output, with wait when the next one comes.
func (c *ScriptCell) Clear(wait bool) { c.Say(wire.TypeClearOutput, wire.ClearOutput{Wait: wait}) }

// Error raises; the reply says so too.
func (c *ScriptCell) Error(ename, evalue string) {
	c.failed = true
	c.fault = wire.ErrorContent{
		EName: ename, EValue: evalue, Traceback: []string{fmt.Sprintf("%s: %s", ename, evalue)},
	}
	c.Say(wire.TypeError, c.fault)
}

// Input asks the user for a line and waits for it; ok is false when the cell was
// stopped instead.
func (c *ScriptCell) Input(prompt string, password bool) (line string, ok bool) {
	c.k.Say(c.m, wire.Stdin, wire.TypeInputRequest, wire.InputRequest{Prompt: prompt, Password: password})
	select {
	case line = <-c.answers:
		return line, true
	case <-c.stopped:
		return "", false
	}
}

// Say publishes any other message of this cell on iopub.
func (c *ScriptCell) Say(msgType string, content any, buffers ...[]byte) {
	c.k.Say(c.m, wire.IOPub, msgType, content, buffers...)
}

// Die ends the kernel in the middle of the cell; the script should then return.
func (c *ScriptCell) Die(exit kernel.Exit) { c.k.Die(exit) }

func (c *ScriptCell) stop() { c.once.Do(func() { close(c.stopped) }) }

func (c *ScriptCell) isStopped() bool {
	select {
	case <-c.stopped:
		return true
	default:
		return false
	}
}

func (c *ScriptCell) answer(m *wire.Message) {
	var r wire.InputReply
	if m.Decode(&r) != nil {
		return
	}
	select {
	case c.answers <- r.Value:
	default:
	}
}

func (c *ScriptCell) reply() map[string]any {
	r := map[string]any{
		"status": wire.StatusOK, "execution_count": c.Count,
		"payload": c.Payload, "user_expressions": map[string]any{},
	}
	if c.Payload == nil {
		r["payload"] = []any{}
	}
	if c.failed {
		r["status"] = wire.StatusError
		r["ename"], r["evalue"], r["traceback"] = c.fault.EName, c.fault.EValue, c.fault.Traceback
	}
	return r
}
