package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

// Change says what of a meeting becomes different. Zero values leave it as it is.
type Change struct {
	Title     string
	Password  string
	ExpiresAt protocol.Expiry
	Policy    *meeting.PolicyPatch
}

// Change changes a meeting for its host, all at once or not at all. A new password is sealed for the invitation too. It fails with
// ErrMeetingNotFound, ErrNotHost, and as [Store.Create] does.
func (s *Store) Change(ctx context.Context, id meeting.ID, by identity.PeerID, change Change) (*meeting.Record, error) {
	record, err := s.change(ctx, id, by, change)
	if err != nil {
		return nil, fmt.Errorf("store: change: %w", err)
	}
	return record, nil
}

func (s *Store) change(ctx context.Context, id meeting.ID, by identity.PeerID, change Change) (*meeting.Record, error) {
	if err := s.checkHost(ctx, id, by); err != nil { // before a hash is spent on it
		return nil, err
	}
	var password string
	var verifier meeting.PasswordVerifier
	if change.Password != "" {
		var err error
		if password, verifier, err = s.newPassword(ctx, change.Password); err != nil {
			return nil, err
		}
	}
	return s.update(ctx, id, func(r *meeting.Record) (err error) {
		if r.HostID != by {
			return ErrNotHost
		}
		if change.Title != "" {
			if err := meeting.ValidTitle(change.Title); err != nil {
				return err
			}
			r.Title = change.Title
		}
		if change.ExpiresAt.Set {
			if r.ExpiresAt, err = checkedExpiry(change.ExpiresAt.At, time.Now()); err != nil {
				return err
			}
		}
		if change.Policy != nil {
			if r.Policy, err = change.Policy.Apply(r.Policy); err != nil {
				return err
			}
		}
		if password == "" {
			return nil
		}
		r.Password = verifier
		if r.Invitation == nil {
			return nil
		}
		return resealPassword(r.Invitation, r.ID, password)
	})
}

// SetLocked keeps newcomers out, or lets them in again, for whoever holds the chair: the room has checked that.
func (s *Store) SetLocked(ctx context.Context, id meeting.ID, locked bool) error {
	_, err := s.update(ctx, id, func(r *meeting.Record) error {
		r.Policy.Locked = locked
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: lock: %w", err)
	}
	return nil
}

// RenewInvitation gives a meeting a new token and a new password, the wished one or, if that is empty, one that is made. The old ones
// stop working in the same moment. It fails as [Store.Change] does.
func (s *Store) RenewInvitation(ctx context.Context, id meeting.ID, by identity.PeerID, password string) (*meeting.Record, Credentials, error) {
	record, credentials, err := s.renew(ctx, id, by, password)
	if err != nil {
		return nil, Credentials{}, fmt.Errorf("store: renew: %w", err)
	}
	return record, credentials, nil
}

func (s *Store) renew(ctx context.Context, id meeting.ID, by identity.PeerID, wish string) (*meeting.Record, Credentials, error) {
	if err := s.checkHost(ctx, id, by); err != nil {
		return nil, Credentials{}, err
	}
	password, verifier, err := s.newPassword(ctx, wish)
	if err != nil {
		return nil, Credentials{}, err
	}
	token, err := meeting.NewToken(s.rand)
	if err != nil {
		return nil, Credentials{}, err
	}
	renewed, err := sealInvitation(token, id, password)
	if err != nil {
		return nil, Credentials{}, err
	}
	var old *meeting.SealedInvitation
	record, err := s.update(ctx, id, func(r *meeting.Record) error {
		if r.HostID != by {
			return ErrNotHost
		}
		old = r.Invitation
		r.Password, r.Invitation = verifier, renewed
		return s.writeToken(ctx, renewed.Hash, id, time.Now())
	})
	if err != nil {
		_ = s.kv.Delete(context.WithoutCancel(ctx), tokenKey(renewed.Hash), kv.Any)
		return nil, Credentials{}, err
	}
	if old != nil {
		// The record no longer points back: this only tidies up before the sweep does.
		_ = s.kv.Delete(context.WithoutCancel(ctx), tokenKey(old.Hash), kv.Any)
	}
	return record, Credentials{Password: password, Token: token}, nil
}

// Delete ends a meeting for its host. It fails with ErrMeetingNotFound or ErrNotHost.
func (s *Store) Delete(ctx context.Context, id meeting.ID, by identity.PeerID) error {
	for {
		record, revision, err := s.get(ctx, id)
		if err == nil && record.HostID != by {
			err = ErrNotHost
		}
		if err == nil {
			err = s.remove(ctx, record, revision)
		}
		if errors.Is(err, kv.ErrConflict) {
			continue
		}
		if err != nil {
			return fmt.Errorf("store: delete: %w", err)
		}
		return nil
	}
}

// remove deletes the record, and then what belonged to it.
func (s *Store) remove(ctx context.Context, record *meeting.Record, revision kv.Revision) error {
	if err := s.kv.Delete(ctx, meetingKey(record.ID), revision); err != nil {
		return err
	}
	var tokenHash []byte
	if record.Invitation != nil {
		tokenHash = record.Invitation.Hash
	}
	s.forgetIndexes(ctx, record, tokenHash)
	s.forgetStandings(context.WithoutCancel(ctx), record.ID)
	return nil
}

func (s *Store) checkHost(ctx context.Context, id meeting.ID, by identity.PeerID) error {
	record, _, err := s.get(ctx, id)
	if err == nil && record.HostID != by {
		return ErrNotHost
	}
	return err
}

// maxUpdates bounds how often a change is made again because somebody else's came first.
const maxUpdates = 20

// update changes the record as it is now.
func (s *Store) update(ctx context.Context, id meeting.ID, change func(*meeting.Record) error) (*meeting.Record, error) {
	for range maxUpdates {
		record, revision, err := s.get(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := change(record); err != nil {
			return nil, err
		}
		value, err := encodeRecord(record)
		if err != nil {
			return nil, err
		}
		_, err = s.kv.Put(ctx, meetingKey(id), value, revision, timeToLive(record, time.Now()))
		if err == nil {
			return record, nil
		}
		if !errors.Is(err, kv.ErrConflict) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: changed by others all the time", kv.ErrConflict)
}
