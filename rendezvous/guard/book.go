package guard

import (
	"net/netip"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// The rules against guessing that no flag changes.
const (
	rowLimit    = 5              // failures in a row on one meeting from one prefix until the first wait
	rowWait     = time.Minute    // the first wait; each further failure doubles it
	rowDoubles  = 6              // … up to 64 minutes
	rowMemory   = 24 * time.Hour // after so long without a failure the row is forgotten
	suspendAt   = 100            // failures on one meeting within suspendFor
	suspendFor  = time.Hour
	maxPairs    = 32 << 10
	maxClients  = 32 << 10 // prefixes, and as many identities
	maxMeetings = 16 << 10
)

// Client is who tries.
type Client struct {
	Prefix   netip.Prefix
	Identity identity.PeerID
}

// Failure says what was wrong with a try.
type Failure int

// What can be wrong.
const (
	FailureUnknown Failure = iota
	WrongPassword
	UnknownMeeting
	unknownToken
)

// book holds the counters of guessing and decides by them. It is pure: time is an argument, and one goroutine at a time
// may use it.
type book struct {
	rate       Rate // per prefix, and per identity
	pairs      *table[pair, streak]
	prefixes   *table[netip.Prefix, tally]
	identities *table[identity.PeerID, tally]
	meetings   *table[meeting.ID, suspension]
}

type pair struct {
	meeting meeting.ID
	prefix  netip.Prefix
}

// streak is the failures in a row of one pair.
type streak struct {
	failures int
	last     time.Time
	open     int // tries being looked at
}

func (s *streak) until() time.Time {
	if s.failures < rowLimit {
		return time.Time{}
	}
	return s.last.Add(rowWait << min(s.failures-rowLimit, rowDoubles))
}

// allowed is how many tries may be open at once: what is left until the wait, and after it one.
func (s *streak) allowed() int { return max(rowLimit-s.failures, 1) }

type tally struct {
	failed window
	open   int
}

type suspension struct {
	tally
	until time.Time
}

func newBook(rate Rate) *book {
	return &book{
		rate:       rate,
		pairs:      newTable[pair](maxPairs, func(s *streak) bool { return s.open > 0 }),
		prefixes:   newTable[netip.Prefix](maxClients, func(t *tally) bool { return t.open > 0 }),
		identities: newTable[identity.PeerID](maxClients, func(t *tally) bool { return t.open > 0 }),
		meetings:   newTable[meeting.ID](maxMeetings, func(s *suspension) bool { return s.open > 0 }),
	}
}

// verdict on a try: granted, refused, or (neither) to be asked again when an open try has been settled.
type verdict struct {
	granted bool
	refusal *Refusal
}

// reserve opens a try of a password if every rule leaves room for it to fail.
func (b *book) reserve(now time.Time, client Client, id meeting.ID) verdict {
	if b.rate.Off {
		return verdict{granted: true}
	}
	if until := b.suspendedUntil(now, id); !until.IsZero() {
		return verdict{refusal: refuse(WhySuspended, until.Sub(now))}
	}
	if refusal := b.clientRefusal(now, client, false); refusal != nil {
		return verdict{refusal: refusal}
	}
	run := b.streak(now, pair{id, client.Prefix})
	if until := run.until(); now.Before(until) {
		return verdict{refusal: refuse(WhyRow, until.Sub(now))}
	}
	prefix, person, target := b.prefixes.touch(client.Prefix), b.identities.touch(client.Identity), b.meetings.touch(id)
	if run.open >= run.allowed() ||
		prefix.failed.count(now, b.rate.Per)+prefix.open >= b.rate.N ||
		person.failed.count(now, b.rate.Per)+person.open >= b.rate.N ||
		target.failed.count(now, suspendFor)+target.open >= suspendAt {
		return verdict{}
	}
	run.open++
	prefix.open++
	person.open++
	target.open++
	return verdict{granted: true}
}

// clientRefusal refuses a client whose prefix or identity has failed too often, or with reserved as many failures as are
// granted to it but not known yet.
func (b *book) clientRefusal(now time.Time, client Client, reserved bool) *Refusal {
	if wait, over := b.tooMany(b.prefixes.peek(client.Prefix), now, reserved); over {
		return refuse(WhyPrefix, wait)
	}
	if wait, over := b.tooMany(b.identities.peek(client.Identity), now, reserved); over {
		return refuse(WhyIdentity, wait)
	}
	return nil
}

func (b *book) tooMany(t *tally, now time.Time, reserved bool) (wait time.Duration, over bool) {
	if t == nil {
		return 0, false
	}
	failed := t.failed.count(now, b.rate.Per)
	if reserved {
		failed += t.open
	}
	return t.failed.untilBelow(b.rate.N, now, b.rate.Per), failed >= b.rate.N
}

// streak returns the pair's, begun anew if the last failure is long ago.
func (b *book) streak(now time.Time, key pair) *streak {
	run := b.pairs.touch(key)
	if run.failures > 0 && now.Sub(run.last) >= rowMemory {
		run.failures = 0
	}
	return run
}

// close ends an open try without counting it.
func (b *book) close(client Client, id meeting.ID) {
	if b.rate.Off {
		return
	}
	key := pair{id, client.Prefix}
	if run := b.pairs.peek(key); run != nil {
		if run.open--; run.open == 0 && run.failures == 0 {
			b.pairs.remove(key)
		}
	}
	if t := b.prefixes.peek(client.Prefix); t != nil {
		t.open--
	}
	if t := b.identities.peek(client.Identity); t != nil {
		t.open--
	}
	if s := b.meetings.peek(id); s != nil {
		if s.open--; s.open == 0 && s.failed == (window{newest: s.failed.newest}) && s.until.IsZero() {
			b.meetings.remove(id)
		}
	}
}

// fail counts a failure, and reports whether it has just suspended the meeting.
func (b *book) fail(now time.Time, client Client, id meeting.ID, failure Failure) (suspended bool) {
	if b.rate.Off {
		return false
	}
	b.prefixes.touch(client.Prefix).failed.add(now, b.rate.Per)
	b.identities.touch(client.Identity).failed.add(now, b.rate.Per)
	if failure == unknownToken {
		return false
	}
	run := b.streak(now, pair{id, client.Prefix})
	run.failures++
	run.last = now
	if failure == UnknownMeeting {
		return false
	}
	target := b.meetings.touch(id)
	target.failed.add(now, suspendFor)
	if target.failed.count(now, suspendFor) < suspendAt {
		return false
	}
	// When the suspension ends all of these are an hour old.
	target.failed = window{}
	target.until = now.Add(suspendFor)
	return true
}

// succeed ends the row of the pair, and reports whether there was one.
func (b *book) succeed(client Client, id meeting.ID) (ended bool) {
	if run := b.pairs.peek(pair{id, client.Prefix}); run != nil && run.failures > 0 {
		run.failures = 0
		return true
	}
	return false
}

// suspendedUntil is zero if the meeting takes passwords.
func (b *book) suspendedUntil(now time.Time, id meeting.ID) time.Time {
	if s := b.meetings.peek(id); s != nil && now.Before(s.until) {
		return s.until
	}
	return time.Time{}
}
