package notebook

import (
	"bytes"
	"encoding/json"
)

// Glimpse reads the beginning of a notebook whose rest is not there yet: the cells
// that are whole in head, and what tail, the end of the same file, tells of its
// metadata. It is for looking at a large notebook while it loads; saving it would lose
// the rest. It fails like Parse where head holds no cell that is whole.
func Glimpse(head, tail []byte) (*Notebook, error) {
	end := wholeCells(head)
	if end == 0 {
		return Parse(head)
	}
	data := append(bytes.Clone(head[:end]), ']')
	data = append(data, ending(tail)...)
	return Parse(data)
}

// wholeCells is the length of head up to the end of the last element of the top level
// array "cells" that is whole; 0 where there is none.
func wholeCells(head []byte) (end int) {
	var stack []byte // of { and [
	key, name := 0, []byte(nil)
	inCells := false
	for i := 0; i < len(head); i++ {
		switch c := head[i]; c {
		case '"':
			from := i + 1
			for i++; i < len(head) && head[i] != '"'; i++ {
				if head[i] == '\\' {
					i++
				}
			}
			if i >= len(head) {
				return end
			}
			if len(stack) == 1 {
				key, name = i, head[from:i]
			}
		case '{', '[':
			if len(stack) == 1 {
				inCells = c == '[' && key > 0 && string(name) == "cells"
			}
			stack = append(stack, c)
		case '}', ']':
			if len(stack) == 0 {
				return end
			}
			stack = stack[:len(stack)-1]
			if inCells && len(stack) == 2 && c == '}' {
				end = i + 1
			}
		}
	}
	return end
}

// ending is how the file goes on after its cells, as far as tail shows it: the keys
// from metadata on, as nbformat writes them, in the order of the alphabet.
func ending(tail []byte) []byte {
	key := []byte(`"metadata"`)
	for i := bytes.LastIndex(tail, key); i >= 0; i = bytes.LastIndex(tail[:i], key) {
		if json.Valid(append([]byte{'{'}, tail[i:]...)) {
			return append([]byte{','}, tail[i:]...)
		}
	}
	return []byte(`,"metadata":{},"nbformat":4,"nbformat_minor":4}`)
}
