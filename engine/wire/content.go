package wire

import "encoding/json"

// The message types that we send or act on; others pass through untouched.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html
const (
	TypeExecuteRequest    = "execute_request"
	TypeExecuteReply      = "execute_reply"
	TypeExecuteInput      = "execute_input"
	TypeStream            = "stream"
	TypeDisplayData       = "display_data"
	TypeUpdateDisplayData = "update_display_data"
	TypeExecuteResult     = "execute_result"
	TypeError             = "error"
	TypeStatus            = "status"
	TypeClearOutput       = "clear_output"
	TypeInputRequest      = "input_request"
	TypeInputReply        = "input_reply"
	TypeCompleteRequest   = "complete_request"
	TypeCompleteReply     = "complete_reply"
	TypeInspectRequest    = "inspect_request"
	TypeInspectReply      = "inspect_reply"
	TypeIsCompleteRequest = "is_complete_request"
	TypeIsCompleteReply   = "is_complete_reply"
	TypeKernelInfoRequest = "kernel_info_request"
	TypeKernelInfoReply   = "kernel_info_reply"
	TypeInterruptRequest  = "interrupt_request"
	TypeInterruptReply    = "interrupt_reply"
	TypeShutdownRequest   = "shutdown_request"
	TypeShutdownReply     = "shutdown_reply"
	TypeCommOpen          = "comm_open"
	TypeCommMsg           = "comm_msg"
	TypeCommClose         = "comm_close"
	TypeCommInfoRequest   = "comm_info_request"
	TypeCommInfoReply     = "comm_info_reply"
)

// Reply statuses. StatusAborted is old spelling and new ("aborted", "abort"): some
// kernels answer an interrupted cell with the latter and no error message.
const (
	StatusOK      = "ok"
	StatusError   = "error"
	StatusAborted = "aborted"
	StatusAbort   = "abort"
)

// Kernel states, as status messages name them.
const (
	StateStarting = "starting"
	StateBusy     = "busy"
	StateIdle     = "idle"
)

// ExecuteRequest asks for code to be run. StopOnError makes the kernel abort what
// is queued behind a failed cell; the queue is ours, so it is always sent false.
type ExecuteRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    bool              `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      bool              `json:"allow_stdin"`
	StopOnError     bool              `json:"stop_on_error"`
}

// ExecuteReply ends the shell side of an execution; the idle status ends the other.
type ExecuteReply struct {
	Status          string                     `json:"status"`
	ExecutionCount  int                        `json:"execution_count"`
	UserExpressions map[string]json.RawMessage `json:"user_expressions,omitempty"`
	Payload         []json.RawMessage          `json:"payload,omitempty"`
	EName           string                     `json:"ename,omitempty"`
	EValue          string                     `json:"evalue,omitempty"`
	Traceback       []string                   `json:"traceback,omitempty"`
}

// AsksExit tells whether the kernel asks its client to end it, as R's quit() does:
// the kernel itself then goes on running.
func (r ExecuteReply) AsksExit() bool {
	for _, p := range r.Payloads() {
		if p.Source == "ask_exit" {
			return true
		}
	}
	return false
}

// ExecuteInput repeats the code that starts to run, to all clients.
type ExecuteInput struct {
	Code           string `json:"code"`
	ExecutionCount int    `json:"execution_count"`
}

// Stream is text written to Name, "stdout" or "stderr".
type Stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Transient is what belongs to a display but is never stored.
type Transient struct {
	DisplayID string `json:"display_id,omitempty"`
}

// DisplayData is a display_data or update_display_data message: a mime bundle.
type DisplayData struct {
	Data      json.RawMessage `json:"data"`
	Metadata  json.RawMessage `json:"metadata"`
	Transient Transient       `json:"transient"`
}

// ExecuteResult is the value of a cell: a mime bundle with its prompt number.
type ExecuteResult struct {
	ExecutionCount int             `json:"execution_count"`
	Data           json.RawMessage `json:"data"`
	Metadata       json.RawMessage `json:"metadata"`
	Transient      Transient       `json:"transient"`
}

// ErrorContent is an exception; Traceback has one entry per frame, with SGR colours.
type ErrorContent struct {
	EName     string   `json:"ename"`
	EValue    string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

// Status is the state of the kernel regarding the parent message.
type Status struct {
	ExecutionState string `json:"execution_state"`
}

// ClearOutput empties the outputs of the cell, with Wait when the next one comes.
type ClearOutput struct {
	Wait bool `json:"wait"`
}

// InputRequest asks for one line; Password means that it is not to be shown.
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// InputReply is the line, without its end.
type InputReply struct {
	Value string `json:"value"`
}

// CompleteRequest asks what may stand at CursorPos, in Unicode code points.
type CompleteRequest struct {
	Code      string `json:"code"`
	CursorPos int    `json:"cursor_pos"`
}

// CompleteReply holds completions: each match replaces code[CursorStart:CursorEnd], in code points.
type CompleteReply struct {
	Status      string          `json:"status"`
	Matches     []string        `json:"matches"`
	CursorStart int             `json:"cursor_start"`
	CursorEnd   int             `json:"cursor_end"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
}

