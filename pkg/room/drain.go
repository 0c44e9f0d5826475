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
				d.edit(i).links[j].quiet = done
				d.replaced = true
			}
			d.drains++
			j++
		}
	}
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
		if m.links[i].drain != 0 {
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

// nobodyAsks tells whether no receiver asks this former SFU for anything on a
// draining link. All are let go together: each may be what another still
// watches.
func (d *draft) nobodyAsks() bool {
	for _, m := range d.members {
		for i := range m.links {
			if l := &m.links[i]; l.shape == ShapeServe && l.drain != 0 && l.up && l.asked && l.session == m.Session {
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
