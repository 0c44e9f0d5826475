package session

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// admitted are the entries of a welcome's roster that the core may see; none of
// a resumed one, of which the core does not look at the roster.
func (l *loop) admitted(w protocol.Welcome, resumed bool) []protocol.Participant {
	if resumed {
		return nil
	}
	l.door.roster(w.Roster)
	l.door.hear(w.Self)
	roster := make([]protocol.Participant, 0, len(w.Roster))
	for _, id := range l.door.everybody(l.hostID) {
		g, refused := l.door.judge(id, l.millis())
		if refused.Code != "" {
			l.refuse(refused)
			continue
		}
		if _, said := l.door.said[id]; said && !l.door.isSentAway(g) {
			l.admit(g)
			roster = append(roster, g.entry)
		}
	}
	return roster
}

// hears takes in what the rendezvous says of one participant.
func (l *loop) hears(p protocol.Participant) {
	if p.ID == l.self && p.Session != l.number {
		return // only a welcome gives self another session
	}
	before := l.door.said[p.ID]
	if !l.door.hear(p) {
		return
	}
	now := l.door.said[p.ID]
	before.Presence = now.Presence
	if g, in := l.door.guests[p.ID]; in && before == now { // most words are about presence alone
		g.entry.Presence = now.Presence
		l.door.guests[p.ID] = g
		l.core.happened(room.Updated{Participant: g.entry})
		l.dirty.roster = true
		return
	}
	if before == now && before.ID != "" {
		return // refused, and nothing about that has changed
	}
	if p.ID == l.hostID {
		l.review() // what others are taken for may hang on the host
		return
	}
	l.consider(p.ID)
	l.tellAlarms()
}

// refuse tells of somebody who is not accepted, and lets go of them if they were.
func (l *loop) refuse(a e2ee.Alarm) {
	// Whose card is the older one has come back, and waits.
	if _, said := l.door.said[a.ID]; l.door.accuses(a) && (said || a.Code != e2ee.AlarmStale) {
		l.alarm(a)
	}
	if l.door.has(a.ID) {
		l.turnOut(a.ID)
	}
}

// consider judges somebody and tells the core.
func (l *loop) consider(id identity.PeerID) {
	g, refused := l.door.judge(id, l.millis())
	in := l.door.has(id)
	if refused.Code != "" {
		l.refuse(refused)
		return
	}
	if l.door.isSentAway(g) {
		return // whatever the rendezvous does, that key gets no epoch
	}
	if _, said := l.door.said[id]; !said {
		return // nothing is new about who was lost
	}
	l.admit(g)
	if in {
		l.core.happened(room.Updated{Participant: g.entry})
	} else {
		l.core.happened(room.Joined{Participant: g.entry})
	}
	if !l.core.state.Has(id) {
		delete(l.door.guests, id) // it was sent away before
	}
	l.dirty.roster = true
}

// admit makes somebody known by their key, before the core makes any use of them.
func (l *loop) admit(g guest) {
	before, in := l.door.guests[g.entry.ID]
	l.door.enter(g, l.millis())
	l.door.hostProved = l.door.hostProved || (g.entry.ID == l.hostID && g.session.Proved)
	if in && before.session.Fingerprint == g.session.Fingerprint {
		return
	}
	if in {
		l.keys.forget(before.session.Fingerprint)
	}
	if l.core.state.ActingHost() == l.self && g.entry.ID != l.self {
		l.keys.owe(g.entry.ID) // nobody else may have reason to write to them
	}
	l.dirty.keys = true
}

// review judges everybody anew: who may be here has changed.
func (l *loop) review() {
	for _, id := range l.door.everybody(l.hostID) {
		l.consider(id)
	}
	l.tellAlarms()
}

// turnOut lets go of somebody who is no longer accepted. What is said from now
// on is not for them.
func (l *loop) turnOut(id identity.PeerID) {
	delete(l.door.guests, id)
	l.core.happened(room.Left{ID: id, Why: protocol.LeftLeft})
	l.keys.spoiled = true
	l.dirty.roster, l.dirty.keys = true, true
}

// sweep forgets those whom the core does not have: it began anew.
func (l *loop) sweep() {
	for id := range l.door.guests {
		if !l.core.state.Has(id) {
			delete(l.door.guests, id)
		}
	}
}

// sendAway has somebody not come back with this session, nor by an invitation of
// before: they may have kept every one that they ever had.
func (l *loop) sendAway(id identity.PeerID) {
	l.door.sendAway(id)
	if slices.ContainsFunc(l.kept.Former, func(f Former) bool { return slices.Contains(f.Members, id) }) {
		l.keep(func(k *Kept) { k.strike(id) })
	}
	for i := range l.door.older {
		l.door.older[i].members = without(l.door.older[i].members, id)
	}
}

// leaves takes in the rendezvous' word that somebody has left.
func (l *loop) leaves(f protocol.Left) {
	delete(l.door.said, f.ID)
	if f.Why == protocol.LeftRemoved || f.Why == protocol.LeftDenied {
		l.sendAway(f.ID)
	}
	if l.door.has(f.ID) && (f.Why == protocol.LeftRemoved || f.Why == protocol.LeftDenied) {
		l.keys.spoiled = true
		if f.Why == protocol.LeftRemoved {
			l.expectEpoch()
		}
	}
	l.core.happened(room.Left{ID: f.ID, Why: f.Why})
	l.dirty.roster = true
}
