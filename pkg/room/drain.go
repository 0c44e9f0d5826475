package room

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// drain lets go of links that are wanted no longer, once neither side needs
// them: this side has everybody by the new arrangement, and the peer asks for
// nothing on the old link. A link with a session that is over needs only the
// former.
func (d *draft) drain() {
	d.drains = 0
	var all, free *bool // asked at most once a step
	for i := range d.members {
		if !d.members[i].draining() {
			continue
		}
		for j := 0; j < len(d.members[i].links); {
			m := d.members[i]
			l := &m.links[j]
			if l.drain == 0 {
				if l.ease != 0 {
					d.easeOff(i, j, once(&all, d.reachedAll))
				}
				j++
				continue
			}
			over := l.session != m.Session
			done := false
			switch {
			case over || l.shape == ShapeMesh:
				done = d.reached(m)
			case l.shape == ShapeSFU:
				done = once(&all, d.reachedAll)
			default:
				done = once(&free, d.nobodyAsks) && (d.helps() || d.reached(m))
			}
			if !l.up || d.now >= l.drain+DrainFor || (done && (over || !l.asked) && d.now >= l.drain+l.least()) {
				m = d.edit(i)
				m.links = slices.Delete(m.links, j, j+1)
				d.lostLink(m, true)
				d.replaced = true
				continue
			}
			if l.quiet != done {
				d.edit(i).links[j].hush(done)
				d.replaced = true
			}
			d.drains++
			j++
		}
	}
}

// easeOff ends what the standby's link still carries from its time as the
// SFU's, once everybody is there without it.
func (d *draft) easeOff(i, j int, done bool) {
	l := &d.members[i].links[j]
	if l.up && !done && d.now < l.ease+DrainFor {
		d.drains++
		return
	}
	l = &d.edit(i).links[j]
	l.ease = 0
	l.hush(true)
	d.replaced = true
}

// least is how long a link drains at the least.
func (l *link) least() int64 {
	if l.shape == ShapeServe {
		return DrainLeast
	}
	return 0
}

func (m *member) draining() bool {
	for i := range m.links {
		if m.links[i].drain != 0 || m.links[i].ease != 0 {
			return true
		}
	}
	return false
}

func once(answer **bool, ask func() bool) bool {
	if *answer == nil {
		b := ask()
		*answer = &b
	}
	return **answer
}

// reached tells whether self has what a member sends by the arrangement, not by
// a link that drains.
func (d *draft) reached(m *member) bool {
	switch d.router() {
	case "":
		return m.current(ShapeMesh).carries()
	case d.self:
		return m.current(ShapeServe).carries()
	case m.ID:
		return m.current(ShapeSFU).carries()
	default:
		r := d.member(d.router())
		return r != nil && r.current(ShapeSFU).carries() && d.lastHeard(m.ID, r.ID) >= d.sfuAt
	}
}

func (d *draft) reachedAll() bool {
	for _, m := range d.members {
		if m.ID != d.self && m.Kind != protocol.KindHelper && !d.reached(m) {
			return false
		}
	}
	return true
}

// nobodyAsks tells whether no receiver asks this former SFU for anything, be it
// on a link that drains or on one that it keeps as the standby. Links are let go
// together: each may carry what another receiver still watches.
func (d *draft) nobodyAsks() bool {
	for _, m := range d.members {
		for i := range m.links {
			if l := &m.links[i]; l.shape == ShapeServe && l.up && l.asked && l.session == m.Session {
				return false
			}
		}
	}
	return true
}

// Reached tells whether self has what somebody sends, by the link or through the
// SFU that the arrangement wants for it.
func (s State) Reached(id identity.PeerID) bool {
	m := s.member(id)
	return m != nil && (id == s.self || (&draft{State: s}).reached(m))
}
