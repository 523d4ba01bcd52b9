package main

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // it is what an ETag is, not a secret
	"crypto/sha256"
	"encoding/hex"

	"nbterm/storage"
	"nbterm/storage/transfer"
)

// sameContent reports whether two objects hold the same bytes. Where the revision of the
// second is a hash, only the first is read.
func sameContent(ctx context.Context, a, b transfer.Place) (bool, error) {
	there, err := b.Store.Stat(ctx, b.Name)
	if err != nil || there.Dir {
		return false, err
	}
	if r, ok := a.Store.(storage.Ranger); ok {
		if _, info, err := r.ReadRange(ctx, a.Name, 0, 1, storage.None); err == nil && info.Size != there.Size {
			return false, nil
		}
	}
	data, info, err := a.Store.Read(ctx, a.Name)
	if err != nil {
		return false, err
	}
	if int64(len(data)) != there.Size {
		return false, nil
	}
	if there.Revision != storage.None {
		sum, sha := md5.Sum(data), sha256.Sum256(data) //nolint:gosec // as above
		switch string(there.Revision) {
		case string(info.Revision), `"` + hex.EncodeToString(sum[:]) + `"`, "sha256:" + hex.EncodeToString(sha[:]):
			return true, nil
		}
	}
	other, _, err := b.Store.Read(ctx, b.Name)
	return bytes.Equal(data, other), err
}
