package session

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// door stands between the rendezvous' word of who is in the room and the room's
// core: only who passes the doorkeeper is in it, and as this client takes them.
// It belongs to the loop.
type door struct {
	keeper *e2ee.Doorkeeper
	member *e2ee.MembershipKey // what proofs are checked with; nil for none
	self   e2ee.Session
	said   map[identity.PeerID]protocol.Participant // by the rendezvous, cards included
	guests map[identity.PeerID]guest                // whom the core has, self included
	former map[identity.PeerID]struct{}             // everybody who was let in and is no helper
}

// guest is somebody who was let in.
type guest struct {
	entry   protocol.Participant // as this client takes them; its card is the session's
	session e2ee.Session
	since   int64 // when this session was let in, in the loop's milliseconds
	// by is what its proof was checked with: a new invitation makes nobody less who
	// came by the one before.
	by *e2ee.MembershipKey
}

const (
	saidMost   = 4 * protocol.MaxRoster // entries that a rendezvous may have made up
	formerMost = 4 * protocol.MaxRoster // whose epochs of before are still taken for the room's
)

func newDoor(s secrecy, host identity.PeerID) *door {
	return &door{
		keeper: e2ee.NewDoorkeeper(s.meeting, host, s.member), member: s.member, self: s.self,
		said: make(map[identity.PeerID]protocol.Participant), guests: make(map[identity.PeerID]guest),
		former: make(map[identity.PeerID]struct{}),
	}
}

// hear takes in what the rendezvous says of somebody. A word without a card is
// about the session that is known. It reports whether there is room for them.
func (d *door) hear(p protocol.Participant) bool {
	if p.ID == d.self.ID {
		p.Card = d.self.Card // nobody else can know it better
	}
	before, known := d.said[p.ID]
	if !known && len(d.said) >= saidMost {
		return false
	}
	if known && p.Card == (protocol.Card{}) && p.Session == before.Session {
		p.Card = before.Card
	}
	d.said[p.ID] = p
	return true
}

// roster takes in a whole roster of the rendezvous.
func (d *door) roster(all []protocol.Participant) {
	before := d.said
	d.said = make(map[identity.PeerID]protocol.Participant, len(all))
	for _, p := range all {
		if was, known := before[p.ID]; known {
			d.said[p.ID] = was
		}
		d.hear(p)
	}
}

// judge lets somebody of the rendezvous' roster in, or not.
func (d *door) judge(id identity.PeerID, now int64) (g guest, refused e2ee.Alarm) {
	p := d.said[id]
	before, in := d.guests[id]
	member := d.member
	if in && before.by != nil && before.session.Card == p.Card {
		member = before.by
	}
	d.keeper.SetMembership(member)
	as, session, refused := d.keeper.Judge(p)
	d.keeper.SetMembership(d.member)
	if refused.Code != "" {
		if id != d.self.ID {
			return guest{}, refused
		}
		// Whatever the others make of self, it is here.
		as, session, refused = p, d.self, e2ee.Alarm{}
		as.Role = protocol.RoleParticipant
	}
	as.Card = protocol.Card{}
	g = guest{entry: as, session: session, since: now}
	if session.Proved {
		g.by = member
	}
	if in && before.session.Fingerprint == session.Fingerprint {
		g.since = before.since
	}
	return g, refused
}

// renew has proofs checked with another key from now on.
func (d *door) renew(member *e2ee.MembershipKey) {
	d.member = member
	d.keeper.SetMembership(member)
}

// has tells whether the core has somebody.
func (d *door) has(id identity.PeerID) bool {
	_, in := d.guests[id]
	return in
}

// enter notes that the core has somebody.
func (d *door) enter(g guest) {
	d.guests[g.entry.ID] = g
	if g.entry.Kind != protocol.KindHelper && len(d.former) < formerMost {
		d.former[g.entry.ID] = struct{}{}
	}
}

// wasMember tells whether somebody is or was let in and may have an epoch.
func (d *door) wasMember(id identity.PeerID) bool {
	_, was := d.former[id]
	return was
}

// everybody is whom the rendezvous' roster names, the host first, because what
// others are taken for may hang on it.
func (d *door) everybody(host identity.PeerID) []identity.PeerID {
	ids := make([]identity.PeerID, 0, len(d.said))
	for id := range d.said {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b identity.PeerID) int {
		if (a == host) != (b == host) {
			if a == host {
				return -1
			}
			return 1
		}
		return cmp.Compare(d.said[a].N, d.said[b].N)
	})
	return ids
}

// members are the sessions of everybody who may have an epoch, self included, in
// the order of IDs.
func (d *door) members() []e2ee.Session {
	var list []e2ee.Session
	for _, g := range d.guests {
		if g.entry.Kind != protocol.KindHelper {
			list = append(list, g.session)
		}
	}
	slices.SortFunc(list, func(a, b e2ee.Session) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
