// Package kvtest is the suite that every engine of rendezvous/kv passes.
//
// It tests the contract only, through the interface. What an engine promises beyond it (folders, locks, disks,
// clusters) is tested beside the engine.
package kvtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/rendezvous/kv"
)

// Engine says how to test one.
type Engine struct {
	// Open returns an empty store that nobody else uses.
	Open func(*testing.T) kv.Store
	// InTime runs a test in which a TTL can pass by time.Sleep: a synctest bubble for an engine that can
	// live in one.
	InTime func(*testing.T, func(*testing.T))
}

// Run runs the suite.
func Run(t *testing.T, engine Engine) {
	for name, test := range map[string]func(*testing.T, kv.Store){
		"a value comes back until it is deleted": testRoundTrip,
		"expected revisions are kept":            testRevisions,
		"one of many creators wins":              testCreateRace,
		"no update is lost":                      testUpdateRace,
		"pages":                                  testPages,
		"bounds":                                 testBounds,
		"watching":                               testWatch,
		"a slow watcher is cut":                  testSlowWatcher,
		"a watcher goes with its context":        testWatchContext,
		"values are copies":                      testCopies,
		"closed":                                 testClosed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, engine.Open(t))
		})
	}
	t.Run("time to live", func(t *testing.T) {
		t.Parallel()
		engine.InTime(t, func(t *testing.T) { testTTL(t, engine.Open(t)) })
	})
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

func testRoundTrip(t *testing.T, s kv.Store) {
	ctx := t.Context()
	_, err := s.Get(ctx, "a")
	wantErr(t, err, kv.ErrNotFound)
	for _, value := range []string{"one", "", strings.Repeat("x", kv.MaxValue)} {
		revision := must(s.Put(ctx, "a", []byte(value), kv.Any, 0))(t)
		got := must(s.Get(ctx, "a"))(t)
		if got.Key != "a" || string(got.Value) != value || got.Revision != revision || revision == kv.Absent {
			t.Fatalf("got %q at %d with %d bytes, want %d bytes at %d", got.Key, got.Revision, len(got.Value), len(value), revision)
		}
	}
	if err := s.Delete(ctx, "a", kv.Any); err != nil {
		t.Fatal(err)
	}
	_, err = s.Get(ctx, "a")
	wantErr(t, err, kv.ErrNotFound)
	if err := s.Delete(ctx, "a", kv.Any); err != nil {
		t.Fatalf("deleting what is not there: %v", err)
	}
}

func testRevisions(t *testing.T, s kv.Store) {
	ctx := t.Context()
	_, err := s.Put(ctx, "a", nil, 7, 0)
	wantErr(t, err, kv.ErrConflict)
	first := must(s.Put(ctx, "a", []byte("1"), kv.Absent, 0))(t)
	_, err = s.Put(ctx, "a", []byte("2"), kv.Absent, 0)
	wantErr(t, err, kv.ErrConflict)
	second := must(s.Put(ctx, "a", []byte("2"), first, 0))(t)
	if second <= first {
		t.Fatalf("revision went from %d to %d", first, second)
	}
	_, err = s.Put(ctx, "a", []byte("3"), first, 0)
	wantErr(t, err, kv.ErrConflict)
	wantErr(t, s.Delete(ctx, "a", first), kv.ErrConflict)
	if got := must(s.Get(ctx, "a"))(t); string(got.Value) != "2" {
		t.Fatalf("a refused write left %q", got.Value)
	}
	if err := s.Delete(ctx, "a", second); err != nil {
		t.Fatal(err)
	}
	// A key made anew is never at a revision that somebody may still hold of the old one.
	wantErr(t, s.Delete(ctx, "a", second), kv.ErrConflict)
	third := must(s.Put(ctx, "a", []byte("4"), kv.Absent, 0))(t)
	if third <= second {
		t.Fatalf("revision went from %d to %d over a deletion", second, third)
	}
}

