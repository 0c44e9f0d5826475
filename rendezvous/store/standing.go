package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

// MaxStandings bounds about how many people of one meeting something can be kept.
const MaxStandings = 1000

// Standing is what was decided about somebody in a meeting and outlives its room.
type Standing struct {
	Peer    identity.PeerID `json:"-"`
	CoHost  bool            `json:"co_host,omitzero"`
	Banned  bool            `json:"banned,omitzero"`
	Removed time.Time       `json:"removed,omitzero"` // voids the tickets made until then
}

// KeepStanding stores a standing in place of the earlier one of that person. It fails with ErrMeetingNotFound or ErrStandings.
func (s *Store) KeepStanding(ctx context.Context, id meeting.ID, standing Standing) error {
	if err := s.keepStanding(ctx, id, standing); err != nil {
		return fmt.Errorf("store: keep a standing: %w", err)
	}
	return nil
}

func (s *Store) keepStanding(ctx context.Context, id meeting.ID, standing Standing) error {
	if _, err := identity.ParsePeerID(string(standing.Peer)); err != nil {
		return err
	}
	if _, _, err := s.get(ctx, id); err != nil {
		return err
	}
	key := standingKey(id, standing.Peer)
	if standing == (Standing{Peer: standing.Peer}) {
		return s.kv.Delete(ctx, key, kv.Any)
	}
	if _, err := s.kv.Get(ctx, key); errors.Is(err, kv.ErrNotFound) {
		page, err := s.kv.List(ctx, standingKey(id, ""), "", MaxStandings)
		if err != nil {
			return err
		}
		if len(page.Entries) >= MaxStandings {
			return ErrStandings
		}
	} else if err != nil {
		return err
	}
	value, err := json.Marshal(standing)
	if err != nil {
		return err
	}
	_, err = s.kv.Put(ctx, key, value, kv.Any, 0)
	return err
}

// Standings returns all that are kept for a meeting.
func (s *Store) Standings(ctx context.Context, id meeting.ID) ([]Standing, error) {
	prefix := standingKey(id, "")
	page, err := s.kv.List(ctx, prefix, "", MaxStandings)
	if err != nil {
		return nil, fmt.Errorf("store: standings: %w", err)
	}
	standings := make([]Standing, 0, len(page.Entries))
	for _, entry := range page.Entries {
		standing := Standing{Peer: identity.PeerID(entry.Key[len(prefix):])}
		if err := json.Unmarshal(entry.Value, &standing); err != nil {
			return nil, fmt.Errorf("store: standings: %w: not JSON", meeting.ErrRecord)
		}
		standings = append(standings, standing)
	}
	return standings, nil
}

func (s *Store) forgetStandings(ctx context.Context, id meeting.ID) {
	page, err := s.kv.List(ctx, standingKey(id, ""), "", MaxStandings)
	if err != nil {
		return // the sweep finds them
	}
	for _, entry := range page.Entries {
		_ = s.kv.Delete(ctx, entry.Key, kv.Any)
	}
}
