package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv"
	"github.com/parley-mesh/parley/rendezvous/kv/badgerkv"
)

func openKV(t testing.TB, dir string) kv.Store {
	t.Helper()
	engine, err := badgerkv.Open(badgerkv.Config{Dir: dir, Key: [32]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

func newStore(t testing.TB, engine kv.Store, change ...func(*Config)) *Store {
	t.Helper()
	config := Config{KV: engine, Pepper: [32]byte{2}, Rand: rand.Reader}
	for _, f := range change {
		f(&config)
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fresh(t testing.TB) *Store {
	t.Helper()
	return newStore(t, openKV(t, filepath.Join(t.TempDir(), "db")))
}

func peer(n byte) identity.PeerID { return identity.FromSeed([32]byte{n}).PeerID() }

func create(t testing.TB, s *Store, draft Draft) (*meeting.Record, Credentials) {
	t.Helper()
	if draft.Title == "" {
		draft.Title = "Weekly"
	}
	if draft.Host == "" {
		draft.Host = peer(1)
	}
	record, credentials, err := s.Create(t.Context(), draft)
	if err != nil {
		t.Fatal(err)
	}
	return record, credentials
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

// wantOpen checks that exactly these credentials open the meeting.
func wantOpen(t *testing.T, s *Store, id meeting.ID, c Credentials) {
	t.Helper()
	if got, err := s.AuthoriseByPassword(t.Context(), id, c.Password); err != nil || got.ID != id {
		t.Fatalf("by password: %v, %v", got, err)
	}
	if got, err := s.AuthoriseByToken(t.Context(), c.Token); err != nil || got.ID != id {
		t.Fatalf("by token: %v, %v", got, err)
	}
	if got, password, err := s.Preview(t.Context(), c.Token); err != nil || got.ID != id || password != c.Password {
		t.Fatalf("preview: %v, %v", got, err)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	record, credentials := create(t, s, Draft{})
	if len(credentials.Password) != 6 || strings.Trim(credentials.Password, "0123456789") != "" {
		t.Error("the password is not six digits")
	}
	if record.Policy != meeting.DefaultPolicy() || record.ExpiresAt != nil || record.HostID != peer(1) || record.Title != "Weekly" {
		t.Errorf("%+v", record)
	}
	wantOpen(t, s, record.ID, credentials)
	got, err := s.Get(t.Context(), record.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(record, got); diff != "" {
		t.Error(diff)
	}

	capacity := 7
	in := time.Now().Add(time.Hour)
	record, credentials = create(t, s, Draft{Password: "pa\u0308sswort", ExpiresAt: &in, Policy: &meeting.PolicyPatch{Capacity: &capacity}})
	if record.Policy.Capacity != 7 || !record.ExpiresAt.Equal(in) {
		t.Errorf("%+v", record)
	}
	if credentials.Password != "pässwort" {
		t.Error("the password is not normalized")
	}
	wantOpen(t, s, record.ID, credentials)
	if _, err := s.AuthoriseByPassword(t.Context(), record.ID, "pa\u0308sswort"); err != nil {
		t.Errorf("the same password from another keyboard: %v", err)
	}
}

func TestBadDrafts(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	past, far := time.Now(), time.Now().Add(kv.MaxTTL)
	broken := 1
	for name, test := range map[string]struct {
		draft Draft
		want  error
	}{
		"no title":       {Draft{Host: peer(1)}, meeting.ErrTitle},
		"no host":        {Draft{Title: "a"}, meeting.ErrRecord},
		"short password": {Draft{Title: "a", Host: peer(1), Password: "12345"}, meeting.ErrPassword},
		"over already":   {Draft{Title: "a", Host: peer(1), ExpiresAt: &past}, ErrExpiry},
		"over too late":  {Draft{Title: "a", Host: peer(1), ExpiresAt: &far}, ErrExpiry},
		"broken policy":  {Draft{Title: "a", Host: peer(1), Policy: &meeting.PolicyPatch{Capacity: &broken}}, meeting.ErrPolicy},
	} {
		if _, _, err := s.Create(t.Context(), test.draft); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
	wantStored(t, s, 0, "")
}

// wantStored checks how many keys are stored under prefix.
func wantStored(t *testing.T, s *Store, want int, prefix string) {
	t.Helper()
	page, err := s.kv.List(t.Context(), prefix, "", kv.MaxPage)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Entries) != want {
		var keys []string
		for _, entry := range page.Entries {
			keys = append(keys, entry.Key)
		}
		t.Fatalf("%d keys under %q, want %d: %q", len(page.Entries), prefix, want, keys)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	record, _ := create(t, s, Draft{})
	hashes := s.hasher.done.Load()
	_, err := s.AuthoriseByPassword(t.Context(), record.ID, "not it")
	wantErr(t, err, ErrWrongPassword)
	// Every refusal costs one hash, so that their time tells nothing.
	other := meeting.ID("000000000")
	if record.ID == other {
		other = "000000001"
	}
	_, err = s.AuthoriseByPassword(t.Context(), other, "not it")
	wantErr(t, err, ErrMeetingNotFound)
	_, err = s.AuthoriseByPassword(t.Context(), record.ID, "\x00")
	wantErr(t, err, ErrWrongPassword)
	_, err = s.AuthoriseByPassword(t.Context(), "482-913-006", "not it")
	wantErr(t, err, ErrMeetingNotFound)
	if n := s.hasher.done.Load() - hashes; n != 4 {
		t.Errorf("four refusals took %d hashes", n)
	}
	token, err := meeting.NewToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.AuthoriseByToken(t.Context(), token)
	wantErr(t, err, ErrInvitationNotFound)
	_, _, err = s.Preview(t.Context(), token)
	wantErr(t, err, ErrInvitationNotFound)
	_, err = s.Get(t.Context(), "../../../")
	wantErr(t, err, ErrMeetingNotFound)
}

// One ID for ever drawn again must neither hand out one meeting twice nor hang; the one that has it stays whole.
func TestIDsAreNotShared(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	same := newStore(t, s.kv, func(c *Config) { c.Rand = zeros{} })
	first, credentials := create(t, same, Draft{})
	// Somebody else drew the same ID and was between the look and the write.
	token, err := meeting.NewToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	second := *first
	second.HostID = peer(3)
	wantErr(t, s.write(t.Context(), &second, Credentials{Token: token, Password: "123456"}), kv.ErrConflict)
	// Before it has tidied up, what it wrote leads nowhere.
	if records, _, err := s.ListByHost(t.Context(), peer(3), "", 10); err != nil || len(records) != 0 {
		t.Errorf("the loser lists %v, %v", records, err)
	}
	_, err = s.AuthoriseByToken(t.Context(), token)
	wantErr(t, err, ErrInvitationNotFound)
	wantOpen(t, s, first.ID, credentials)
	if _, _, err := same.Create(t.Context(), Draft{Title: "a", Host: peer(2)}); err == nil {
		t.Error("two meetings have one ID")
	}
	wantOpen(t, s, first.ID, credentials)
}

// zeros is a source of randomness that is none.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestListByHost(t *testing.T) {
	t.Parallel()
	s := newStore(t, openKV(t, filepath.Join(t.TempDir(), "db")))
	var want []meeting.ID
	// Written without hashing: 60 passwords would take seconds.
	verifier, err := s.hasher.make(t.Context(), "123456")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now().UTC().Truncate(time.Millisecond)
	for i := range 60 {
		token, err := meeting.NewToken(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		record := &meeting.Record{
			Title: fmt.Sprint(i), HostID: peer(byte(1 + i%2)), CreatedAt: began.Add(time.Duration(i) * time.Millisecond),
			Policy: meeting.DefaultPolicy(), Password: verifier,
		}
		if err := s.insert(t.Context(), record, Credentials{Password: "123456", Token: token}); err != nil {
			t.Fatal(err)
		}
		switch {
		case i%2 == 1:
		case i%6 == 0: // a crash left only the index
			if err := s.kv.Delete(t.Context(), meetingKey(record.ID), kv.Any); err != nil {
				t.Fatal(err)
			}
		default:
			want = append([]meeting.ID{record.ID}, want...)
		}
	}
	for _, limit := range []int{-1, 1, 7, 20, 1000} {
		var got []meeting.ID
		for cursor := ""; ; {
			page, next, err := s.ListByHost(t.Context(), peer(1), cursor, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, record := range page {
				got = append(got, record.ID)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("pages of %d: got %v, want %v", limit, got, want)
		}
	}
	for _, cursor := range []string{"x", "1-482913006", "0000000000000-482-913-006", "-000000000000-482913006", strings.Repeat("0", 300)} {
		_, _, err := s.ListByHost(t.Context(), peer(1), cursor, 10)
		wantErr(t, err, ErrCursor)
	}
}

// A flood must be refused, not queued without end, and who goes away must free the place.
func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t, openKV(t, filepath.Join(t.TempDir(), "db")), func(c *Config) { c.Hashers, c.HashQueue = 1, 1 })
		s.hasher.slots <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := s.AuthoriseByPassword(ctx, "482913006", "whatever")
			done <- err
		}()
		synctest.Wait()
		_, err := s.AuthoriseByPassword(t.Context(), "482913006", "whatever")
		wantErr(t, err, ErrBusy)
		cancel()
		wantErr(t, <-done, context.Canceled)
		<-s.hasher.slots
		_, err = s.AuthoriseByPassword(t.Context(), "482913006", "whatever")
		wantErr(t, err, ErrMeetingNotFound)
	})
}

// A record that something damaged is not acted on, and keeps nobody from the others.
func TestDamagedRecord(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	good, credentials := create(t, s, Draft{})
	bad, badCredentials := create(t, s, Draft{})
	for _, value := range []string{"", "{}", `{"id":`} {
		if _, err := s.kv.Put(t.Context(), meetingKey(bad.ID), []byte(value), kv.Any, 0); err != nil {
			t.Fatal(err)
		}
		_, err := s.Get(t.Context(), bad.ID)
		wantErr(t, err, meeting.ErrRecord)
		_, err = s.AuthoriseByToken(t.Context(), badCredentials.Token)
		wantErr(t, err, meeting.ErrRecord)
		records, _, err := s.ListByHost(t.Context(), peer(1), "", 10)
		if err != nil || len(records) != 1 || records[0].ID != good.ID {
			t.Errorf("%v, %v", records, err)
		}
	}
	stolen, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.kv.Put(t.Context(), meetingKey(bad.ID), stolen, kv.Any, 0); err != nil {
		t.Fatal(err)
	}
	_, err = s.Get(t.Context(), bad.ID)
	wantErr(t, err, meeting.ErrRecord)
	wantOpen(t, s, good.ID, credentials)
}

func TestConfig(t *testing.T) {
	t.Parallel()
	engine := openKV(t, filepath.Join(t.TempDir(), "db"))
	for name, config := range map[string]Config{
		"nothing":      {},
		"no engine":    {Pepper: [32]byte{1}, Rand: rand.Reader},
		"no pepper":    {KV: engine, Rand: rand.Reader},
		"five digits":  {KV: engine, Pepper: [32]byte{1}, Rand: rand.Reader, PasswordDigits: 5},
		"minus queues": {KV: engine, Pepper: [32]byte{1}, Rand: rand.Reader, HashQueue: -1},
	} {
		if _, err := New(config); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	s := newStore(t, engine, func(c *Config) { c.PasswordDigits = 12 })
	if _, credentials := create(t, s, Draft{}); len(credentials.Password) != 12 {
		t.Error("not 12 digits")
	}
	broken := newStore(t, engine, func(c *Config) { c.Rand = io.LimitReader(rand.Reader, 30) })
	if _, _, err := broken.Create(t.Context(), Draft{Title: "a", Host: peer(1)}); err == nil {
		t.Error("a meeting was made without randomness")
	}
}