// Two meetings must never share an ID.
func testCreateRace(t *testing.T, s kv.Store) {
	const creators, keys = 8, 20
	var wg sync.WaitGroup
	won := make([][keys]bool, creators)
	for i := range creators {
		wg.Go(func() {
			for k := range keys {
				_, err := s.Put(t.Context(), fmt.Sprintf("k/%d", k), []byte{byte(i)}, kv.Absent, 0)
				if err == nil {
					won[i][k] = true
				} else if !errors.Is(err, kv.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for k := range keys {
		winners := 0
		for i := range creators {
			if won[i][k] {
				winners++
				if got := must(s.Get(t.Context(), fmt.Sprintf("k/%d", k)))(t); got.Value[0] != byte(i) {
					t.Errorf("key %d holds the value of %d, %d won", k, got.Value[0], i)
				}
			}
		}
		if winners != 1 {
			t.Errorf("key %d has %d winners", k, winners)
		}
	}
}

func testUpdateRace(t *testing.T, s kv.Store) {
	const writers, rounds = 4, 20
	ctx := t.Context()
	must(s.Put(ctx, "n", []byte{0}, kv.Absent, 0))(t)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for done := 0; done < rounds; {
				at, err := s.Get(ctx, "n")
				if err == nil {
					_, err = s.Put(ctx, "n", []byte{at.Value[0] + 1}, at.Revision, 0)
				}
				switch {
				case err == nil:
					done++
				case !errors.Is(err, kv.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got := must(s.Get(ctx, "n"))(t); got.Value[0] != writers*rounds {
		t.Fatalf("%d updates counted, %d made", got.Value[0], writers*rounds)
	}
}

func testPages(t *testing.T, s kv.Store) {
	ctx := t.Context()
	var want []string
	for i := range 25 {
		key := fmt.Sprintf("p/%02d", i)
		must(s.Put(ctx, key, []byte(key), kv.Any, 0))(t)
		if i%5 == 3 {
			if err := s.Delete(ctx, key, kv.Any); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want = append(want, key)
	}
	for _, other := range []string{"o/99", "p", "p-", "p0", "q"} {
		must(s.Put(ctx, other, nil, kv.Any, 0))(t)
	}
	for _, limit := range []int{1, 7, 20, kv.MaxPage} {
		var got []string
		cursor := ""
		for {
			page := must(s.List(ctx, "p/", cursor, limit))(t)
			if len(page.Entries) > limit {
				t.Fatalf("a page of %d has %d", limit, len(page.Entries))
			}
			for _, entry := range page.Entries {
				got = append(got, entry.Key)
				if string(entry.Value) != entry.Key || entry.Revision == kv.Absent {
					t.Fatalf("entry %+v", entry)
				}
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("pages of %d (-want +got):\n%s", limit, diff)
		}
	}
	all := must(s.List(ctx, "", "", kv.MaxPage))(t)
	if len(all.Entries) != len(want)+5 || all.Next != "" {
		t.Fatalf("the empty prefix lists %d, next %q", len(all.Entries), all.Next)
	}
}

func testBounds(t *testing.T, s kv.Store) {
	ctx := t.Context()
	for _, key := range []string{"", ".a", "a.", "a b", "a:b", "ä", "a\x00", strings.Repeat("k", kv.MaxKey+1)} {
		_, err := s.Put(ctx, key, nil, kv.Any, 0)
		wantErr(t, err, kv.ErrInvalid)
		_, err = s.Get(ctx, key)
		wantErr(t, err, kv.ErrInvalid)
		wantErr(t, s.Delete(ctx, key, kv.Any), kv.ErrInvalid)
	}
	must(s.Put(ctx, strings.Repeat("k", kv.MaxKey), nil, kv.Any, 0))(t)
	_, err := s.Put(ctx, "a", make([]byte, kv.MaxValue+1), kv.Any, 0)
	wantErr(t, err, kv.ErrInvalid)
	for _, ttl := range []time.Duration{-1, 1, kv.MinTTL - 1, kv.MaxTTL + 1} {
		_, err := s.Put(ctx, "a", nil, kv.Any, ttl)
		wantErr(t, err, kv.ErrInvalid)
	}
	for _, limit := range []int{-1, 0, kv.MaxPage + 1} {
		_, err := s.List(ctx, "", "", limit)
		wantErr(t, err, kv.ErrInvalid)
	}
	_, err = s.List(ctx, "a*", "", 1)
	wantErr(t, err, kv.ErrInvalid)
}

func testWatch(t *testing.T, s kv.Store) {
	ctx := t.Context()
	must(s.Put(ctx, "w/before", nil, kv.Any, 0))(t)
	events := must(s.Watch(ctx, "w/"))(t)
	first := must(s.Put(ctx, "w/a", []byte("1"), kv.Any, 0))(t)
	must(s.Put(ctx, "v/a", []byte("1"), kv.Any, 0))(t)
	second := must(s.Put(ctx, "w/a", []byte("2"), first, 0))(t)
	_, err := s.Put(ctx, "w/a", []byte("3"), first, 0)
	wantErr(t, err, kv.ErrConflict)
	if err := s.Delete(ctx, "w/a", second); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, "w/a", kv.Any); err != nil {
		t.Fatal(err)
	}
	must(s.Put(ctx, "w/end", nil, kv.Any, 0))(t)
	var got []string
	last := kv.Absent
	for event := range events {
		if event.Revision <= last {
			t.Errorf("event %+v after revision %d", event, last)
		}
		last = event.Revision
		got = append(got, fmt.Sprintf("%s %q %v", event.Key, event.Value, event.Deleted))
		if event.Key == "w/end" {
			break
		}
	}
	want := []string{`w/a "1" false`, `w/a "2" false`, `w/a "" true`, `w/end "" false`}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func testSlowWatcher(t *testing.T, s kv.Store) {
	ctx := t.Context()
	events := must(s.Watch(ctx, ""))(t)
	for range kv.WatchQueue + 1 {
		must(s.Put(ctx, "a", nil, kv.Any, 0))(t)
	}
	seen := 0
	for range events { // ends only if the channel is closed
		seen++
	}
	if seen > kv.WatchQueue {
		t.Fatalf("a reader %d behind was kept", seen)
	}
}

func testWatchContext(t *testing.T, s kv.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	events := must(s.Watch(ctx, ""))(t)
	cancel()
	if _, open := <-events; open {
		t.Fatal("got an event, want the channel closed")
	}
}

func testCopies(t *testing.T, s kv.Store) {
	ctx := t.Context()
	value := []byte("abc")
	must(s.Put(ctx, "a", value, kv.Any, 0))(t)
	value[0] = 'X'
	got := must(s.Get(ctx, "a"))(t)
	got.Value[1] = 'X'
	if again := must(s.Get(ctx, "a"))(t); string(again.Value) != "abc" {
		t.Fatalf("somebody else's bytes changed what is stored: %q", again.Value)
	}
}

func testClosed(t *testing.T, s kv.Store) {
	ctx := t.Context()
	events := must(s.Watch(ctx, ""))(t)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, open := <-events; open {
		t.Fatal("a watch survived its store")
	}
	_, err := s.Get(ctx, "a")
	wantErr(t, err, kv.ErrClosed)
	_, err = s.Put(ctx, "a", nil, kv.Any, 0)
	wantErr(t, err, kv.ErrClosed)
	wantErr(t, s.Delete(ctx, "a", kv.Any), kv.ErrClosed)
	_, err = s.List(ctx, "", "", 1)
	wantErr(t, err, kv.ErrClosed)
	_, err = s.Watch(ctx, "")
	wantErr(t, err, kv.ErrClosed)
}

func testTTL(t *testing.T, s kv.Store) {
	ctx := t.Context()
	must(s.Put(ctx, "t/short", nil, kv.Any, 3*time.Second))(t)
	must(s.Put(ctx, "t/kept", nil, kv.Any, 3*time.Second))(t)
	must(s.Put(ctx, "t/kept", nil, kv.Any, 0))(t)
	must(s.Put(ctx, "t/forever", nil, kv.Any, 0))(t)
	time.Sleep(2900 * time.Millisecond)
	short := must(s.Get(ctx, "t/short"))(t)
	time.Sleep(1200 * time.Millisecond)
	_, err := s.Get(ctx, "t/short")
	wantErr(t, err, kv.ErrNotFound)
	page := must(s.List(ctx, "t/", "", 10))(t)
	if len(page.Entries) != 2 || page.Next != "" {
		t.Fatalf("after the TTL %d are listed, want 2", len(page.Entries))
	}
	_, err = s.Put(ctx, "t/short", nil, short.Revision, 0)
	wantErr(t, err, kv.ErrConflict)
	must(s.Put(ctx, "t/short", nil, kv.Absent, 0))(t)
}
