package store

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

// AuthoriseByPassword returns the meeting if the password is its own, else ErrMeetingNotFound or ErrWrongPassword, which take the same
// time, or ErrBusy. The guard has reserved the try before. Whether the policy lets in by password is for the caller to look at.
func (s *Store) AuthoriseByPassword(ctx context.Context, id meeting.ID, password string) (*meeting.Record, error) {
	record, err := s.authoriseByPassword(ctx, id, password)
	if err != nil {
		return nil, fmt.Errorf("store: authorise: %w", err)
	}
	return record, nil
}

func (s *Store) authoriseByPassword(ctx context.Context, id meeting.ID, password string) (*meeting.Record, error) {
	record, _, err := s.get(ctx, id)
	unknown := errors.Is(err, ErrMeetingNotFound)
	if err != nil && !unknown {
		return nil, err
	}
	verifier := newVerifier()
	if !unknown {
		verifier = record.Password
	}
	normal, err := meeting.NormalPassword(password)
	if err != nil {
		normal = "" // no meeting's; it is hashed all the same
	}
	right, err := s.hasher.check(ctx, verifier, normal)
	switch {
	case err != nil:
		return nil, err
	case unknown:
		return nil, ErrMeetingNotFound
	case !right:
		return nil, ErrWrongPassword
	default:
		return record, nil
	}
}

// AuthoriseByToken returns the meeting that the token invites to, or ErrInvitationNotFound.
func (s *Store) AuthoriseByToken(ctx context.Context, token meeting.Token) (*meeting.Record, error) {
	record, err := s.byToken(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("store: authorise: %w", err)
	}
	return record, nil
}

// Preview returns the meeting that the token invites to, with the password that its page shows, or ErrInvitationNotFound.
func (s *Store) Preview(ctx context.Context, token meeting.Token) (*meeting.Record, string, error) {
	record, err := s.byToken(ctx, token)
	if err != nil {
		return nil, "", fmt.Errorf("store: preview: %w", err)
	}
	password, err := openPassword(token, record.Invitation, record.ID)
	if err != nil {
		return nil, "", fmt.Errorf("store: preview: %w", err)
	}
	return record, password, nil
}

func (s *Store) byToken(ctx context.Context, token meeting.Token) (*meeting.Record, error) {
	hash := token.Hash()
	entry, err := s.kv.Get(ctx, tokenKey(hash[:]))
	if errors.Is(err, kv.ErrNotFound) {
		return nil, ErrInvitationNotFound
	}
	if err != nil {
		return nil, err
	}
	var index tokenEntry
	if err := json.Unmarshal(entry.Value, &index); err != nil {
		return nil, fmt.Errorf("%w: an invitation's index is not JSON", meeting.ErrRecord)
	}
	record, _, err := s.get(ctx, index.Meeting)
	if errors.Is(err, ErrMeetingNotFound) {
		return nil, ErrInvitationNotFound
	}
	if err != nil {
		return nil, err
	}
	if record.Invitation == nil || subtle.ConstantTimeCompare(record.Invitation.Hash, hash[:]) != 1 {
		return nil, ErrInvitationNotFound
	}
	return record, nil
}
