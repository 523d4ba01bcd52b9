package journal

import (
	"errors"
	"syscall"
)

const (
	// spare is the room that is kept behind the last record.
	spare = 256 << 10
	// stride is how much is reserved at once, to ask seldom.
	stride = 1 << 20
)

// reserve makes sure that n bytes and the spare room fit behind the last record.
// Called with the lock held.
func (j *Journal) reserve(n int64) error {
	need := j.end + n + spare
	if j.noReserve || need <= j.room {
		return nil
	}
	var err error
	for _, upTo := range []int64{need + stride, need} { // a nearly full disk may have only the latter
		err = syscall.EINTR
		for errors.Is(err, syscall.EINTR) { // by the signals of Go's scheduler, on tmpfs
			err = j.file.Reserve(j.end, upTo-j.end)
		}
		if err == nil {
			j.room = upTo
			return nil
		}
	}
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EINVAL) {
		j.noReserve = true
		return nil
	}
	return err
}
