package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Scheme is the only signature scheme we speak, as connection files name it.
const Scheme = "hmac-sha256"

// Sign is the lower-case hex HMAC-SHA256 of the parts one after another (header,
// parent header, metadata, content; buffers are not signed). An empty key means
// that messages are not signed, and gives "".
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
func Sign(key []byte, parts ...[]byte) []byte {
	if len(key) == 0 {
		return []byte{}
	}
	sum := digest(key, parts)
	return hex.AppendEncode(make([]byte, 0, 2*sha256.Size), sum)
}

// Verify tells whether sig is the signature of parts, in constant time. With an
// empty key every signature passes, as the protocol says; with any other key an
// empty one never does.
func Verify(key, sig []byte, parts ...[]byte) bool {
	if len(key) == 0 {
		return true
	}
	var got [sha256.Size]byte
	if len(sig) != hex.EncodedLen(len(got)) {
		return false
	}
	if _, err := hex.Decode(got[:], sig); err != nil {
		return false
	}
	return hmac.Equal(got[:], digest(key, parts))
}

func digest(key []byte, parts [][]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write(p)
	}
	return mac.Sum(nil)
}
