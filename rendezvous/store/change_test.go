package store

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

func TestChange(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	record, credentials := create(t, s, Draft{})
	ctx := t.Context()
	_, err := s.Change(ctx, record.ID, peer(2), Change{Title: "mine now"})
	wantErr(t, err, ErrNotHost)

	locked := true
	in := time.Now().Add(time.Hour).UTC()
	changed, err := s.Change(ctx, record.ID, peer(1), Change{
		Title: "Monthly", Password: "another one", ExpiresAt: protocol.Expiry{Set: true, At: &in},
		Policy: &meeting.PolicyPatch{Locked: &locked},
	})
	if err != nil {
		t.Fatal(err)
	}
	if changed.Title != "Monthly" || !changed.Policy.Locked || !changed.ExpiresAt.Equal(in) || !changed.CreatedAt.Equal(record.CreatedAt) {
		t.Errorf("%+v", changed)
	}
	_, err = s.AuthoriseByPassword(ctx, record.ID, credentials.Password)
	wantErr(t, err, ErrWrongPassword)
	// The invitation goes on working and shows the new password.
	wantOpen(t, s, record.ID, Credentials{Password: "another one", Token: credentials.Token})

	changed, err = s.Change(ctx, record.ID, peer(1), Change{ExpiresAt: protocol.Expiry{Set: true}})
	if err != nil || changed.ExpiresAt != nil || changed.Title != "Monthly" {
		t.Errorf("%+v, %v", changed, err)
	}
	for _, bad := range []struct {
		change Change
		want   error
	}{
		{Change{Title: " "}, meeting.ErrTitle},
		{Change{Password: "short"}, meeting.ErrPassword},
		{Change{Title: "half", ExpiresAt: protocol.Expiry{Set: true, At: new(time.Time)}}, ErrExpiry},
	} {
		_, err := s.Change(ctx, record.ID, peer(1), bad.change)
		wantErr(t, err, bad.want)
	}
	after, err := s.Get(ctx, record.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(changed, after); diff != "" {
		t.Errorf("a refused change left something: %s", diff)
	}
	if err := s.SetLocked(ctx, record.ID, false); err != nil {
		t.Fatal(err)
	}
	if after, err = s.Get(ctx, record.ID); err != nil || after.Policy.Locked {
		t.Error("still locked")
	}
}

func TestRenewInvitation(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	record, old := create(t, s, Draft{})
	ctx := t.Context()
	_, _, err := s.RenewInvitation(ctx, record.ID, peer(2), "")
	wantErr(t, err, ErrNotHost)
	wantOpen(t, s, record.ID, old)

	_, renewed, err := s.RenewInvitation(ctx, record.ID, peer(1), "")
	if err != nil {
		t.Fatal(err)
	}
	wantOpen(t, s, record.ID, renewed)
	_, err = s.AuthoriseByToken(ctx, old.Token)
	wantErr(t, err, ErrInvitationNotFound)
	_, _, err = s.Preview(ctx, old.Token)
	wantErr(t, err, ErrInvitationNotFound)
	if old.Password != renewed.Password {
		_, err = s.AuthoriseByPassword(ctx, record.ID, old.Password)
		wantErr(t, err, ErrWrongPassword)
	}
	wantStored(t, s, 1, tokenPrefix)

	_, wished, err := s.RenewInvitation(ctx, record.ID, peer(1), "as I wish")
	if err != nil || wished.Password != "as I wish" {
		t.Fatal(err)
	}
	wantOpen(t, s, record.ID, wished)
}

// Changes at the same moment must not undo each other, nor part the password from what the invitation shows.
func TestChangesAtOnce(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	record, _ := create(t, s, Draft{})
	var wg sync.WaitGroup
	var renewed Credentials
	wg.Go(func() {
		var err error
		if _, renewed, err = s.RenewInvitation(t.Context(), record.ID, peer(1), ""); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		if _, err := s.Change(t.Context(), record.ID, peer(1), Change{Password: "changed"}); err != nil {
			t.Error(err)
		}
	})
	for i := range 5 {
		wg.Go(func() {
			if err := s.SetLocked(t.Context(), record.ID, i%2 == 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	_, password, err := s.Preview(t.Context(), renewed.Token)
	if err != nil {
		t.Fatal(err)
	}
	wantOpen(t, s, record.ID, Credentials{Password: password, Token: renewed.Token})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	record, credentials := create(t, s, Draft{})
	other, otherCredentials := create(t, s, Draft{})
	ctx := t.Context()
	if err := s.KeepStanding(ctx, record.ID, Standing{Peer: peer(5), Banned: true}); err != nil {
		t.Fatal(err)
	}
	wantErr(t, s.Delete(ctx, record.ID, peer(2)), ErrNotHost)
	if err := s.Delete(ctx, record.ID, peer(1)); err != nil {
		t.Fatal(err)
	}
	wantErr(t, s.Delete(ctx, record.ID, peer(1)), ErrMeetingNotFound)
	_, err := s.AuthoriseByPassword(ctx, record.ID, credentials.Password)
	wantErr(t, err, ErrMeetingNotFound)
	_, err = s.AuthoriseByToken(ctx, credentials.Token)
	wantErr(t, err, ErrInvitationNotFound)
	wantOpen(t, s, other.ID, otherCredentials)
	wantStored(t, s, 3, "")
}

func TestStandings(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	record, _ := create(t, s, Draft{})
	ctx := t.Context()
	removed := time.Now().UTC().Truncate(time.Second)
	want := []Standing{{Peer: peer(2), CoHost: true}, {Peer: peer(3), Banned: true, Removed: removed}}
	slices.SortFunc(want, func(a, b Standing) int { return strings.Compare(string(a.Peer), string(b.Peer)) })
	for _, standing := range append([]Standing{{Peer: peer(2), Banned: true}, {Peer: peer(4), CoHost: true}}, want...) {
		if err := s.KeepStanding(ctx, record.ID, standing); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.KeepStanding(ctx, record.ID, Standing{Peer: peer(4)}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Standings(ctx, record.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := s.KeepStanding(ctx, record.ID, Standing{Peer: "../x", Banned: true}); err == nil {
		t.Error("a standing of nobody was kept")
	}
	for i := len(got); i < MaxStandings; i++ {
		if _, err := s.kv.Put(ctx, standingKey(record.ID, identity.PeerID(fmt.Sprint(i))), []byte("{}"), kv.Any, 0); err != nil {
			t.Fatal(err)
		}
	}
	wantErr(t, s.KeepStanding(ctx, record.ID, Standing{Peer: peer(9), Banned: true}), ErrStandings)
	if err := s.KeepStanding(ctx, record.ID, Standing{Peer: peer(2), Banned: true}); err != nil {
		t.Errorf("somebody who has a standing: %v", err)
	}
}
