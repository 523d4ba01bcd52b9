package s3

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// An answer to a PUT may never come, although the object was written. Asking what the
// object is now does not settle it: somebody may have written it once more since, on top
// of ours. So every write leaves in the object's metadata which one it was, and by what
// marks the writes before it went, newest first:
//
//	x-amz-meta-nbterm-writes: 17 c09f12 a7b2e4 …
//
// Whoever writes carries on what was read with the revision that is replaced. If our mark
// is among them our write happened, whatever has come after; if another is in its place, it
// did not happen or was lost; if the list does not reach back so far, nothing is known.

// writesKey is the metadata's name, as SDK and server tell it.
const writesKey = "nbterm-writes"

// generations is how many writes back an object remembers: 900 of the 2,048 bytes that all
// metadata may have. A writer who waits a second for an answer meets some dozen others.
const generations = 128

// metadataRoom is what S3 gives to names and values together.
const metadataRoom = 2048

// mark is one write of an object: the how manieth, and which.
type mark struct {
	n  int64
	id string
}

// lineage is the writes of an object, newest first: the number of the newest, and the
// marks. The zero value is of an object that no nbterm has written.
type lineage struct {
	n   int64
	ids []string
}

func newMark(after lineage) mark {
	var random [4]byte
	rand.Read(random[:])
	return mark{n: after.n + 1, id: hex.EncodeToString(random[:])[:markLen]}
}

const markLen = 7

// with is the lineage after one more write, cut to what fits into room bytes.
func (l lineage) with(m mark, room int) lineage {
	most := min(generations, (room-len("9223372036854775807"))/(markLen+1))
	next := append([]string{m.id}, l.ids...)
	return lineage{n: m.n, ids: next[:max(min(len(next), most), 0)]}
}

// at is the mark of the n-th write, "" where it is not known.
func (l lineage) at(n int64) string {
	if back := l.n - n; back >= 0 && back < int64(len(l.ids)) {
		return l.ids[back]
	}
	return ""
}

func (l lineage) has(m mark) bool { return m.id != "" && l.at(m.n) == m.id }

// newest reports whether m was the last write.
func (l lineage) newest(m mark) bool { return l.n == m.n && l.has(m) }

// lost reports whether an object with this lineage has certainly not gone through the
// write m: another has its place.
func (l lineage) lost(m mark) bool {
	other := l.at(m.n)
	return other != "" && other != m.id
}

// passed reports whether the object has been written past what it remembers of m.
func (l lineage) passed(m mark) bool { return l.n > m.n && l.at(m.n) == "" }

func (l lineage) String() string {
	return strings.Join(append([]string{strconv.FormatInt(l.n, 10)}, l.ids...), " ")
}

func parseLineage(s string) lineage {
	words := strings.Fields(s)
	if len(words) < 2 || len(words) > generations+1 {
		return lineage{}
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil || n < 1 {
		return lineage{} // not ours
	}
	return lineage{n: n, ids: words[1:]}
}

// traits are what an object is besides its bytes. A PUT replaces all of it, so whoever
// writes must send it again.
type traits struct {
	contentType, encoding, disposition, cache, language string
	class                                               types.StorageClass
	meta                                                map[string]string
}

func (t traits) lineage() lineage {
	for k, v := range t.meta {
		if strings.EqualFold(k, writesKey) {
			return parseLineage(v)
		}
	}
	return lineage{}
}

// written is the metadata after one more write. Where what others keep there leaves no room
// there is no lineage.
func (t traits) written(m mark) map[string]string {
	meta := map[string]string{}
	room := metadataRoom - len(writesKey)
	for k, v := range t.meta {
		if !strings.EqualFold(k, writesKey) {
			meta[k] = v
			room -= len(k) + len(v)
		}
	}
	if l := t.lineage().with(m, room); len(l.ids) > 0 {
		meta[writesKey] = l.String()
	}
	return meta
}
