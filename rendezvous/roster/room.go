package roster

import (
	"cmp"
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Config is what a room begins with.
type Config struct {
	Meeting Meeting
	// Standings is what is remembered of identities from before.
	Standings []Standing
	// SuspendedUntil is until when entry by password is suspended; zero: it is not.
	SuspendedUntil time.Time
	// Ticket seals a resume ticket. It is a function of its arguments but for the
	// seal's randomness.
	Ticket func(now time.Time, c Claims) string
	// ICEServers is told to everybody.
	ICEServers []protocol.ICEServer
}

// Room is the state of one room. It is not safe for concurrent use.
type Room struct {
	config    Config
	meeting   Meeting
	suspended time.Time
	ended     bool

	opened  int64     // in milliseconds: join numbers below it are of an earlier life
	last    int64     // the last number given
	members []*member // in the roster, by join number
	waiting []*member // in order of arrival
	byID    map[identity.PeerID]*member
	byConn  map[Conn]*member
	chair   identity.PeerID
	calls   []time.Time // for helpers, of the last CallsWithin

	standings map[identity.PeerID]Standing

	due time.Time // no later than the next thing that time brings; zero: never
	out []Output
}

// New opens a room with nobody in it.
func New(now time.Time, config Config) *Room {
	r := &Room{
		config:    config,
		meeting:   config.Meeting,
		suspended: config.SuspendedUntil,
		opened:    now.UnixMilli(),
		byID:      make(map[identity.PeerID]*member),
		byConn:    make(map[Conn]*member),
		standings: make(map[identity.PeerID]Standing, len(config.Standings)),
	}
	for _, s := range config.Standings {
		r.standings[s.ID] = s
	}
	if expires := config.Meeting.ExpiresAt; expires != nil {
		r.wake(*expires)
	}
	return r
}

// Step takes one input and returns what is to be done. The slice is good until
// the next Step.
func (r *Room) Step(now time.Time, in Input) []Output {
	clear(r.out)
	r.out = r.out[:0]
	if e := r.meeting.ExpiresAt; e != nil && !now.Before(*e) {
		r.end(now)
	}
	switch in := in.(type) {
	case Enter:
		r.enter(now, in)
	case Receive:
		r.receive(now, in)
	case Disconnected:
		r.disconnected(now, in.Conn)
	case Change:
		r.change(now, in.Meeting)
	case Suspended:
		if !r.suspended.Equal(in.Until) {
			r.suspended = in.Until
			r.tellChairOfSuspension(now)
		}
	case End:
		r.end(now)
	case Restart:
		r.restart()
	case Tick:
		r.tick(now)
	}
	return r.out
}

// Deadline is when to call Step with a [Tick]; zero when time changes nothing.
func (r *Room) Deadline() time.Time { return r.due }

// Empty tells that nobody is in the room or waits, and that it can be let go.
func (r *Room) Empty() bool { return len(r.byID) == 0 }

// Meeting is the record as the room knows it.
func (r *Room) Meeting() Meeting { return r.meeting }

// Inside is how many participants are in, helpers left out.
func (r *Room) Inside() int {
	n := 0
	for _, m := range r.members {
		if !m.helps() {
			n++
		}
	}
	return n
}

// Roster is a copy of the entries, in order of join number.
func (r *Room) Roster() []protocol.Participant { return participants(r.members) }

// Standings is everything remembered of identities, in no order.
func (r *Room) Standings() []Standing {
	out := make([]Standing, 0, len(r.standings))
	for _, s := range r.standings {
		out = append(out, s)
	}
	return out
}

func participants(members []*member) []protocol.Participant {
	out := make([]protocol.Participant, len(members))
	for i, m := range members {
		out[i] = m.Participant
	}
	return out
}

// number gives the next join or session number.
func (r *Room) number(now time.Time) int64 {
	r.last = max(r.last+1, now.UnixMilli())
	return r.last
}

// wake makes the deadline no later than t.
func (r *Room) wake(t time.Time) {
	if r.due.IsZero() || t.Before(r.due) {
		r.due = t
	}
}

// insert puts a member into the roster, in its order.
func (r *Room) insert(m *member) {
	at, _ := slices.BinarySearchFunc(r.members, m.N, func(o *member, n int64) int { return cmp.Compare(o.N, n) })
	r.members = slices.Insert(r.members, at, m)
}

// drop forgets a member, wherever it is.
func (r *Room) drop(m *member) {
	same := func(o *member) bool { return o == m }
	r.members = slices.DeleteFunc(r.members, same)
	r.waiting = slices.DeleteFunc(r.waiting, same)
	delete(r.byID, m.ID)
	r.unplug(m)
}

// unplug parts a member from its socket.
func (r *Room) unplug(m *member) {
	delete(r.byConn, m.conn)
	m.conn = 0
}

// plug gives a member a socket.
func (r *Room) plug(now time.Time, m *member, conn Conn) {
	m.conn, m.heard, m.lost = conn, now, time.Time{}
	r.byConn[conn] = m
	r.wake(now.Add(Silence))
}

// seat tells who has the chair now, and lets a new one know what a chair must.
func (r *Room) seat(now time.Time) {
	before := r.chair
	r.chair = protocol.ActingHost(r.Roster())
	if r.chair == before {
		return
	}
	if old := r.byID[before]; old != nil && !old.waiting && len(r.waiting) > 0 {
		r.post(now, old, encode(protocol.Waiting{}))
	}
	if len(r.waiting) > 0 {
		r.tellChairWhoWaits(now)
	}
	r.tellChairOfSuspension(now)
}

func (r *Room) tellChairWhoWaits(now time.Time) {
	if chair := r.byID[r.chair]; chair != nil {
		r.post(now, chair, encode(protocol.Waiting{Waiting: participants(r.waiting)}))
	}
}

func (r *Room) tellChairOfSuspension(now time.Time) {
	chair := r.byID[r.chair]
	if chair == nil || !now.Before(r.suspended) {
		return
	}
	until := r.suspended
	changed := r.policyChanged()
	changed.SuspendedUntil = &until
	r.post(now, chair, encode(changed))
}

// tellPolicy tells everybody of the record as it is now.
func (r *Room) tellPolicy(now time.Time) {
	r.postAll(now, r.policyChanged(), nil)
	r.tellChairOfSuspension(now)
}

func (r *Room) policyChanged() protocol.PolicyChanged {
	return protocol.PolicyChanged{Title: r.meeting.Title, Policy: r.meeting.Policy, ExpiresAt: r.meeting.ExpiresAt}
}
