package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/kv"
	"github.com/parley-mesh/parley/rendezvous/kv/badgerkv"
	"github.com/parley-mesh/parley/rendezvous/ticket"
)

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// Neither the disk, nor the log, nor the decrypted database may hold what opens a meeting: no password, token or ticket.
func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var log syncBuffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	keys, err := OpenKeys(filepath.Join(dir, "keys"), filepath.Join(dir, "db"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := badgerkv.Open(badgerkv.Config{Dir: filepath.Join(dir, "db"), Key: keys.Database, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	s := newStore(t, engine, func(c *Config) { c.Pepper, c.Logger = keys.Pepper, logger })
	limiter, err := guard.New(t.Context(), guard.Config{Limits: guard.DefaultLimits(), Store: engine, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := ticket.NewSealer(keys.Ticket)
	if err != nil {
		t.Fatal(err)
	}

	secrets := map[string][]byte{"pepper": keys.Pepper[:], "ticket key": keys.Ticket[:], "database key": keys.Database[:]}
	remember := func(name string, c Credentials) {
		raw := c.Token.Bytes()
		secrets[name+"'s password"] = []byte(c.Password)
		secrets[name+"'s token"] = []byte(c.Token.Reveal())
		secrets[name+"'s token, raw"] = raw[:]
		secrets[name+"'s token, hex"] = []byte(hex.EncodeToString(raw[:]))
	}
	ctx := t.Context()
	record, made := create(t, s, Draft{})
	remember("a made meeting", made)
	// Long enough that compression or chance could not hide it.
	wishedRecord, wished := create(t, s, Draft{Password: "correct horse battery staple"})
	remember("a wished meeting", wished)
	wantOpen(t, s, record.ID, made)
	if _, err := s.Change(ctx, record.ID, peer(1), Change{Password: "changed horse battery staple"}); err != nil {
		t.Fatal(err)
	}
	secrets["the changed password"] = []byte("changed horse battery staple")
	_, renewed, err := s.RenewInvitation(ctx, wishedRecord.ID, peer(1), "")
	if err != nil {
		t.Fatal(err)
	}
	remember("a renewed meeting", renewed)
	try, err := limiter.Reserve(ctx, guard.Client{Prefix: netip.MustParsePrefix("203.0.113.0/24"), Identity: peer(9)}, record.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AuthoriseByPassword(ctx, record.ID, "a password with a typo"); err == nil {
		t.Fatal("opened")
	}
	secrets["a wrong password"] = []byte("a password with a typo")
	if _, err := try.Failed(ctx, guard.WrongPassword); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	sealed, err := sealer.Seal(ticket.Ticket{Meeting: record.ID, Peer: peer(9), Via: protocol.ViaPassword, Issued: now, Expires: now.Add(ticket.JoinTTL)})
	if err != nil {
		t.Fatal(err)
	}
	secrets["a ticket"] = []byte(sealed)
	logger.Info("what somebody may log one day", "record", record, "token", made.Token, "keys", keys)

	search := func(where string, data []byte) {
		t.Helper()
		for name, secret := range secrets {
			if len(secret) < 6 {
				t.Fatalf("%s is too short to search for", name)
			}
			if bytes.Contains(data, secret) {
				t.Errorf("%s is in %s", name, where)
			}
		}
	}
	page, err := engine.List(ctx, "", "", kv.MaxPage)
	if err != nil || len(page.Entries) < 6 {
		t.Fatal(len(page.Entries), err)
	}
	for _, entry := range page.Entries {
		search("the decrypted database", []byte(entry.Key))
		search("the decrypted database", entry.Value)
	}
	searchFolder := func() {
		files := 0
		if err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || entry.Name() == "BALLAST" {
				return err
			}
			data, err := os.ReadFile(path)
			search(path, data)
			files++
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if files < 4 {
			t.Errorf("only %d files were searched", files)
		}
	}
	searchFolder()
	if err := engine.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	searchFolder()
	search("the log", log.Bytes())
	if !bytes.Contains(log.Bytes(), []byte("[token]")) {
		t.Error("the log was not written")
	}
}

// Of a stolen database without the key file no password can be tried: the pepper is in every hash.
func TestPepperIsNeeded(t *testing.T) {
	t.Parallel()
	engine := openKV(t, filepath.Join(t.TempDir(), "db"))
	record, credentials := create(t, newStore(t, engine), Draft{})
	stolen := newStore(t, engine, func(c *Config) { c.Pepper = [KeySize]byte{99} })
	_, err := stolen.AuthoriseByPassword(context.Background(), record.ID, credentials.Password)
	wantErr(t, err, ErrWrongPassword)
}

// A sealed password belongs to its meeting and its token.
func TestSealedPasswordIsBound(t *testing.T) {
	t.Parallel()
	var tokens [2]meeting.Token
	for i := range tokens {
		var err error
		if tokens[i], err = meeting.NewToken(rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	invitation, err := sealInvitation(tokens[0], "482913006", "123456")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := openPassword(tokens[0], invitation, "482913006"); err != nil || got != "123456" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := openPassword(tokens[1], invitation, "482913006"); err == nil {
		t.Error("another token opens it")
	}
	if _, err := openPassword(tokens[0], invitation, "482913007"); err == nil {
		t.Error("another meeting opens it")
	}
	for i := 0; i < len(invitation.Sealed); i += 7 {
		changed := *invitation
		changed.Sealed = bytes.Clone(invitation.Sealed)
		changed.Sealed[i] ^= 1
		if _, err := openPassword(tokens[0], &changed, "482913006"); err == nil {
			t.Errorf("changed at %d it opens", i)
		}
	}
}
