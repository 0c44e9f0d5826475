package session

import (
	"cmp"
	"iter"
	"slices"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

const (
	passBurst = 60 // boxes that one peer may have passed on
	passRate  = 5  // a second, after that
	// heardWait is how long somebody is kept back from who is not sent what it
	// asked of them yet.
	heardWait = 2_000
)

// relays tells whether it is self who hands on what one participant says to the
// others: as the SFU, or as the standby once the SFU is out of reach.
func (l *loop) relays() bool {
	a := l.core.state.Arranged()
	switch l.self {
	case a.SFU:
		return true
	case a.Standby:
		return l.links.to(a.SFU) == nil
	default:
		return false
	}
}

// relay hands an envelope on to everybody who has it by no link of their own:
// once, for it is admitted once.
func (l *loop) relay(e protocol.Envelope, via *tie) {
	if !l.relays() {
		return
	}
	adverts := e.Kind == protocol.EnvelopeCapacity
	var chosen []identity.PeerID
	if adverts {
		chosen = choosers(l.core.state.All())
	}
	for id, t := range l.links.each() {
		if t.serves() && id != e.From && (via == nil || id != via.party.id) && (!adverts || slices.Contains(chosen, id)) {
			l.send(t, protocol.Carry{Envelope: e})
		}
	}
}

// choosers are those who choose by adverts of capacity: the acting host, and who
// would follow it. A large room's adverts to everybody would be as many as its
// members squared; who comes into the chair from further behind knows the SFU's
// own, which come straight from it, and the others' within one round of adverts.
func choosers(people iter.Seq[room.Person]) []identity.PeerID {
	var roster []protocol.Participant
	for p := range people {
		roster = append(roster, p.Participant)
	}
	var ids []identity.PeerID
	for len(ids) < room.NextInLine {
		next := protocol.ActingHost(roster)
		if next == "" {
			break
		}
		ids = append(ids, next)
		roster = slices.DeleteFunc(roster, func(p protocol.Participant) bool { return p.ID == next })
	}
	return ids
}

// tellHeard tells everybody whom self serves whom else it has.
func (l *loop) tellHeard(now int64) {
	l.next.heard = 0
	var served []*tie
	for _, t := range l.links.ties {
		if t.serves() {
			l.next.heard = now + heardEvery
			if t.up() && !t.line.Draining {
				served = append(served, t)
			}
		}
	}
	for _, to := range served {
		var have []identity.PeerID
		for _, t := range served {
			if t != to && l.core.known[t.line.Ref].carrying && l.sends(to, t, now) {
				have = append(have, t.party.id)
			}
		}
		slices.SortFunc(have, cmp.Compare)
		if (now < to.heardAt+heardRepeat && slices.Equal(have, to.heard)) || len(have) > protocol.MaxRoster {
			continue
		}
		if have == nil {
			have = []identity.PeerID{}
		}
		if l.send(to, protocol.Heard{Peers: have}) {
			to.heard, to.heardAt = have, now
		}
	}
}

// sends tells whether what to asked of somebody goes out to it: who is told that
// self has them lets go of other ways to them.
func (l *loop) sends(to, of *tie, now int64) bool {
	if _, before := slices.BinarySearch(to.heard, of.party.id); before {
		return true
	}
	since := max(to.viewedAt, of.carriedAt)
	if now >= since+heardWait {
		return true
	}
	if !to.viewed {
		return false
	}
	written := map[router.Key]bool{}
	for _, f := range to.port.outflows() {
		written[f.key] = f.written
	}
	slots := map[router.Media]int{}
	for _, line := range to.link.Lines() {
		if line.Send {
			slots[line.Media]++
		}
	}
	for _, key := range expectedOf(to.views, l.presenceOf, slots) {
		if key.From == of.party.id && !written[key] {
			return false
		}
	}
	return true
}

// passed takes a box that travels through an SFU while the rendezvous cannot be
// reached: for self, or to be handed on to somebody whom self serves. Of whom it
// comes is known by the link alone.
func (l *loop) passed(via *tie, p protocol.Pass) {
	switch {
	case p.To == l.self && via.line.Shape == room.ShapeSFU && p.From != l.self:
		l.receive(party{p.From, p.Session}, p.Box, byPeers)
	case p.To == l.self && via.line.Shape != room.ShapeSFU:
		l.receive(via.party, p.Box, byPeers)
	case via.serves() && via.passes.take(l.millis()):
		if t := l.links.to(p.To); t != nil && t.serves() {
			l.send(t, protocol.Pass{From: via.party.id, Session: via.party.session, To: p.To, Box: p.Box})
			return
		}
		l.count.passes++
	default:
		l.count.passes++
	}
}
