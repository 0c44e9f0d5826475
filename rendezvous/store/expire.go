package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

const (
	sweepEvery = time.Hour
	// sweepAge is how old an index without a record must be: a creation may be between its two writes.
	sweepAge = 10 * time.Minute
)

// Event tells that a meeting was created or changed, or with a nil Record that it has ended.
type Event struct {
	ID     meeting.ID
	Record *meeting.Record
}

// Watch sends what happens to meetings after it has returned, expiry too as long as Run runs. The channel is closed when ctx or the
// store ends, and for a reader who falls behind: it watches again and looks at what it is interested in.
func (s *Store) Watch(ctx context.Context) (<-chan Event, error) {
	changes, err := s.kv.Watch(ctx, meetingPrefix)
	if err != nil {
		return nil, fmt.Errorf("store: watch: %w", err)
	}
	events := make(chan Event)
	go func() {
		defer close(events)
		for change := range changes {
			event := Event{ID: meeting.ID(change.Key[len(meetingPrefix):])}
			if !change.Deleted {
				record, err := decodeRecord(kv.Entry{Key: change.Key, Value: change.Value})
				if err != nil {
					s.log.Warn("a stored meeting cannot be read", "error", err)
					continue
				}
				event.Record = record
			}
			select {
			case events <- event:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events, nil
}

// Run deletes meetings when they expire, and what crashes left behind, until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := s.runOnce(ctx)
		if errors.Is(err, kv.ErrClosed) {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("could not look for expired meetings", "error", err)
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// runOnce returns nil when it has to begin anew because it fell behind the changes.
func (s *Store) runOnce(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := s.kv.Watch(ctx, meetingPrefix)
	if err != nil {
		return err
	}
	due := newAgenda()
	if err := s.each(ctx, meetingPrefix, func(entry kv.Entry) error {
		s.note(due, entry)
		return nil
	}); err != nil {
		return err
	}
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		timer := time.NewTimer(due.wait(time.Now()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case change, open := <-changes:
			timer.Stop()
			if !open {
				return nil
			}
			if change.Deleted {
				due.cancel(meeting.ID(change.Key[len(meetingPrefix):]))
			} else {
				s.note(due, kv.Entry{Key: change.Key, Value: change.Value})
			}
		case <-timer.C:
			if err := s.expire(ctx, due); err != nil {
				return err
			}
		case <-sweep.C:
			timer.Stop()
			if err := s.sweep(ctx); err != nil {
				return err
			}
		}
	}
}

// note puts a record's expiry on the agenda, or takes it off.
func (s *Store) note(due *agenda, entry kv.Entry) {
	record, err := decodeRecord(entry)
	switch {
	case err != nil:
		s.log.Warn("a stored meeting cannot be read", "error", err)
	case record.ExpiresAt == nil:
		due.cancel(record.ID)
	default:
		due.set(record.ID, *record.ExpiresAt)
	}
}

// expire deletes the meetings that are over.
func (s *Store) expire(ctx context.Context, due *agenda) error {
	for {
		id, over := due.next(time.Now())
		if !over {
			return nil
		}
		// A conflict is a change, which is noted when its event is read.
		if err := s.expireOne(ctx, id); err != nil && !errors.Is(err, kv.ErrConflict) {
			return err
		}
		due.cancel(id)
	}
}

func (s *Store) expireOne(ctx context.Context, id meeting.ID) error {
	entry, err := s.kv.Get(ctx, meetingKey(id))
	if errors.Is(err, kv.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	record, err := decodeRecord(entry)
	if err != nil || !record.Expired(time.Now()) {
		return nil
	}
	return s.remove(ctx, record, entry.Revision)
}

// sweep removes indexes and standings whose meeting is no more.
func (s *Store) sweep(ctx context.Context) error {
	for _, prefix := range []string{tokenPrefix, hostPrefix, standingPrefix} {
		if err := s.each(ctx, prefix, func(entry kv.Entry) error {
			alive, err := s.points(ctx, entry)
			if err != nil || alive {
				return err
			}
			if err := s.kv.Delete(ctx, entry.Key, entry.Revision); !errors.Is(err, kv.ErrConflict) {
				return err
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// points reports whether an index leads to a record that points back, or may soon.
func (s *Store) points(ctx context.Context, entry kv.Entry) (bool, error) {
	var err error
	var since time.Time
	switch prefix, rest, _ := strings.Cut(entry.Key, "/"); prefix + "/" {
	case tokenPrefix:
		var index tokenEntry
		if json.Unmarshal(entry.Value, &index) != nil {
			return false, nil
		}
		since = index.Since
		var record *meeting.Record
		record, _, err = s.get(ctx, index.Meeting)
		if err == nil && (record.Invitation == nil || tokenKey(record.Invitation.Hash) != entry.Key) {
			err = ErrMeetingNotFound
		}
	case hostPrefix:
		host, last, _ := strings.Cut(rest, "/")
		since, _, _ = parseHostEntry(last)
		_, err = s.byHostEntry(ctx, identity.PeerID(host), last)
	case standingPrefix:
		id, _, _ := strings.Cut(rest, "/")
		_, _, err = s.get(ctx, meeting.ID(id))
	}
	switch {
	case errors.Is(err, ErrMeetingNotFound):
		return time.Since(since) < sweepAge, nil
	case errors.Is(err, meeting.ErrRecord):
		return true, nil // somebody may still mend it
	default:
		return err == nil, err
	}
}

// each calls f for everything under prefix.
func (s *Store) each(ctx context.Context, prefix string, f func(kv.Entry) error) error {
	for cursor := ""; ; {
		page, err := s.kv.List(ctx, prefix, cursor, kv.MaxPage)
		if err != nil {
			return err
		}
		for _, entry := range page.Entries {
			if err := f(entry); err != nil {
				return err
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}
