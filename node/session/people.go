package session

import (
	"maps"
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// roster is everybody in the room, with self's presence as it is here.
func (l *loop) roster() []protocol.Participant {
	people := l.core.state.People()
	roster := make([]protocol.Participant, len(people))
	for i, p := range people {
		roster[i] = p.Participant
		if p.ID == l.self {
			roster[i].Presence = l.presence
		}
	}
	return roster
}

// presenceOf tells what somebody who is here shows.
func (l *loop) presenceOf(id identity.PeerID) (protocol.Presence, bool) {
	p, here := l.core.state.Person(id)
	return p.Presence, here
}

// may tells whether a circle of the policy has somebody in it.
func (l *loop) may(id identity.PeerID, who meeting.Who) bool {
	if who != meeting.WhoHost || l.core.state.ActingHost() == id {
		return true
	}
	p := l.core.person(id)
	return p != nil && (p.Role == protocol.RoleHost || p.Role == protocol.RoleCoHost)
}

// rosterChanged draws the consequences of who is here and what they show.
func (l *loop) rosterChanged() {
	if !l.core.state.Inside() {
		return
	}
	roster := l.roster()
	if l.topic != nil {
		l.topic.SetMembers(roster)
	}
	l.out.tell(Roster{Participants: roster, Safety: Safety(l.code), Waiting: slices.Clone(l.waiting)})
	recorders := make(map[identity.PeerID]bool)
	here := make(map[identity.PeerID]bool, len(roster))
	for _, p := range roster {
		here[p.ID] = true
		if p.Presence.Recording {
			recorders[p.ID] = true
			if !l.told.recorders[p.ID] {
				l.out.tell(Recording{ID: p.ID, On: true})
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.told.recorders)) {
		if !recorders[id] {
			l.out.tell(Recording{ID: id, On: false})
		}
	}
	l.told.recorders = recorders
	for id := range l.capacities {
		if !here[id] {
			delete(l.capacities, id)
		}
	}
	for id := range l.chat.owed {
		if !here[id] {
			delete(l.chat.owed, id)
		}
	}
	for _, t := range l.links.ties {
		l.bring(t)
	}
	l.dirty.asks, l.dirty.heard, l.dirty.flows = true, true, true
}

// planned, as follower.
func (l *loop) planned(plan []room.Link) {
	l.links.follow(plan)
	l.next.watch, l.next.seek = l.millis(), l.millis()
	l.dirty.asks, l.dirty.heard, l.dirty.flows = true, true, true
}

// noticed, as follower.
func (l *loop) noticed(n room.Notice, who *protocol.Participant) {
	switch n := n.(type) {
	case room.Entered:
		if who != nil {
			l.out.tell(Joined{Participant: *who})
		}
	case room.Gone:
		delete(l.keys.have, l.door.guests[n.ID].session.Fingerprint) // what they had they may forget
		delete(l.door.guests, n.ID)
		l.dirty.keys = true
		l.out.tell(Left{ID: n.ID, Why: n.Why})
	case room.ChairMoved:
		l.dirty.keys = true
		if l.cfg.Kind == protocol.KindHelper && l.next.advert != 0 {
			l.told.capacityAt, l.next.advert = 0, l.millis() // it may not have heard of this helper
		}
	}
	l.dirty.roster = true
	l.tellTopology()
}

// topology is who connects to whom now.
func (l *loop) topology() Topology {
	arranged, force := l.core.state.Arranged(), l.core.state.InForce()
	t := Topology{
		Topology: protocol.Topology(arranged.Topology), SFU: arranged.SFU, Standby: arranged.Standby,
		Reason: force.Directive.Reason, By: force.By, Moved: l.core.state.TakenOver(),
	}
	if t.Topology == "" {
		t.Topology = protocol.TopologyMesh
	}
	if t.Reason == "" {
		t.Reason = "small-room"
	}
	return t
}

func (l *loop) tellTopology() {
	if t := l.topology(); t != l.told.topology {
		l.told.topology = t
		l.out.tell(t)
	}
}
