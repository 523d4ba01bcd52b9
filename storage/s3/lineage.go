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
// of ours. So every write leaves in the object's metadata who wrote it and the writes
// before:
//
//	x-amz-meta-nbterm-writes: 17:c09f… 16:a7b2… 15:…
//
// Whoever writes carries on what was read with the revision that is replaced. If our mark
// is among them our write happened, whatever has come after; if it is not, and the list
// reaches back far enough, it did not happen or was lost.

// writesKey is the metadata's name, as SDK and server tell it.
const writesKey = "nbterm-writes"

// generations is how many writes back an object remembers: some 300 of the 2,048 bytes that
// metadata may have.
const generations = 16

// mark is one write of an object: the how manieth, and by whom.
type mark struct {
	n  int64
	id string
}

// lineage is the newest writes of an object, newest first.
type lineage []mark

func newMark(after lineage) mark {
	var random [6]byte
	rand.Read(random[:])
	m := mark{n: 1, id: hex.EncodeToString(random[:])}
	if len(after) > 0 {
		m.n = after[0].n + 1
	}
	return m
}

// with is the lineage after one more write.
func (l lineage) with(m mark) lineage {
	next := append(lineage{m}, l...)
	return next[:min(len(next), generations)]
}

func (l lineage) has(m mark) bool {
	for _, other := range l {
		if other == m {
			return true
		}
	}
	return false
}

// lost reports whether an object with this lineage has certainly not gone through the
// write m, which was acknowledged: another write has its place. Where the list does not
// reach back so far, or another program has written, nothing is known.
func (l lineage) lost(m mark) bool {
	for _, other := range l {
		if other.n == m.n {
			return other.id != m.id
		}
	}
	return false
}

func (l lineage) String() string {
	words := make([]string, len(l))
	for i, m := range l {
		words[i] = strconv.FormatInt(m.n, 10) + ":" + m.id
	}
	return strings.Join(words, " ")
}

func parseLineage(s string) lineage {
	var l lineage
	for word := range strings.FieldsSeq(s) {
		number, id, ok := strings.Cut(word, ":")
		n, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil || len(l) == generations {
			return nil // not ours
		}
		l = append(l, mark{n, id})
	}
	return l
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
	return nil
}

// written is the metadata after one more write.
func (t traits) written(l lineage) map[string]string {
	meta := map[string]string{writesKey: l.String()}
	for k, v := range t.meta {
		if !strings.EqualFold(k, writesKey) {
			meta[k] = v
		}
	}
	return meta
}
