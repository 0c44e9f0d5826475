package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/rendezvous/kv"
)

// journal keeps what the book was told, one key for each failure, so that it can be told again after a
// restart: one synced write each, nothing to read before it, and no order in which a crash could forgive.
type journal struct {
	store kv.Store
	log   *slog.Logger

	mu     sync.Mutex
	kept   []int64   // the numbers of the keys, oldest first
	warned time.Time // when the log last heard that the disk is full
}

const (
	journalPrefix = "guard/failures/"
	journalTTL    = rowMemory // what the longest rule looks back
	maxJournal    = 100_000   // keys; the oldest go first
	warnEvery     = time.Minute
)

// What an entry of the journal tells.
const (
	entryWrongPassword  = "wrong_password"
	entryUnknownMeeting = "unknown_meeting"
	entryUnknownToken   = "unknown_token"
	entrySuccess        = "success"
)

type entry struct {
	What     string          `json:"what"`
	At       int64           `json:"at"` // Unix nanoseconds
	Prefix   netip.Prefix    `json:"prefix"`
	Identity identity.PeerID `json:"identity"`
	Meeting  meeting.ID      `json:"meeting,omitzero"`
}

func entryOf(failure Failure) string {
	if failure == UnknownMeeting {
		return entryUnknownMeeting
	}
	return entryWrongPassword
}

func (e entry) tell(b *book, now time.Time) {
	at := time.Unix(0, e.At)
	if at.After(now) {
		at = now // the clock was set back; the failure still counts
	}
	client := Client{Prefix: e.Prefix, Identity: e.Identity}
	switch e.What {
	case entryWrongPassword:
		b.fail(at, client, e.Meeting, WrongPassword)
	case entryUnknownMeeting:
		b.fail(at, client, e.Meeting, UnknownMeeting)
	case entryUnknownToken:
		b.fail(at, client, "", unknownToken)
	case entrySuccess:
		b.succeed(client, e.Meeting)
	}
}

func journalKey(number int64) string { return fmt.Sprintf("%s%020d", journalPrefix, number) }

// replay tells the book everything that is kept, in the order in which it happened.
func (j *journal) replay(ctx context.Context, b *book, now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for cursor := ""; ; {
		page, err := j.store.List(ctx, journalPrefix, cursor, kv.MaxPage)
		if err != nil {
			return fmt.Errorf("guard: read the failures: %w", err)
		}
		for _, kept := range page.Entries {
			number, err := strconv.ParseInt(kept.Key[len(journalPrefix):], 10, 64)
			var e entry
			if err == nil {
				err = json.Unmarshal(kept.Value, &e)
			}
			if err != nil {
				j.log.Warn("a kept failure cannot be read and is passed over")
				continue
			}
			j.kept = append(j.kept, number)
			e.tell(b, now)
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// write keeps an entry. It does not give up when the client does: a failure counts whether or not its answer is awaited. On
// a full disk it succeeds without keeping, because the book still counts, and people with the right
// password must get in.
func (j *journal) write(ctx context.Context, at time.Time, client Client, id meeting.ID, what string) error {
	ctx = context.WithoutCancel(ctx)
	value, err := json.Marshal(entry{What: what, At: at.UnixNano(), Prefix: client.Prefix, Identity: client.Identity, Meeting: id})
	if err != nil {
		return fmt.Errorf("guard: keep a failure: %w", err)
	}
	for {
		number := j.next(at)
		_, err = j.store.Put(ctx, journalKey(number), value, kv.Absent, journalTTL)
		switch {
		case err == nil:
			return j.trim(ctx)
		case errors.Is(err, kv.ErrConflict):
			continue // another process's; the next number is free
		case errors.Is(err, kv.ErrFull):
			j.warn(at)
			return j.trim(ctx)
		default:
			return fmt.Errorf("guard: keep a failure: %w", err)
		}
	}
}

// next is a number that rises with time and was not given before.
func (j *journal) next(at time.Time) int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	number := at.UnixNano()
	if len(j.kept) > 0 {
		number = max(number, j.kept[len(j.kept)-1]+1)
	}
	j.kept = append(j.kept, number)
	return number
}

// trim keeps the number of keys bounded.
func (j *journal) trim(ctx context.Context) error {
	j.mu.Lock()
	if len(j.kept) <= maxJournal {
		j.mu.Unlock()
		return nil
	}
	oldest := j.kept[0]
	j.kept = j.kept[1:]
	j.mu.Unlock()
	if err := j.store.Delete(ctx, journalKey(oldest), kv.Any); err != nil && !errors.Is(err, kv.ErrFull) {
		return fmt.Errorf("guard: forget the oldest failure: %w", err)
	}
	return nil
}

func (j *journal) warn(at time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if at.Sub(j.warned) >= warnEvery {
		j.warned = at
		j.log.Warn("the disk is full: failures are counted, but a restart would forget them")
	}
}
