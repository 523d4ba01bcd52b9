package render

import (
	"encoding/binary"
	"hash/crc32"
)

// fixCRC makes the checksum of a PNG chunk, from its type on, right again.
func fixCRC(chunk []byte) {
	n := len(chunk) - 4
	binary.BigEndian.PutUint32(chunk[n:], crc32.ChecksumIEEE(chunk[:n]))
}
