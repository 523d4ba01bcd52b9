package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

func newSectionBuffer(f io.ReaderAt, start, end int64) *bufio.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(f, start, end-start), 64<<10)
}

// readRecord reads and checks one record. Any error means that there is no whole
// record here.
func readRecord(r io.Reader) (kind byte, body []byte, err error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > maxRecord {
		return 0, nil, errors.New("impossible length")
	}
	body, err = readN(r, int(n))
	if err != nil {
		return 0, nil, err
	}
	sum := crc32.Update(crc32.Checksum(head[8:], castagnoli), castagnoli, body)
	if sum != binary.LittleEndian.Uint32(head[4:]) {
		return 0, nil, errors.New("checksum differs")
	}
	return head[8], body, nil
}

// readN reads n bytes without believing n before they are there.
func readN(r io.Reader, n int) ([]byte, error) {
	if n <= spillOver {
		body := make([]byte, n)
		_, err := io.ReadFull(r, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err == nil && len(body) < n {
		err = io.ErrUnexpectedEOF
	}
	return body, err
}

// skipRecord passes over one record unchecked.
func skipRecord(r *bufio.Reader) error {
	head, err := r.Peek(headSize)
	if err != nil {
		return err
	}
	_, err = r.Discard(headSize + int(binary.LittleEndian.Uint32(head)))
	return err
}
