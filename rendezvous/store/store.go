package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

// Config of a store. KV, Pepper and Rand are required.
type Config struct {
	KV     kv.Store
	Pepper [KeySize]byte
	// Rand is where IDs, passwords, tokens and salts come from: crypto/rand.Reader.
	Rand io.Reader
	// PasswordDigits is the length of the passwords that are made, 6 to 12. Default 6.
	PasswordDigits int
	// Hashers is how many passwords are hashed at once. Default: one for each core, if the memory limit allows.
	Hashers int
	// HashQueue is how many more may wait. Default 256.
	HashQueue int
	// Logger hears of records that cannot be read. Default: discarded.
	Logger *slog.Logger
}

// Store keeps meetings. It is safe for concurrent use.
type Store struct {
	kv     kv.Store
	rand   io.Reader
	digits int
	hasher *hasher
	log    *slog.Logger
}

// New checks the configuration and returns a store. [Store.Run] has to run beside it.
func New(config Config) (*Store, error) {
	if config.PasswordDigits == 0 {
		config.PasswordDigits = meeting.MinPasswordDigits
	}
	if config.Hashers == 0 {
		config.Hashers = defaultHashers()
	}
	if config.HashQueue == 0 {
		config.HashQueue = 256
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case config.KV == nil || config.Rand == nil:
		return nil, errors.New("store: an engine and a source of randomness are needed")
	case config.Pepper == [KeySize]byte{}:
		return nil, fmt.Errorf("%w: the pepper is all zeros", ErrKeys)
	case config.PasswordDigits < meeting.MinPasswordDigits || config.PasswordDigits > meeting.MaxPasswordDigits:
		return nil, meeting.ErrPasswordDigits
	case config.Hashers < 0 || config.HashQueue < 0:
		return nil, errors.New("store: a negative number of hashers or places in their queue")
	}
	return &Store{
		kv: config.KV, rand: config.Rand, digits: config.PasswordDigits, log: config.Logger,
		hasher: &hasher{pepper: config.Pepper, rand: config.Rand, slots: make(chan struct{}, config.Hashers), queue: int64(config.HashQueue)},
	}, nil
}

// Draft is a meeting to be made.
type Draft struct {
	Title     string
	Host      identity.PeerID
	Password  string               // empty: one is made
	ExpiresAt *time.Time           // nil: does not expire
	Policy    *meeting.PolicyPatch // changes to the default policy
}

// Credentials are what opens a meeting. They are known when they are made, and are not kept.
type Credentials struct {
	Password string
	Token    meeting.Token
}

// Create makes a meeting with an ID that no other has. When it returns, the meeting is on disk. It fails with meeting.ErrTitle,
// meeting.ErrPassword, meeting.ErrPolicy, ErrExpiry, ErrBusy, kv.ErrFull, or what the context says.
func (s *Store) Create(ctx context.Context, draft Draft) (*meeting.Record, Credentials, error) {
	record, credentials, err := s.create(ctx, draft)
	if err != nil {
		return nil, Credentials{}, fmt.Errorf("store: create: %w", err)
	}
	return record, credentials, nil
}

func (s *Store) create(ctx context.Context, draft Draft) (*meeting.Record, Credentials, error) {
	now := time.Now().UTC()
	record := &meeting.Record{Title: draft.Title, HostID: draft.Host, CreatedAt: now.Truncate(time.Millisecond), Policy: meeting.DefaultPolicy()}
	if err := meeting.ValidTitle(draft.Title); err != nil {
		return nil, Credentials{}, err
	}
	var err error
	if draft.Policy != nil {
		if record.Policy, err = draft.Policy.Apply(record.Policy); err != nil {
			return nil, Credentials{}, err
		}
	}
	if record.ExpiresAt, err = checkedExpiry(draft.ExpiresAt, now); err != nil {
		return nil, Credentials{}, err
	}
	var credentials Credentials
	if credentials.Password, err = s.choosePassword(draft.Password); err != nil {
		return nil, Credentials{}, err
	}
	if credentials.Token, err = meeting.NewToken(s.rand); err != nil {
		return nil, Credentials{}, err
	}
	if err := s.insert(ctx, record, credentials); err != nil {
		return nil, Credentials{}, err
	}
	return record, credentials, nil
}

// newPassword chooses a password and hashes it.
func (s *Store) newPassword(ctx context.Context, wish string) (string, meeting.PasswordVerifier, error) {
	password, err := s.choosePassword(wish)
	if err != nil {
		return "", meeting.PasswordVerifier{}, err
	}
	verifier, err := s.hasher.make(ctx, password)
	return password, verifier, err
}

// choosePassword normalizes the wished password, or makes one if none is.
func (s *Store) choosePassword(wish string) (string, error) {
	if wish == "" {
		return meeting.NewPassword(s.rand, s.digits)
	}
	return meeting.NormalPassword(wish)
}

func checkedExpiry(at *time.Time, now time.Time) (*time.Time, error) {
	if at == nil {
		return nil, nil
	}
	if !at.After(now) || at.Sub(now) > kv.MaxTTL-safetyNet {
		return nil, ErrExpiry
	}
	utc := at.UTC()
	return &utc, nil
}

// maxDraws bounds how often another ID is drawn. With half of all 10^9 taken it fails once in 2^32 creations.
const maxDraws = 32

var errNoFreeID = errors.New("no ID is free")

// insert gives the record an ID that is free, hashes its password and writes it, indexes first.
func (s *Store) insert(ctx context.Context, record *meeting.Record, credentials Credentials) error {
	for range maxDraws {
		if err := s.drawID(ctx, record); err != nil {
			return err
		}
		err := s.write(ctx, record, credentials)
		if err == nil {
			return nil
		}
		hash := credentials.Token.Hash()
		s.forgetIndexes(ctx, record, hash[:])
		if !errors.Is(err, kv.ErrConflict) {
			return err
		}
	}
	return errNoFreeID
}

