package local_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"nbterm/storage"
	"nbterm/storage/local"
)

const benchSize = 10 << 20 // bytes

func BenchmarkWrite(b *testing.B) {
	store, err := local.New(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	data := version(1, benchSize)
	rev := storage.None
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		info, err := store.Write(b.Context(), "a", data, rev)
		if err != nil {
			b.Fatal(err)
		}
		rev = info.Revision
	}
}

// BenchmarkWriteAndSync is the least a durable save can take: write, sync, rename.
func BenchmarkWriteAndSync(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a")
	data := version(1, benchSize)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		file, err := os.Create(path + ".tmp")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := file.Write(data); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		file.Close()
		if err := os.Rename(path+".tmp", path); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	store, err := local.New(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	data := version(1, benchSize)
	if _, err := store.Write(b.Context(), "a", data, storage.None); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, _, err := store.Read(b.Context(), "a"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHash is the part of a read that is not reading.
func BenchmarkHash(b *testing.B) {
	data := version(1, benchSize)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		sha256.Sum256(data)
	}
}
