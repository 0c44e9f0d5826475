package rendezvous

import (
	"context"
	"errors"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/guard"
	"github.com/parley-mesh/parley/rendezvous/hub"
	"github.com/parley-mesh/parley/rendezvous/roster"
	"github.com/parley-mesh/parley/rendezvous/store"
)

// records is the store as rooms see it.
type records struct {
	store *store.Store
	guard *guard.Guard
}

// Open implements hub.Records.
func (r records) Open(ctx context.Context, id meeting.ID) (hub.Opened, error) {
	record, err := r.store.Get(ctx, id)
	if errors.Is(err, store.ErrMeetingNotFound) {
		return hub.Opened{}, hub.ErrNoMeeting
	}
	if err != nil {
		return hub.Opened{}, err
	}
	kept, err := r.store.Standings(ctx, id)
	if err != nil {
		return hub.Opened{}, err
	}
	opened := hub.Opened{Meeting: roster.Meeting{
		ID: record.ID, Title: record.Title, HostID: record.HostID, Policy: record.Policy, ExpiresAt: record.ExpiresAt,
	}}
	for _, s := range kept {
		opened.Standings = append(opened.Standings, roster.Standing{ID: s.Peer, CoHost: s.CoHost, Banned: s.Banned, Removed: s.Removed})
	}
	opened.SuspendedUntil, _ = r.guard.Suspended(id)
	return opened, nil
}

// Keep implements hub.Records.
func (r records) Keep(ctx context.Context, id meeting.ID, s roster.Standing) error {
	return r.store.KeepStanding(ctx, id, store.Standing{Peer: s.ID, CoHost: s.CoHost, Banned: s.Banned, Removed: s.Removed})
}

// KeepLocked implements hub.Records.
func (r records) KeepLocked(ctx context.Context, id meeting.ID, locked bool) error {
	return r.store.SetLocked(ctx, id, locked)
}