// drawID gives the record an ID that no other has now; the write settles it.
func (s *Store) drawID(ctx context.Context, record *meeting.Record) error {
	for range maxDraws {
		var err error
		if record.ID, err = meeting.NewID(s.rand); err != nil {
			return err
		}
		_, err = s.kv.Get(ctx, meetingKey(record.ID))
		if errors.Is(err, kv.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return errNoFreeID
}

// write writes a new record and its indexes. The disk has the indexes while the password is hashed, so that a creation
// waits for it once.
func (s *Store) write(ctx context.Context, record *meeting.Record, credentials Credentials) error {
	hash := credentials.Token.Hash()
	var indexes errgroup.Group
	indexes.Go(func() error {
		return s.writeToken(ctx, hash[:], record.ID, record.CreatedAt)
	})
	indexes.Go(func() error {
		_, err := s.kv.Put(ctx, hostKey(record.HostID, record.CreatedAt, record.ID), nil, kv.Any, 0)
		return err
	})
	verifier, err := s.hasher.make(ctx, credentials.Password)
	if indexed := indexes.Wait(); err == nil {
		err = indexed
	}
	if err != nil {
		return err
	}
	record.Password = verifier
	if record.Invitation, err = sealInvitation(credentials.Token, record.ID, credentials.Password); err != nil {
		return err
	}
	value, err := encodeRecord(record)
	if err != nil {
		return err
	}
	_, err = s.kv.Put(ctx, meetingKey(record.ID), value, kv.Absent, timeToLive(record, time.Now()))
	return err
}

func (s *Store) writeToken(ctx context.Context, hash []byte, id meeting.ID, since time.Time) error {
	value, err := json.Marshal(tokenEntry{Meeting: id, Since: since})
	if err != nil {
		return err
	}
	_, err = s.kv.Put(ctx, tokenKey(hash), value, kv.Any, 0)
	return err
}

// forgetIndexes removes what points to a record. What fails here is found by the sweep.
func (s *Store) forgetIndexes(ctx context.Context, record *meeting.Record, tokenHash []byte) {
	ctx = context.WithoutCancel(ctx)
	if tokenHash != nil {
		_ = s.kv.Delete(ctx, tokenKey(tokenHash), kv.Any)
	}
	_ = s.kv.Delete(ctx, hostKey(record.HostID, record.CreatedAt, record.ID), kv.Any)
}

// Get returns a meeting, or ErrMeetingNotFound.
func (s *Store) Get(ctx context.Context, id meeting.ID) (*meeting.Record, error) {
	record, _, err := s.get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("store: get: %w", err)
	}
	return record, nil
}

func (s *Store) get(ctx context.Context, id meeting.ID) (*meeting.Record, kv.Revision, error) {
	parsed, err := meeting.ParseID(string(id))
	if err != nil || parsed != id {
		return nil, 0, ErrMeetingNotFound
	}
	entry, err := s.kv.Get(ctx, meetingKey(id))
	if errors.Is(err, kv.ErrNotFound) {
		return nil, 0, ErrMeetingNotFound
	}
	if err != nil {
		return nil, 0, err
	}
	record, err := decodeRecord(entry)
	if err != nil {
		return nil, 0, err
	}
	if record.Expired(time.Now()) {
		return nil, 0, ErrMeetingNotFound
	}
	return record, entry.Revision, nil
}

// MaxPage bounds a page of [Store.ListByHost].
const MaxPage = 100

// ListByHost returns a page of a host's meetings, newest first. The empty cursor begins with the newest; next is the cursor of the
// following page, empty after the last. It fails with ErrCursor.
func (s *Store) ListByHost(ctx context.Context, host identity.PeerID, cursor string, limit int) (records []*meeting.Record, next string, err error) {
	if _, err := identity.ParsePeerID(string(host)); err != nil {
		return nil, "", fmt.Errorf("store: list: %w", err)
	}
	prefix := hostPrefix + string(host) + "/"
	if cursor != "" {
		if _, _, ok := parseHostEntry(cursor); !ok {
			return nil, "", ErrCursor
		}
		cursor = prefix + cursor
	}
	limit = min(max(limit, 1), MaxPage)
	for {
		page, err := s.kv.List(ctx, prefix, cursor, limit)
		if err != nil {
			return nil, "", fmt.Errorf("store: list: %w", err)
		}
		for _, entry := range page.Entries {
			if len(records) == limit {
				return records, entry.Key[len(prefix):], nil
			}
			record, err := s.byHostEntry(ctx, host, entry.Key[len(prefix):])
			switch {
			case err == nil:
				records = append(records, record)
			case errors.Is(err, meeting.ErrRecord):
				s.log.Warn("a stored meeting cannot be read", "error", err)
			case !errors.Is(err, ErrMeetingNotFound):
				return nil, "", fmt.Errorf("store: list: %w", err)
			}
		}
		if cursor = page.Next; cursor == "" {
			return records, "", nil
		}
	}
}

// byHostEntry follows an index to a record that points back, or returns ErrMeetingNotFound.
func (s *Store) byHostEntry(ctx context.Context, host identity.PeerID, entry string) (*meeting.Record, error) {
	created, id, ok := parseHostEntry(entry)
	if !ok {
		return nil, ErrMeetingNotFound
	}
	record, _, err := s.get(ctx, id)
	if err != nil {
		return nil, err
	}
	if record.HostID != host || record.CreatedAt.UnixMilli() != created.UnixMilli() {
		return nil, ErrMeetingNotFound
	}
	return record, nil
}
