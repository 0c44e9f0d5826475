package guard

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/rendezvous/kv"
	"github.com/parley-mesh/parley/rendezvous/kv/badgerkv"
)

func testStore(t testing.TB) kv.Store {
	t.Helper()
	store, err := badgerkv.Open(badgerkv.Config{Dir: filepath.Join(t.TempDir(), "db"), Key: [32]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func testGuard(t testing.TB, store kv.Store) *Guard {
	t.Helper()
	g, err := New(t.Context(), Config{Limits: DefaultLimits(), Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func wantRefused(t *testing.T, err error, why Why) *Refusal {
	t.Helper()
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Why != why {
		t.Fatalf("got %v, want refused by %v", err, why)
	}
	return refusal
}

// wrong tries a wrong password.
func wrong(g *Guard, c Client, n int) (suspended bool, err error) {
	try, err := g.Reserve(context.Background(), c, room(n))
	if err != nil {
		return false, err
	}
	defer try.Release()
	return try.Failed(context.Background(), WrongPassword)
}

func TestRates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := testGuard(t, testStore(t))
		here, there := netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("198.51.100.0/24")
		for i := range 60 {
			if err := g.Allow(Create, here); err != nil {
				t.Fatalf("creation %d: %v", i+1, err)
			}
		}
		refusal := wantRefused(t, g.Allow(Create, here), WhyRate)
		if err := g.Allow(Create, there); err != nil {
			t.Errorf("another prefix: %v", err)
		}
		if err := g.Allow(Join, here); err != nil {
			t.Errorf("another door: %v", err)
		}
		time.Sleep(refusal.RetryAfter)
		if err := g.Allow(Create, here); err != nil {
			t.Errorf("after the wait of %v: %v", refusal.RetryAfter, err)
		}
		if err := g.Allow(DoorUnknown, here); err == nil {
			t.Error("a door without a rate lets in")
		}
	})
}

// The classical hole: a hundred tries sent at once all pass the check before the first has failed.
func TestParallelTriesGetNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := testGuard(t, testStore(t))
		var looked, refused atomic.Int32
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				try, err := g.Reserve(t.Context(), client(1, i), room(1))
				if err != nil {
					refused.Add(1)
					return
				}
				defer try.Release()
				looked.Add(1)
				time.Sleep(50 * time.Millisecond) // the hash
				if _, err := try.Failed(t.Context(), WrongPassword); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if looked.Load() != rowLimit || refused.Load() != 100-rowLimit {
			t.Errorf("%d were looked at, %d refused", looked.Load(), refused.Load())
		}
	})
}

// An office behind one address that comes in at nine with the right password must all get in.
func TestParallelSuccessesAllGetIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := testGuard(t, testStore(t))
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				try, err := g.Reserve(t.Context(), client(1, i), room(1))
				if err != nil {
					t.Error(err)
					return
				}
				defer try.Release()
				time.Sleep(50 * time.Millisecond)
				try.Succeeded(t.Context())
			})
		}
		wg.Wait()
	})
}

