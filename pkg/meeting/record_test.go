package meeting_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

var created = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func record() meeting.Record {
	end := created.Add(time.Hour)
	return meeting.Record{
		ID: "482913006", Title: "Planning", HostID: identity.FromSeed([32]byte{1}).PeerID(),
		CreatedAt: created, ExpiresAt: &end, Policy: meeting.DefaultPolicy(),
		Password: meeting.PasswordVerifier{
			Salt: make([]byte, meeting.SaltSize), Hash: make([]byte, meeting.HashSize),
			MemoryKiB: 19 << 10, Iterations: 2, Lanes: 1,
		},
		Invitation: &meeting.SealedInvitation{
			Hash: make([]byte, meeting.HashSize), PublicKey: make([]byte, 32), Sealed: make([]byte, 64),
		},
	}
}

func TestRecordValidate(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*meeting.Record){
		"as it is":           func(*meeting.Record) {},
		"without an end":     func(r *meeting.Record) { r.ExpiresAt = nil },
		"without invitation": func(r *meeting.Record) { r.Invitation = nil },
	} {
		r := record()
		change(&r)
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for member, change := range map[string]func(*meeting.Record){
		"id":                    func(r *meeting.Record) { r.ID = "482-913-006" },
		"title":                 func(r *meeting.Record) { r.Title = " " },
		"host_id":               func(r *meeting.Record) { r.HostID = "me" },
		"created_at":            func(r *meeting.Record) { r.CreatedAt = time.Time{} },
		"expires_at":            func(r *meeting.Record) { r.ExpiresAt = &created },
		"capacity":              func(r *meeting.Record) { r.Policy.Capacity = 0 },
		"password.salt":         func(r *meeting.Record) { r.Password.Salt = nil },
		"password.hash":         func(r *meeting.Record) { r.Password.Hash = make([]byte, 31) },
		"password.memory_kib":   func(r *meeting.Record) { r.Password.MemoryKiB = 1 << 31 },
		"password.iterations":   func(r *meeting.Record) { r.Password.Iterations = 1 << 31 },
		"password.lanes":        func(r *meeting.Record) { r.Password.Lanes = 0 },
		"invitation.hash":       func(r *meeting.Record) { r.Invitation.Hash = nil },
		"invitation.public_key": func(r *meeting.Record) { r.Invitation.PublicKey = nil },
		"invitation.sealed":     func(r *meeting.Record) { r.Invitation.Sealed = make([]byte, meeting.MaxSealed+1) },
	} {
		r := record()
		change(&r)
		if err := r.Validate(); !errors.Is(err, meeting.ErrRecord) || !strings.Contains(err.Error(), member) {
			t.Errorf("%s: err = %v, want ErrRecord naming it", member, err)
		}
	}
}

func TestRecordExpired(t *testing.T) {
	t.Parallel()
	r := record()
	for at, want := range map[time.Time]bool{
		r.ExpiresAt.Add(-1): false, *r.ExpiresAt: true, r.ExpiresAt.Add(1): true,
		r.ExpiresAt.In(time.FixedZone("", 3600)): true,
	} {
		if got := r.Expired(at); got != want {
			t.Errorf("Expired(%v) = %v", at, got)
		}
	}
	r.ExpiresAt = nil
	if r.Expired(created.AddDate(100, 0, 0)) {
		t.Error("a meeting without an end has ended")
	}
}

// Guards against a stored record that does not come back as it was.
func TestRecordJSON(t *testing.T) {
	t.Parallel()
	want := record()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got meeting.Record
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
