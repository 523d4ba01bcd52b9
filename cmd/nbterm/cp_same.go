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

// sameContent reports whether two objects hold the same bytes, without ever holding more
// than a piece of them where both can be read in pieces. Where the revision of the second
// is a hash, only the first is read.
func sameContent(ctx context.Context, a, b transfer.Place) (bool, error) {
	there, err := b.Store.Stat(ctx, b.Name)
	if err != nil || there.Dir {
		return false, err
	}
	first, err := piecesOf(ctx, a)
	if err != nil || first.size != there.Size {
		return false, err
	}
	sum, sha := md5.New(), sha256.New() //nolint:gosec // as above
	for at := int64(0); at < first.size; at += pieceSize {
		piece, err := first.read(at)
		if err != nil {
			return false, err
		}
		sum.Write(piece)
		sha.Write(piece)
	}
	switch string(there.Revision) {
	case `"` + hex.EncodeToString(sum.Sum(nil)) + `"`, "sha256:" + hex.EncodeToString(sha.Sum(nil)):
		return true, nil
	}
	second, err := piecesOf(ctx, b)
	if err != nil || second.size != first.size {
		return false, err
	}
	for at := int64(0); at < first.size; at += pieceSize {
		x, err := first.read(at)
		if err != nil {
			return false, err
		}
		y, err := second.read(at)
		if err != nil || !bytes.Equal(x, y) {
			return false, err
		}
	}
	return true, nil
}

const pieceSize = 8 << 20

// pieces is an object to be read piece by piece.
type pieces struct {
	size int64
	read func(at int64) ([]byte, error)
}

func piecesOf(ctx context.Context, p transfer.Place) (pieces, error) {
	if r, ok := p.Store.(storage.Ranger); ok {
		_, info, err := r.ReadRange(ctx, p.Name, 0, 1, storage.None)
		return pieces{info.Size, func(at int64) ([]byte, error) {
			data, _, err := r.ReadRange(ctx, p.Name, at, pieceSize, info.Revision)
			return data, err
		}}, err
	}
	data, _, err := p.Store.Read(ctx, p.Name)
	return pieces{int64(len(data)), func(at int64) ([]byte, error) {
		return data[at:min(at+pieceSize, int64(len(data)))], nil
	}}, err
}
