package host

import (
	"context"

	"nbterm/engine/host/journal"
)

// Encoded is an event as Encode writes it.
type Encoded struct {
	Seq  uint64
	Data []byte
}

// EncodedFeed is a Feed of encoded events. Those that stand in the journal are passed on
// as they are: a client that comes back to many thousand of them is not made to wait
// until each was decoded and encoded again.
type EncodedFeed struct {
	feed    *feed
	version int // the newest encoding that its reader takes
}

// AttachEncoded is Attach for a reader that takes events up to a version.
func (h *Host) AttachEncoded(from uint64, version int) *EncodedFeed {
	return &EncodedFeed{h.attach(from), version}
}

// Next is Feed's.
func (f *EncodedFeed) Next(ctx context.Context) ([]Encoded, error) {
	batch, old, from, err := f.feed.wait(ctx)
	if err != nil {
		return nil, err
	}
	if old != nil {
		if raw := f.raw(old, from); len(raw) > 0 {
			return raw, nil
		}
		batch = f.feed.reread(old, from)
	}
	all := make([]Encoded, len(batch))
	for i := range batch {
		all[i] = Encoded{batch[i].Seq, batch[i].EncodeAs(f.version)}
	}
	return all, nil
}

// raw reads records of the journal whose encoding the reader takes; none where there is
// anything else about them.
func (f *EncodedFeed) raw(j *journal.Journal, from uint64) []Encoded {
	records, err := j.Read(from, maxBatchSize)
	if err != nil || len(records) == 0 {
		return nil
	}
	all := make([]Encoded, len(records))
	for i, rec := range records {
		if len(rec) == 0 || int(rec[0]) > f.version {
			return nil
		}
		all[i] = Encoded{from + uint64(i), rec}
	}
	f.feed.log.mu.Lock()
	f.feed.next = from + uint64(len(records))
	f.feed.log.mu.Unlock()
	return all
}

// Close is Feed's.
func (f *EncodedFeed) Close() { f.feed.Close() }
