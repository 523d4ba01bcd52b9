package s3_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/s3"
	"nbterm/storage/s3/s3test"
	"nbterm/storage/storagetest"
)

// counting has n writers, each a program of its own with a store of its own, add to one
// number, and returns what it became.
func counting(t *testing.T, n, times int, open func() *s3.Store) (final int, stores []*s3.Store) {
	t.Helper()
	if _, err := open().Write(t.Context(), "counter", []byte("0"), storage.None); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range n {
		s := open()
		stores = append(stores, s)
		group.Go(func() {
			if err := storagetest.Count(t.Context(), s, "counter", times); err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	group.Wait()
	data, _, err := open().Read(t.Context(), "counter")
	if err != nil {
		t.Fatal(err)
	}
	final, err = strconv.Atoi(string(data))
	if err != nil {
		t.Fatal(err)
	}
	return final, stores
}

// Number 43 of the reliability matrix.
func TestNoIncrementIsLostOnAnHonestServer(t *testing.T) {
	t.Parallel()
	url := memory(t, "bucket").URL
	final, stores := counting(t, counters, counterTimes, func() *s3.Store { return open(t, url, "bucket") })
	if final != counters*counterTimes {
		t.Errorf("%d of %d increments are there", final, counters*counterTimes)
	}
	for _, s := range stores {
		if w := s.Warning(); w != "" {
			t.Errorf("an honest server is accused: %s", w)
		}
	}
	t.Logf("%d writers x %d increments: %d", counters, counterTimes, final)
}

// The other half of 43: a server that acknowledges and forgets is found out.
func TestAServerThatLosesWritesIsNamed(t *testing.T) {
	t.Parallel()
	url := s3test.Gateway(t, "bucket")
	final, stores := counting(t, counters, counterTimes, func() *s3.Store { return onGateway(t, url, "bucket") })
	lost, named := counters*counterTimes-final, 0
	for _, s := range stores {
		if w := s.Warning(); w != "" {
			named++
			if !strings.Contains(w, url) || !strings.Contains(w, "overwrite one another") {
				t.Errorf("the warning is %q", w)
			}
		}
	}
	t.Logf("%d writers x %d increments: %d, so %d acknowledged writes lost; %d writers were told", counters, counterTimes, final, lost, named)
	if lost > 0 != (named > 0) {
		t.Errorf("%d writes were lost and %d writers were told", lost, named)
	}
}

// A server may look and write in two steps. This one keeps conditions as long as it is
// asked once in a while, and forgets them when many ask.
func TestWritesThatWereLostAreMissed(t *testing.T) {
	t.Parallel()
	var puts atomic.Int64
	proxy := s3test.Before(t, memory(t, "bucket").URL, func(_ int, r *http.Request) s3test.Action {
		if r.Method == http.MethodPut && r.Header.Get("If-Match") != "" && !strings.Contains(r.Header.Get("If-Match"), "nbterm-asks") && puts.Add(1)%3 == 0 {
			return s3test.Action{Without: []string{"If-Match"}}
		}
		return s3test.Action{}
	})
	final, stores := counting(t, counters, counterTimes, func() *s3.Store { return open(t, proxy.URL, "bucket") })
	lost, named := counters*counterTimes-final, 0
	for _, s := range stores {
		if strings.Contains(s.Warning(), "lost") {
			named++
		}
	}
	t.Logf("%d acknowledged writes of %d were lost; %d of %d writers were told", lost, counters*counterTimes, named, counters)
	if lost > 0 != (named > 0) {
		t.Errorf("%d writes were lost and %d writers were told", lost, named)
	}
	if lost == 0 {
		t.Error("nothing was lost, so nothing is shown by this")
	}
}

func TestAServerThatIgnoresConditionsIsNamed(t *testing.T) {
	t.Parallel()
	proxy := s3test.Before(t, memory(t, "bucket").URL, func(int, *http.Request) s3test.Action {
		return s3test.Action{Without: []string{"If-Match", "If-None-Match"}}
	})
	s := open(t, proxy.URL, "bucket")
	first, err := s.Write(t.Context(), "a", []byte("one"), storage.None)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Write(t.Context(), "a", []byte("two"), first.Revision)
	if err != nil {
		t.Fatal(err)
	}
	if w := s.Warning(); !strings.Contains(w, "ignores conditional writes") || !strings.Contains(w, proxy.URL) {
		t.Errorf("the warning is %q", w)
	}
	// What can be kept by asking before is kept.
	if _, err := s.Write(t.Context(), "a", []byte("stale"), first.Revision); err == nil {
		t.Error("a stale write went through")
	}
	if _, err := s.Write(t.Context(), "a", []byte("stale"), storage.None); err == nil {
		t.Error("an object was made over another")
	}
	data, info, err := s.Read(t.Context(), "a")
	if err != nil || string(data) != "two" || info.Revision != second.Revision {
		t.Errorf("it is %q, %v", data, err)
	}
}

// Number 44: the PUT is answered late, never, wrongly or with 409, before or after it was
// done, while another program writes the same object.
func TestAmbiguousAnswersLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	backend := memory(t, "bucket").URL
	proxy := s3test.Before(t, backend, nil)
	faults := 0
	var mu sync.Mutex
	fault := func(n int, r *http.Request) s3test.Action {
		if r.Method != http.MethodPut {
			return s3test.Action{}
		}
		mu.Lock()
		defer mu.Unlock()
		faults++
		switch faults % 8 {
		case 1:
			return s3test.Action{After: true, Break: true}
		case 2:
			return s3test.Action{Status: http.StatusConflict, Code: "ConditionalRequestConflict"}
		case 3:
			return s3test.Action{After: true, Status: http.StatusServiceUnavailable, Code: "SlowDown"}
		case 4:
			return s3test.Action{After: true, Hang: true}
		case 5:
			return s3test.Action{Break: true}
		case 6:
			return s3test.Action{After: true, Status: http.StatusConflict, Code: "ConditionalRequestConflict"}
		case 7:
			return s3test.Action{After: true, Status: http.StatusInternalServerError, Code: "InternalError"}
		}
		return s3test.Action{}
	}
	hasty := func(o *s3.Options) { o.Patience, o.Tries, o.Backoff = 500*time.Millisecond, 8, 20*time.Millisecond }
	setup := open(t, backend, "bucket")
	if _, err := setup.Write(t.Context(), "counter", []byte("0"), storage.None); err != nil {
		t.Fatal(err)
	}
	proxy.Set(fault)
	const writers = 4
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			if err := storagetest.Count(t.Context(), open(t, proxy.URL, "bucket", hasty), "counter", ambiguous/writers); err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	group.Wait()
	data, _, err := setup.Read(t.Context(), "counter")
	if want := fmt.Sprint(ambiguous / writers * writers); err != nil || string(data) != want {
		t.Errorf("the counter is %s of %s: %v", data, want, err)
	}
	t.Logf("%d increments through %d PUTs, 7 of 8 of them ambiguous or refused: %s", ambiguous, faults, data)
}

// What a user makes new is made once, whatever becomes of the answer.
func TestAnAmbiguousCreationIsOurs(t *testing.T) {
	t.Parallel()
	backend := memory(t, "bucket").URL
	for name, fault := range map[string]s3test.Action{
		"broken":    {After: true, Break: true},
		"late":      {After: true, Hang: true},
		"503 after": {After: true, Status: 503, Code: "SlowDown"},
		"409 after": {After: true, Status: 409, Code: "ConditionalRequestConflict"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			puts := 0
			proxy := s3test.Before(t, backend, func(n int, r *http.Request) s3test.Action {
				if r.Method == http.MethodPut {
					if puts++; puts == 1 {
						return fault
					}
				}
				return s3test.Action{}
			})
			s := open(t, proxy.URL, "bucket", func(o *s3.Options) { o.Patience = 200 * time.Millisecond })
			info, err := s.Write(t.Context(), name, []byte("mine"), storage.None)
			if err != nil {
				t.Fatal(err)
			}
			data, now, err := s.Read(t.Context(), name)
			if err != nil || string(data) != "mine" || now.Revision != info.Revision {
				t.Errorf("it is %q, %+v after %+v, %v", data, now, info, err)
			}
		})
	}
}
