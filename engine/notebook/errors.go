package notebook

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"nbterm/engine/mime/rawjson"
)

// Why a file is no notebook. Parse wraps one of these, or returns a *SyntaxError.
var (
	ErrEmpty       = errors.New("the file is empty")
	ErrNotNotebook = errors.New("not a notebook")
)

// SyntaxError says where text stops being JSON. Line and Col count from 1, Col in
// characters.
type SyntaxError struct {
	Line, Col int
	Msg       string // a clause such as "a comma or ] was expected"
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("the notebook is not valid JSON: %s at line %d, column %d", e.Msg, e.Line, e.Col)
}

// syntaxError places a fault of data, whose JSON starts at offset start.
func syntaxError(data []byte, start int, err error) error {
	var bad *rawjson.SyntaxError
	if !errors.As(err, &bad) {
		return err
	}
	at := min(bad.Offset, len(data))
	e := &SyntaxError{Line: 1 + bytes.Count(data[:at], []byte("\n")), Msg: bad.Msg}
	line := max(bytes.LastIndexByte(data[:at], '\n')+1, start)
	e.Col = 1 + utf8.RuneCount(data[line:at])
	for _, marker := range []string{"<<<<<<<", "=======", ">>>>>>>"} {
		if bytes.HasPrefix(data[at:], []byte(marker)) {
			e.Msg = fmt.Sprintf("there is a merge conflict (%s) to be resolved", marker)
		}
	}
	return e
}

// notebookError is a clear no to valid JSON, or to what nobody would call JSON.
func notebookError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotNotebook, fmt.Sprintf(format, args...))
}

// looksBinary guesses, as git does, by a NUL byte near the start.
func looksBinary(data []byte) bool { return bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 }
