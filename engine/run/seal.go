package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
)

// A seal is the SHA-256 of the record's file with zeros in the place of the seal. It
// tells a record that was changed afterwards, by accident or by hand, from one that was
// not; it is no signature, since whoever changes the file can seal it anew.

// seal is "nbterm.seal" in the metadata.
type seal struct {
	Algorithm string `json:"algorithm"` // "sha256"
	File      string `json:"file"`      // of the bytes, in hex
	Sources   string `json:"sources"`   // of the sources of all cells, in hex
}

// Why a record is not as it was written.
var (
	ErrNoRecord = errors.New("it is not the record of a run")
	ErrUnsealed = errors.New("the run did not end: its record was never sealed")
	ErrBroken   = errors.New("it was changed after the run")
)

var noHash = strings.Repeat("0", 2*sha256.Size)

// Seal seals the record in doc. Any change afterwards breaks it.
func Seal(doc *notebook.Notebook) {
	doc.SetMeta(marshal(seal{"sha256", noHash, sources(doc)}), "nbterm", "seal")
	sum := sha256.Sum256(doc.Bytes())
	doc.SetMeta(marshal(hex.EncodeToString(sum[:])), "nbterm", "seal", "file")
}

// Verify checks the seal of a record's file. The error wraps ErrNoRecord, ErrUnsealed
// or ErrBroken, or is that of a file that is no notebook.
func Verify(data []byte) (Sealed, error) {
	doc, err := notebook.Parse(data)
	if err != nil {
		return Sealed{}, err
	}
	raw, ok := doc.Meta("nbterm")
	var t struct {
		truth
		Seal *seal `json:"seal"`
	}
	if !ok || json.Unmarshal(plain(raw), &t) != nil || t.Record == 0 {
		return Sealed{}, ErrNoRecord
	}
	s := Sealed{Run: t.Run, Status: t.Status, Ended: t.Ended, Source: t.Source.SHA256, Path: t.Source.Path}
	switch {
	case t.Seal == nil:
		return s, ErrUnsealed
	case t.Seal.Algorithm != "sha256" || len(t.Seal.File) != len(noHash):
		return s, fmt.Errorf("%w: its seal is of a kind that this nbterm does not know", ErrBroken)
	}
	sum := sha256.Sum256(bytes.Replace(data, []byte(t.Seal.File), []byte(noHash), 1))
	switch {
	case hex.EncodeToString(sum[:]) == t.Seal.File:
		return s, nil
	case sources(doc) != t.Seal.Sources:
		return s, fmt.Errorf("%w: the code is not the code that ran", ErrBroken)
	}
	return s, fmt.Errorf("%w: the code is the same, outputs or metadata are not", ErrBroken)
}

// Sealed is what a record says of itself.
type Sealed struct {
	Run    string
	Status Status
	Ended  string
	Path   string // of the input, as it was typed
	Source string // SHA-256 of it
}

// sources hashes the code and the text of all cells.
func sources(doc *notebook.Notebook) string {
	h := sha256.New()
	for i := range doc.Len() {
		c := doc.Cell(i)
		fmt.Fprintf(h, "%s %d\n%s\n", c.Kind(), len(c.Source()), c.Source())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// plain takes the parameters out of a block, which may hold what Go calls no JSON.
func plain(block json.RawMessage) []byte {
	o, err := rawjson.ParseObject(block)
	if err != nil {
		return block
	}
	o.Delete("parameters")
	return o.Append(nil)
}
