package session

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// snapshot is the session now, sharing nothing with it.
func (l *loop) snapshot() State {
	s := State{
		Phase: l.phase, Connected: l.connected, MeetingID: l.cfg.Joined.MeetingID, Title: l.title,
		HostID: l.hostID, ExpiresAt: l.expiresAt, Policy: l.policy, Entry: l.door.keeper.Entry(),
		Self: l.self, Chair: l.core.state.ActingHost(), Waiting: slices.Clone(l.waiting),
		Topology: l.topology(), Links: l.linkStates(), Ways: l.ways(), Chat: slices.Clone(l.chat.lines), Capacity: l.told.capacity,
		Safety: l.code, Alarms: slices.Clone(l.alarms.last),
	}
	unreachable := l.unreached.parties(l.millis())
	for _, p := range l.core.state.People() {
		person := Person{Participant: p.Participant, Confirmed: p.Confirmed, Proved: l.door.guests[p.ID].session.Proved}
		if p.ID == l.self {
			person.Presence = l.presence
			person.Level = int(l.outlet.level.Load())
		} else if t := l.links.to(p.ID); t != nil {
			person.Level = t.vitals.PeerLevel
		}
		if c, told := l.capacities[p.ID]; told {
			person.Capacity = &c
		}
		person.Unreachable = slices.Contains(unreachable, party{p.ID, p.Session})
		for _, source := range protocol.Sources() {
			if l.told.flows[router.Key{From: p.ID, Source: source}] {
				person.Flows = append(person.Flows, source)
			}
		}
		s.People = append(s.People, person)
	}
	return s
}

func (l *loop) linkStates() []LinkState {
	links := make([]LinkState, 0, len(l.links.ties))
	for _, t := range l.links.ties {
		links = append(links, LinkState{
			Peer: t.party.id, Shape: t.line.Shape, Purpose: t.line.Purpose, State: t.condition(), Draining: t.line.Draining,
			RTTMillis: int(t.vitals.RTT.Milliseconds()), LossMille: t.vitals.LossMille,
			SendKbps: t.vitals.SendKbps, ReceiveKbps: t.vitals.ReceiveKbps, Relayed: t.vitals.Relayed,
		})
	}
	slices.SortFunc(links, func(a, b LinkState) int {
		return cmp.Or(cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Shape, b.Shape))
	})
	return links
}

// ways is how the room's other nodes are reached over the overlay; nil without one.
func (l *loop) ways() []Way {
	guide, ok := l.topic.(Guide)
	if !ok {
		return nil
	}
	ways := guide.Ways()
	slices.SortFunc(ways, func(a, b Way) int { return cmp.Compare(a.Peer, b.Peer) })
	return ways
}

// way is the path to one node; "" to who has none of the overlay.
func (l *loop) way(id identity.PeerID) WayPath {
	for _, w := range l.ways() {
		if w.Peer == id {
			return w.Path
		}
	}
	return ""
}

func (l *loop) stats() Stats {
	s := Stats{Links: l.linkStates(), Nodes: l.ways()}
	for _, each := range s.Links {
		s.SendKbps += each.SendKbps
		s.ReceiveKbps += each.ReceiveKbps
	}
	return s
}