// Nobody may wait for ever for a try that is never settled, nor keep others from waiting.
func TestWaitingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := testGuard(t, testStore(t))
		for range rowLimit {
			if _, err := g.Reserve(t.Context(), client(1, 1), room(1)); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		_, err := g.Reserve(t.Context(), client(1, 1), room(1))
		wantRefused(t, err, WhyBusy)
		if waited := time.Since(start); waited != maxWait {
			t.Errorf("waited %v", waited)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range maxWaiting {
			wg.Go(func() {
				if _, err := g.Reserve(ctx, client(1, 1), room(1)); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		start = time.Now()
		_, err = g.Reserve(t.Context(), client(1, 1), room(1))
		wantRefused(t, err, WhyBusy)
		if time.Since(start) != 0 {
			t.Error("one too many waited")
		}
		cancel()
		wg.Wait()
		if g.waiting != 0 {
			t.Errorf("%d still count as waiting", g.waiting)
		}
	})
}

// A restart right after a failure must forgive nothing: not the row, the prefix, the identity, nor the suspension.
func TestFailuresSurviveARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := testStore(t)
		g := testGuard(t, store)
		for range 5 {
			if _, err := wrong(g, client(1, 1), 1); err != nil {
				t.Fatal(err)
			}
		}
		g = testGuard(t, store)
		_, err := wrong(g, client(1, 1), 1)
		wantRefused(t, err, WhyRow)

		for i := range 25 {
			if err := g.UnknownToken(t.Context(), client(1, 100+i)); err != nil {
				t.Fatal(err)
			}
			if err := g.UnknownToken(t.Context(), client(50+i, 2)); err != nil {
				t.Fatal(err)
			}
		}
		g = testGuard(t, store)
		wantRefused(t, g.UnknownToken(t.Context(), client(1, 3)), WhyPrefix)
		for i := range 5 {
			if err := g.UnknownToken(t.Context(), client(90+i, 2)); err != nil {
				t.Fatal(err)
			}
		}
		wantRefused(t, g.UnknownToken(t.Context(), client(99, 2)), WhyIdentity)

		for i := range 95 {
			suspended, err := wrong(g, client(100+i, 1000+i), 1)
			if err != nil {
				t.Fatal(err)
			}
			if suspended != (i == 94) {
				t.Fatalf("failure %d says suspended: %v", i, suspended)
			}
		}
		g = testGuard(t, store)
		_, err = wrong(g, client(240, 240), 1)
		refusal := wantRefused(t, err, WhySuspended)
		if until, is := g.Suspended(room(1)); !is || time.Until(until) > refusal.RetryAfter {
			t.Errorf("suspended until %v: %v", until, is)
		}
		if _, is := g.Suspended(room(2)); is {
			t.Error("another meeting is suspended too")
		}
		time.Sleep(time.Hour + 2*time.Minute)
		g = testGuard(t, store)
		if _, err := wrong(g, client(240, 240), 1); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

// A store whose writes go wrong.
type brokenStore struct {
	kv.Store
	err error
}

func (s brokenStore) Put(_ context.Context, _ string, _ []byte, _ kv.Revision, ttl time.Duration) (kv.Revision, error) {
	if ttl != journalTTL {
		return 0, errors.New("a failure would be kept for ever")
	}
	return 0, s.err
}

// The answer waits for the disk; if the disk says no, there is no answer. A full disk keeps nobody out.
func TestFailureIsKeptBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	g := testGuard(t, brokenStore{testStore(t), broken})
	if _, err := wrong(g, client(1, 1), 1); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	g = testGuard(t, brokenStore{testStore(t), fmt.Errorf("put: %w", kv.ErrFull)})
	for range 5 {
		if _, err := wrong(g, client(1, 1), 1); err != nil {
			t.Error(err)
		}
	}
	_, err := wrong(g, client(1, 1), 1)
	wantRefused(t, err, WhyRow)
}

// A client that hangs up before its answer has failed all the same.
func TestHangingUpForgivesNothing(t *testing.T) {
	t.Parallel()
	store := testStore(t)
	g := testGuard(t, store)
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		try, err := g.Reserve(ctx, client(1, 1), room(1))
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := try.Failed(ctx, WrongPassword); err != nil {
			t.Fatal(err)
		}
		try.Release()
		try.Succeeded(ctx)
	}
	_, err := wrong(testGuard(t, store), client(1, 1), 1)
	wantRefused(t, err, WhyRow)
}

func TestUnknownMeetings(t *testing.T) {
	t.Parallel()
	g := testGuard(t, testStore(t))
	for i := range 30 {
		try, err := g.Reserve(t.Context(), client(1, i), room(i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := try.Failed(t.Context(), UnknownMeeting); err != nil {
			t.Fatal(err)
		}
	}
	_, err := g.Reserve(t.Context(), client(1, 99), room(99))
	wantRefused(t, err, WhyPrefix)
	if len(g.book.meetings.index) != 0 {
		t.Errorf("%d meetings that do not exist are counted", len(g.book.meetings.index))
	}
}

func TestGuessOff(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	if err := limits.Set("guess=off"); err != nil {
		t.Fatal(err)
	}
	g, err := New(t.Context(), Config{Limits: limits, Store: testStore(t)})
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if suspended, err := wrong(g, client(1, 1), 1); suspended || err != nil {
			t.Fatal(suspended, err)
		}
		if err := g.UnknownToken(t.Context(), client(1, 1)); err != nil {
			t.Fatal(err)
		}
	}
}

// The number of kept failures is bounded, whoever attacks for however long.
func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	store := testStore(t)
	g := testGuard(t, store)
	if _, err := wrong(g, client(1, 1), 1); err != nil {
		t.Fatal(err)
	}
	oldest := g.journal.kept[0]
	for len(g.journal.kept) < maxJournal {
		g.journal.kept = append(g.journal.kept, oldest+int64(len(g.journal.kept)))
	}
	if _, err := wrong(g, client(2, 2), 2); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get(t.Context(), journalKey(oldest)); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("the oldest is still kept: %v", err)
	}
	if len(g.journal.kept) != maxJournal {
		t.Errorf("%d are kept", len(g.journal.kept))
	}
}

// What another version or a hand left under the guard's keys must not keep the rendezvous from starting.
func TestUnreadableFailures(t *testing.T) {
	t.Parallel()
	store := testStore(t)
	for _, key := range []string{journalPrefix + "x", journalPrefix + "1"} {
		if _, err := store.Put(t.Context(), key, []byte("{"), kv.Any, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := wrong(testGuard(t, store), Client{Identity: identity.PeerID("x")}, 1); err != nil {
		t.Error(err)
	}
}
