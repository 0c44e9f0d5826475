package store

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

// run runs the store's sweeps until the test ends.
func run(t *testing.T, s *Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
}

// An expired meeting must be gone at once for everybody, and then from the disk with all that belonged to it; its room is told.
func TestExpiryDeletes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t, openKV(t, filepath.Join(t.TempDir(), "db")))
		early := time.Now().Add(30 * time.Minute)
		before, beforeCredentials := create(t, s, Draft{ExpiresAt: &early})
		run(t, s)
		events, err := s.Watch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		late := time.Now().Add(time.Hour)
		after, afterCredentials := create(t, s, Draft{ExpiresAt: &late})
		kept, keptCredentials := create(t, s, Draft{ExpiresAt: &late})
		if err := s.KeepStanding(t.Context(), before.ID, Standing{Peer: peer(7), Banned: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Change(t.Context(), kept.ID, peer(1), Change{ExpiresAt: protocol.Expiry{Set: true}}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []Event{{after.ID, after}, {kept.ID, kept}, {kept.ID, kept}} {
			if got := <-events; got.ID != want.ID || got.Record == nil || got.Record.Title != want.Record.Title {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
		time.Sleep(time.Until(early) - time.Nanosecond)
		wantOpen(t, s, before.ID, beforeCredentials)
		time.Sleep(time.Nanosecond)
		_, err = s.AuthoriseByToken(t.Context(), beforeCredentials.Token)
		wantErr(t, err, ErrInvitationNotFound)
		if got := <-events; got.ID != before.ID || got.Record != nil {
			t.Fatalf("got %+v", got)
		}
		synctest.Wait()
		wantStored(t, s, 6, "")
		time.Sleep(time.Until(late))
		_, err = s.AuthoriseByPassword(t.Context(), after.ID, afterCredentials.Password)
		wantErr(t, err, ErrMeetingNotFound)
		synctest.Wait()
		wantStored(t, s, 3, "")
		wantOpen(t, s, kept.ID, keptCredentials)
	})
}

// If nobody swept, the engine's own TTL ends a record, and the sweep what pointed to it; a crash leaves nothing for good.
func TestSweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t, openKV(t, filepath.Join(t.TempDir(), "db")))
		soon := time.Now().Add(time.Minute)
		lost, _ := create(t, s, Draft{ExpiresAt: &soon})
		if err := s.KeepStanding(t.Context(), lost.ID, Standing{Peer: peer(7), CoHost: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute + safetyNet + time.Second)
		wantStored(t, s, 0, meetingPrefix)
		wantStored(t, s, 3, "")
		kept, credentials := create(t, s, Draft{})
		// A creation and a renewal that a crash cut in half, just now.
		token, err := meeting.NewToken(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		half := *kept
		half.ID, half.CreatedAt = "000000000", time.Now()
		hash := token.Hash()
		half.Invitation = &meeting.SealedInvitation{Hash: hash[:]}
		if err := s.writeToken(t.Context(), hash[:], half.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.kv.Put(t.Context(), hostKey(peer(1), half.CreatedAt, half.ID), nil, kv.Any, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStored(t, s, 5, "") // the old ones are gone; a creation may still be between its writes
		run(t, s)
		time.Sleep(sweepEvery + time.Second)
		synctest.Wait()
		wantStored(t, s, 3, "")
		wantOpen(t, s, kept.ID, credentials)
	})
}

// Run must come back from falling behind, and end with its engine.
func TestRunSurvivesAndEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		engine := openKV(t, filepath.Join(t.TempDir(), "db"))
		s := newStore(t, engine)
		done := make(chan error, 1)
		go func() { done <- s.Run(t.Context()) }()
		synctest.Wait()
		for range 3 * kv.WatchQueue {
			if _, err := engine.Put(t.Context(), meetingPrefix+"x", nil, kv.Any, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := engine.Delete(t.Context(), meetingPrefix+"x", kv.Any); err != nil {
			t.Fatal(err)
		}
		soon := time.Now().Add(time.Minute)
		create(t, s, Draft{ExpiresAt: &soon})
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		wantStored(t, s, 0, "")
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// The agenda holds each meeting once and gives the earliest, whatever is set, moved and cancelled.
func TestAgenda(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_800_000_000, 0)
	rapid.Check(t, func(t *rapid.T) {
		due, model := newAgenda(), map[meeting.ID]time.Time{}
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			id := meeting.ID(rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6"}).Draw(t, "id"))
			if rapid.Bool().Draw(t, "set") {
				at := start.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "at")) * time.Second)
				due.set(id, at)
				model[id] = at
			} else {
				due.cancel(id)
				delete(model, id)
			}
			if len(due.heap) != len(model) || len(due.of) != len(model) {
				t.Fatalf("%d and %d are there, want %d", len(due.heap), len(due.of), len(model))
			}
			now := start.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "now")) * time.Second)
			earliest := now.Add(24 * time.Hour)
			for _, at := range model {
				if at.Before(earliest) {
					earliest = at
				}
			}
			if got, want := due.wait(now), max(earliest.Sub(now), 0); got != want {
				t.Fatalf("wait %v, want %v", got, want)
			}
			id, over := due.next(now)
			if over != !now.Before(earliest) || over && !model[id].Equal(earliest) {
				t.Fatalf("next is %q, %v", id, over)
			}
		}
	})
}