// InspectRequest asks about the name at CursorPos (code points); DetailLevel 1
// wants the source too.
type InspectRequest struct {
	Code        string `json:"code"`
	CursorPos   int    `json:"cursor_pos"`
	DetailLevel int    `json:"detail_level"`
}

// InspectReply carries a mime bundle when Found.
type InspectReply struct {
	Status   string          `json:"status"`
	Found    bool            `json:"found"`
	Data     json.RawMessage `json:"data"`
	Metadata json.RawMessage `json:"metadata"`
}

// IsCompleteRequest asks whether code can run as it stands.
type IsCompleteRequest struct {
	Code string `json:"code"`
}

// IsCompleteReply tells whether code can run: Status is "complete", "incomplete" (Indent is for the next
// line), "invalid" or "unknown".
type IsCompleteReply struct {
	Status string `json:"status"`
	Indent string `json:"indent"`
}

// KernelInfoReply describes the kernel.
type KernelInfoReply struct {
	Status                string       `json:"status"`
	ProtocolVersion       string       `json:"protocol_version"`
	Implementation        string       `json:"implementation"`
	ImplementationVersion string       `json:"implementation_version"`
	LanguageInfo          LanguageInfo `json:"language_info"`
	Banner                string       `json:"banner"`
	Debugger              bool         `json:"debugger,omitempty"`
}

// LanguageInfo is the part of kernel_info_reply that notebooks store. CodemirrorMode
// may be a string or an object.
type LanguageInfo struct {
	Name              string          `json:"name"`
	Version           string          `json:"version"`
	MimeType          string          `json:"mimetype"`
	FileExtension     string          `json:"file_extension"`
	PygmentsLexer     string          `json:"pygments_lexer,omitempty"`
	CodemirrorMode    json.RawMessage `json:"codemirror_mode,omitempty"`
	NbconvertExporter string          `json:"nbconvert_exporter,omitempty"`
}

// KernelInfoRequest carries nothing.
type KernelInfoRequest struct{}

// InterruptRequest carries nothing.
type InterruptRequest struct{}

// ShutdownRequest asks the kernel to end; Restart tells it that another follows.
type ShutdownRequest struct {
	Restart bool `json:"restart"`
}

// ShutdownReply answers it, on control and by some kernels also on iopub.
type ShutdownReply struct {
	Status  string `json:"status"`
	Restart bool   `json:"restart"`
}

// CommOpen begins a comm, from either side.
type CommOpen struct {
	CommID     string          `json:"comm_id"`
	TargetName string          `json:"target_name"`
	Data       json.RawMessage `json:"data"`
}

// CommMsg is a message of an open comm; buffers travel beside it.
type CommMsg struct {
	CommID string          `json:"comm_id"`
	Data   json.RawMessage `json:"data"`
}

// CommClose ends a comm.
type CommClose struct {
	CommID string          `json:"comm_id"`
	Data   json.RawMessage `json:"data"`
}
