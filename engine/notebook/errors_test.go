package notebook

import (
	"errors"
	"strings"
	"testing"
)

func TestSyntaxErrorsSayWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		line, col  int
		msg        string
	}{
		{"cut short", "{\n \"cells\": [\n  {\"a\": \"x", 3, 11, "the text ends inside a string"},
		{"comma missing", "{\n \"cells\": []\n \"metadata\": {}\n}", 3, 2, "a comma or } was expected"},
		{"columns are characters", "{\"é😀\": tru}", 1, 8, "a value was expected"},
		{"mark does not count", "\xef\xbb\xbf{x", 1, 2, "a key in double quotes"},
		{"crlf", "{\r\n\t\"cells\": [},\r\n}", 2, 12, "a value was expected"},
		{"second document", "{\"cells\":[]}\n{}", 2, 1, "more after the end"},
		{"merge conflict", "{\n \"cells\": [\n<<<<<<< HEAD\n  {}\n ]}", 3, 1, "merge conflict"},
		{"merge conflict later", "{\n \"cells\": [\n  {\n   \"id\": \"a\",\n=======\n   \"b\": 1", 5, 1, "merge conflict"},
		{"text", "hello", 1, 1, "a value was expected"},
		{"page", "<!DOCTYPE html>", 1, 1, "a value was expected"},
		{"python", "1 + 1", 1, 1, "starts with {"},
		{"line in a string", "{\"cells\": [\"a\nb\"]}", 1, 14, "the line ends inside a string"},
		{"v3", "{\"worksheets\": [1,], \"nbformat\": 3}", 1, 19, "a value was expected"},
	} {
		_, err := Parse([]byte(c.text))
		var bad *SyntaxError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if bad.Line != c.line || bad.Col != c.col || !strings.Contains(bad.Msg, c.msg) {
			t.Errorf("%s: %v, want %q at %d, %d", c.name, err, c.msg, c.line, c.col)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than a sentence: %q", c.name, err)
		}
	}
}

func TestWhatIsNoNotebookIsSaidPlainly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		is         error
		msg        string
	}{
		{"empty", "", ErrEmpty, "empty"},
		{"space", " \r\n\t", ErrEmpty, "empty"},
		{"mark only", "\xef\xbb\xbf\n", ErrEmpty, "empty"},
		{"list", `[{"cells": []}]`, ErrNotNotebook, "JSON list"},
		{"number", ` 12 `, ErrNotNotebook, "single JSON value"},
		{"other object", `{"name": "package.json"}`, ErrNotNotebook, `without "cells"`},
		{"empty object", `{}`, ErrNotNotebook, `without "cells"`},
		{"cells of another kind", `{"cells": {}}`, ErrNotNotebook, "not a list"},
		{"the last cells count", `{"cells": [], "cells": null}`, ErrNotNotebook, "not a list"},
		{"format 1", `{"nbformat": 1, "worksheets": []}`, ErrNotNotebook, "nbformat 1"},
		{"picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ErrNotNotebook, "binary"},
		{"wide characters", "{\x00\"\x00c\x00", ErrNotNotebook, "binary"},
	} {
		n, err := Parse([]byte(c.text))
		if n != nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.msg) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.msg)
		}
	}
}
