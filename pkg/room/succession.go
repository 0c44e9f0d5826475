package room

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// counts tells whether a member counts in the succession. What only links know
// of somebody differs from one participant to the next, so it cannot decide who
// has the chair for longer than a rendezvous takes to come back.
func (d *draft) counts(m *member) bool {
	return m.ID == d.self || m.doubted == 0 || d.now < m.doubted+DoubtFor
}

// presiding returns who has the chair by the roster, not counting except.
func (d *draft) presiding(except ...identity.PeerID) identity.PeerID {
	roster := make([]protocol.Participant, 0, len(d.members))
	for _, m := range d.members {
		if !slices.Contains(except, m.ID) && d.counts(m) {
			roster = append(roster, m.Participant)
		}
	}
	return d.rules.ActingHost(roster)
}

// seat finds who has the chair now. As the rule is an order, newcomers need be
// compared with its holder only.
func (d *draft) seat() {
	holder := d.member(d.chair)
	if holder == nil || !d.counts(holder) {
		d.reseat = true
	}
	chair := d.chair
	if d.reseat {
		chair = d.presiding()
	} else {
		for _, id := range d.comers {
			a, b := d.member(chair), d.member(id)
			if a != nil && b != nil && d.counts(b) {
				chair = d.rules.ActingHost([]protocol.Participant{a.Participant, b.Participant})
			}
		}
	}
	if chair == d.chair {
		return
	}
	if d.chair == d.self && slices.Contains(d.comers, chair) {
		d.handOver()
	}
	d.note(ChairMoved{From: d.chair, To: chair})
	d.chair, d.tenure, d.wish = chair, tenure{}, wish{}
	d.lossSince, d.call = 0, call{}
	if chair == d.self && d.force.By != "" {
		d.tenure.repeatAt = d.now + TakeChairAfter
	}
}

// lastHeard returns when an SFU last said that it has somebody; via narrows it
// to one. It returns a time long ago when none did.
func (s *State) lastHeard(id, via identity.PeerID) int64 {
	last := int64(-HeardFor)
	for _, h := range s.heard {
		if (via == "" || h.via == via) && h.at > last && contains(h.peers, id) {
			last = h.at
		}
	}
	return last
}

// doubtEnds returns when an unconfirmed member without a further sign of life
// is given up. It is never earlier than now for one who lives.
func (s *State) doubtEnds(m *member) int64 {
	ends := s.lastHeard(m.ID, "") + HeardFor
	linked := false
	for i := range m.links {
		l := &m.links[i]
		switch {
		case l.up:
			return protocol.MaxInt
		case l.ever:
			ends = max(ends, l.since+LinkDownFor)
			linked = true
		}
	}
	if m.missing && !linked {
		ends = max(ends, m.doubted+MissingFor)
	}
	return ends
}

// expireDoubts gives up who is in doubt and no longer heard from. Whatever can
// bring an end nearer sets doubtNext back to now.
func (d *draft) expireDoubts() {
	if d.doubtNext == 0 || d.now < d.doubtNext {
		return
	}
	d.doubtNext = 0
	for i := 0; i < len(d.members); {
		m := d.members[i]
		if m.doubted == 0 {
			i++
			continue
		}
		ends := d.doubtEnds(m)
		if d.now >= ends {
			d.drop(i, protocol.LeftLost)
			continue
		}
		if d.doubtNext == 0 || ends < d.doubtNext {
			d.doubtNext = ends
		}
		i++
	}
}

// reviewDoubts has everybody in doubt looked at.
func (d *draft) reviewDoubts() {
	if d.doubtNext != 0 {
		d.doubtNext = d.now
	}
}
