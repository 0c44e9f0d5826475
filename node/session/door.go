package session

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// door stands between the rendezvous' word of who is in the room and the room's
// core: only who passes the doorkeeper is in it, and as this client takes them.
// It belongs to the loop.
type door struct {
	meeting meeting.ID
	keeper  *e2ee.Doorkeeper
	member  *e2ee.MembershipKey // what proofs are checked with; nil for none
	older   []formerKey         // what those of some others are, who came before the host's new invitation
	self    e2ee.Session
	said    map[identity.PeerID]protocol.Participant // by the rendezvous, cards included
	guests  map[identity.PeerID]guest                // whom the core has, self included
	// sentAway are the sessions of who was removed or denied in this stay: none of
	// them comes back, and its participant by another session is told less.
	sentAway []e2ee.Session
	// presumed: entry is by invitation as this client remembers it, and nobody has said
	// so in this stay, so nobody is accused of coming without.
	presumed bool
	// hostProved: the host has proved to be invited in this stay.
	hostProved bool
	former     []visit // every session that was let in, the oldest first
}

// visit is a session that was let in.
type visit struct {
	party
	helper bool
	again  bool  // its participant had been let in with another number
	since  int64 // when it was let in, in the loop's milliseconds
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
	saidMost     = 4 * protocol.MaxRoster // entries that a rendezvous may have made up
	sentAwayMost = 1024                   // past them the oldest are forgotten
	formerMost   = 4 * protocol.MaxRoster // whose word of before is still taken for the room's
)

func newDoor(s secrecy, host identity.PeerID) *door {
	d := &door{
		meeting: s.meeting, keeper: e2ee.NewDoorkeeper(s.meeting, host, s.member), member: s.member, self: s.self,
		older: formerKeys(s.kept.Former, s.meeting),
		said:  make(map[identity.PeerID]protocol.Participant), guests: make(map[identity.PeerID]guest),
	}
	if s.kept.Entry != "" {
		d.keeper.SetEntry(s.kept.Entry, true)
	}
	d.presumed = s.kept.Entry == meeting.EntryInvitation && s.self.ID != host
	return d
}

// setEntry takes somebody's word of who may come in: after it all are to be judged anew.
func (d *door) setEntry(e meeting.Entry, byHost bool) {
	d.keeper.SetEntry(e, byHost)
	d.presumed = d.presumed && !byHost && e != meeting.EntryInvitation
}

// accuses tells whether somebody who is refused is told of.
func (d *door) accuses(a e2ee.Alarm) bool { return a.Code != e2ee.AlarmUninvited || !d.presumed }

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

// sendAway notes that somebody who is in does not come back with this session.
func (d *door) sendAway(id identity.PeerID) {
	if g, in := d.guests[id]; in {
		d.sentAway = append(d.sentAway, g.session)
		d.sentAway = d.sentAway[max(0, len(d.sentAway)-sentAwayMost):]
	}
}

func (d *door) isSentAway(g guest) bool {
	return slices.ContainsFunc(d.sentAway, func(s e2ee.Session) bool { return s.Fingerprint == g.session.Fingerprint })
}

func (d *door) wasSentAway(id identity.PeerID) bool {
	return slices.ContainsFunc(d.sentAway, func(s e2ee.Session) bool { return s.ID == id })
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

// judge lets somebody of the rendezvous' roster in, or not; or somebody who was
// let in and is not in it any more, but may still be in the room.
func (d *door) judge(id identity.PeerID, now int64) (g guest, refused e2ee.Alarm) {
	p, said := d.said[id]
	before, in := d.guests[id]
	if !said {
		p = before.entry
		p.Card = before.session.Card
	}
	member := d.proving(p)
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

// proving is what somebody's proof is to be checked with: the membership key, but
// for who was inside by a former one, has proved to have no newer, and was not
// sent away.
func (d *door) proving(p protocol.Participant) *e2ee.MembershipKey {
	if d.member == nil || d.wasSentAway(p.ID) || d.member.Proves(d.meeting, p.ID, p.Card) {
		return d.member
	}
	for i := range d.older {
		if f := &d.older[i]; slices.Contains(f.members, p.ID) && f.member.Proves(d.meeting, p.ID, p.Card) {
			return &f.member
		}
	}
	return d.member
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
func (d *door) enter(g guest, now int64) {
	d.guests[g.entry.ID] = g
	p := party{g.entry.ID, g.entry.Session}
	if d.visit(p) != nil {
		return
	}
	if len(d.former) >= formerMost {
		d.former = slices.Delete(d.former, 0, 1)
	}
	d.former = append(d.former, visit{
		party: p, helper: g.entry.Kind == protocol.KindHelper, since: now,
		again: slices.ContainsFunc(d.former, func(v visit) bool { return v.id == p.id }),
	})
}

func (d *door) visit(p party) *visit {
	i := slices.IndexFunc(d.former, func(v visit) bool { return v.party == p })
	if i < 0 {
		return nil
	}
	return &d.former[i]
}

// wasMember tells whether a session is or was let in during this stay and may
// have an epoch: what its participant said in another stay is not for this one.
func (d *door) wasMember(id identity.PeerID, session int64) bool {
	if g, here := d.guests[id]; here && g.entry.Session == session {
		return g.entry.Kind != protocol.KindHelper
	}
	v := d.visit(party{id, session})
	return v != nil && !v.helper
}

// renumbered tells whether somebody's session has had another number until lately.
func (d *door) renumbered(p party, now int64) bool {
	v := d.visit(p)
	return v != nil && v.again && now < v.since+againFor
}

// everybody is whom the rendezvous' roster names and who was let in, the host
// first, because what others are taken for may hang on it.
func (d *door) everybody(host identity.PeerID) []identity.PeerID {
	ids := make([]identity.PeerID, 0, len(d.said))
	n := make(map[identity.PeerID]int64, len(d.said))
	for id, p := range d.said {
		ids = append(ids, id)
		n[id] = p.N
	}
	for id, g := range d.guests {
		if _, said := d.said[id]; !said {
			ids = append(ids, id)
			n[id] = g.entry.N
		}
	}
	slices.SortFunc(ids, func(a, b identity.PeerID) int {
		if (a == host) != (b == host) {
			if a == host {
				return -1
			}
			return 1
		}
		return cmp.Compare(n[a], n[b])
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
