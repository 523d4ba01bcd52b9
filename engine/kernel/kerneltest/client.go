package kerneltest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// Patience is how long a Client waits for the next message before the test fails.
// Kernels on loaded machines are slow; nothing waits this long when all is well.
const Patience = 90 * time.Second

// Client talks to one kernel, one request at a time, from one goroutine.
type Client struct {
	t     testing.TB
	k     kernel.Kernel
	stamp wire.Stamp

	// Heard is called for every message that belongs to the request under way; it
	// is where a test interrupts, kills or answers. It may be nil.
	Heard func(m *wire.Message)
	// Answer replies to an input_request; nil fails the test.
	Answer func(q wire.InputRequest) string
	// Strays are messages that belonged to no request of this client.
	Strays []*wire.Message
}

// NewClient makes a client for k. The stamp is normally the one k was launched with.
func NewClient(t testing.TB, k kernel.Kernel, stamp wire.Stamp) *Client {
	return &Client{t: t, k: k, stamp: stamp}
}

// Cell is all that a kernel said about one execute_request.
type Cell struct {
	Messages []*wire.Message // without the reply
	Reply    wire.ExecuteReply
	Ended    bool // reply and idle both came; false when the kernel ended first
}

// Execute runs code and returns when both the reply and the idle status came, in
// whichever order, or when the kernel ended.
func (c *Client) Execute(code string) Cell {
	c.t.Helper()
	m := c.stamp.Request(wire.Shell, wire.TypeExecuteRequest, wire.ExecuteRequest{
		Code: code, StoreHistory: true, AllowStdin: true, UserExpressions: map[string]string{},
	})
	msgs, reply := c.ask(m)
	cell := Cell{Messages: msgs, Ended: reply != nil}
	if reply != nil {
		c.decode(reply, &cell.Reply)
	}
	return cell
}

// Request sends any other request and decodes its reply.
func (c *Client) Request(ch wire.Channel, msgType string, content, reply any) {
	c.t.Helper()
	_, r := c.ask(c.stamp.Request(ch, msgType, content))
	if r == nil {
		c.t.Fatalf("the kernel ended before it answered %s", msgType)
	}
	c.decode(r, reply)
}

// Comm sends a comm message, which has no reply, and returns what the kernel said
// about it until idle.
func (c *Client) Comm(msgType string, content any, buffers ...[]byte) []*wire.Message {
	c.t.Helper()
	m := c.stamp.Request(wire.Shell, msgType, content)
	m.Buffers = buffers
	msgs, _ := c.ask(m)
	return msgs
}

// ask sends m and collects its answers: until reply and idle, or for comm messages
// until idle. The reply is nil when the kernel ended, or when none is due.
func (c *Client) ask(m *wire.Message) (msgs []*wire.Message, reply *wire.Message) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := c.k.Send(ctx, m); err != nil {
		c.t.Fatalf("send %s: %v", m.Type(), err)
	}
	replies := strings.HasSuffix(m.Type(), "_request")
	for idle := false; !idle || replies && reply == nil; {
		var got *wire.Message
		var ok bool
		select {
		case got, ok = <-c.k.Messages():
		case <-ctx.Done():
			c.t.Fatalf("no message for %v; so far: %s", Patience, transcript(msgs))
		}
		if !ok {
			return msgs, nil
		}
		if got.Parent.MsgID != m.Header.MsgID {
			c.Strays = append(c.Strays, got)
			continue
		}
		if got.Type() == strings.TrimSuffix(m.Type(), "_request")+"_reply" && got.Channel == m.Channel {
			reply = got
		} else {
			msgs = append(msgs, got)
		}
		idle = idle || isIdle(got)
		c.heard(ctx, got)
	}
	return msgs, reply
}

func (c *Client) heard(ctx context.Context, got *wire.Message) {
	c.t.Helper()
	if c.Heard != nil {
		c.Heard(got)
	}
	if got.Type() != wire.TypeInputRequest {
		return
	}
	if c.Answer == nil {
		c.t.Fatalf("the kernel asks for input, which the test did not expect: %s", got.Content)
	}
	var q wire.InputRequest
	c.decode(got, &q)
	answer := c.stamp.Request(wire.Stdin, wire.TypeInputReply, wire.InputReply{Value: c.Answer(q)})
	answer.Parent = got.Header
	if err := c.k.Send(ctx, answer); err != nil {
		c.t.Fatalf("send the input: %v", err)
	}
}

func (c *Client) decode(m *wire.Message, into any) {
	c.t.Helper()
	if err := m.Decode(into); err != nil {
		c.t.Fatalf("decode %s %s: %v", m.Type(), m.Content, err)
	}
}

func isIdle(m *wire.Message) bool {
	var s wire.Status
	return m.Type() == wire.TypeStatus && m.Decode(&s) == nil && s.ExecutionState == wire.StateIdle
}

// Text joins what was written to a stream, "stdout" or "stderr".
func (c Cell) Text(name string) string {
	var b strings.Builder
	for _, m := range c.Messages {
		b.WriteString(streamText(m, name))
	}
	return b.String()
}

func streamText(m *wire.Message, name string) string {
	var s wire.Stream
	if m.Type() != wire.TypeStream || m.Decode(&s) != nil || s.Name != name {
		return ""
	}
	return s.Text
}

// First is the first message of a type, or nil.
func (c Cell) First(msgType string) *wire.Message {
	for _, m := range c.Messages {
		if m.Type() == msgType {
			return m
		}
	}
	return nil
}

// Data is the text of one mime type of the first message of a type: of an
// execute_result, display_data or update_display_data.
func (c Cell) Data(msgType, mime string) string {
	var d struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	m := c.First(msgType)
	if m == nil || m.Decode(&d) != nil {
		return ""
	}
	var s string
	if json.Unmarshal(d.Data[mime], &s) != nil {
		return string(d.Data[mime])
	}
	return s
}

// String lists the messages of the cell, for the text of a failed test.
func (c Cell) String() string {
	return fmt.Sprintf("reply %q, %s", c.Reply.Status, transcript(c.Messages))
}

func transcript(msgs []*wire.Message) string {
	var b bytes.Buffer
	for i, m := range msgs {
		if i == 20 {
			fmt.Fprintf(&b, "\n  ... %d more", len(msgs)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s %s %.300s", m.Channel, m.Type(), m.Content)
	}
	return b.String()
}
