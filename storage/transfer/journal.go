package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"time"
)

// Journal is a folder in which a file for each transfer that was cut short says how to go
// on. It holds tokens and no names. What cannot be kept there only costs time.
type Journal struct {
	Dir string
	Now func() time.Time
}

// forgotten is the age at which nobody will come back; servers forget parts, too.
const forgotten = 7 * 24 * time.Hour

func (j *Journal) file(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(j.Dir, hex.EncodeToString(sum[:16]))
}

func (j *Journal) token(key string) string {
	data, err := os.ReadFile(j.file(key))
	if err != nil {
		return ""
	}
	return string(data)
}

func (j *Journal) keep(key, token string) {
	if err := os.MkdirAll(j.Dir, 0o700); err != nil {
		return
	}
	whole := j.file(key)
	passing := whole + ".new"
	if os.WriteFile(passing, []byte(token), 0o600) == nil {
		_ = os.Rename(passing, whole) // then it begins anew
	}
}

func (j *Journal) forget(key string) {
	_ = os.Remove(j.file(key)) // or Sweep does
}

// Sweep removes what nobody went on with for a week.
func (j *Journal) Sweep() {
	entries, err := os.ReadDir(j.Dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && j.Now().Sub(info.ModTime()) > forgotten {
			_ = os.Remove(filepath.Join(j.Dir, e.Name())) // tried again the next time
		}
	}
}
