package room

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Plan returns the links that self should have, ordered by peer, session and
// shape. It is not to be changed. While nothing in it differs, consecutive
// states return the same slice.
func Plan(s State) []Link { return s.plan }

// wants returns the one link that self wants with a member. Of any two
// participants with the same roster and directive either both want a link, of
// shapes that match, or neither does.
func (d *draft) wants(m *member, helper bool) (Shape, Purpose, bool) {
	a := d.arranged
	served := m.Kind != protocol.KindHelper
	switch {
	case a.Topology == elect.Mesh:
		return ShapeMesh, PurposeMesh, served && !helper
	case d.self == a.SFU, d.self == a.Standby && m.ID != a.SFU:
		return ShapeServe, PurposeServe, served
	case helper:
		return "", "", false
	case m.ID == a.SFU || m.ID == a.Standby:
		if m.ID == d.router() {
			return ShapeSFU, PurposeSFU, true
		}
		return ShapeSFU, PurposeStandby, true
	default:
		return "", "", false
	}
}

// crowded tells whether there are too many for a mesh: who enters such a room
// waits to be told of its star before offering a link to everybody.
func (d *draft) crowded() bool {
	members := 0
	for _, m := range d.members {
		if m.Kind != protocol.KindHelper {
			members++
		}
	}
	return members > d.meshMax
}

func (d *draft) helps() bool {
	m := d.member(d.self)
	return m != nil && m.Kind == protocol.KindHelper
}

// reconcile makes the links what the arrangement wants and lets go of drained
// ones.
func (d *draft) reconcile() {
	if d.untold && !d.learning() {
		d.untold, d.replaced = false, true
	}
	if d.replan || len(d.changed) > 0 {
		d.rewantAll(d.helps())
	}
	if d.drains > 0 {
		d.drain()
	}
	if d.replaced {
		d.rewrite()
	}
	d.replan, d.changed, d.replaced = false, nil, false
}

func (d *draft) rewantAll(helper bool) {
	if d.replan {
		for i := range d.members {
			d.rewant(i, helper)
		}
		return
	}
	for _, id := range d.changed {
		if i := d.find(id); i >= 0 {
			d.rewant(i, helper)
		}
	}
}

// rewant makes the links with the member at i the one that is wanted. Others
// that are up begin to drain.
func (d *draft) rewant(i int, helper bool) {
	m := d.members[i]
	if m.ID == d.self {
		return
	}
	shape, purpose, wanted := d.wants(m, helper)
	if !wanted && len(m.links) == 0 {
		return
	}
	if wanted && len(m.links) == 1 {
		if l := &m.links[0]; l.session == m.Session && l.shape == shape && l.purpose == purpose && l.drain == 0 {
			return
		}
	}
	m = d.edit(i)
	found := false
	links := len(m.links)
	m.links = slices.DeleteFunc(m.links, func(l link) bool { return !l.up && (l.session != m.Session || l.shape != shape || !wanted) })
	d.lostLink(m, len(m.links) < links)
	for j := range m.links {
		l := &m.links[j]
		switch {
		case wanted && l.session == m.Session && l.shape == shape:
			found = true
			d.repurpose(l, purpose)
		case l.drain == 0:
			l.drain, l.ease = d.now, 0
			d.drains++
		}
	}
	if wanted && !found {
		m.links = append(m.links, link{session: m.Session, shape: shape, purpose: purpose, quiet: purpose == PurposeStandby, since: d.now})
		slices.SortFunc(m.links, func(a, b link) int {
			return cmp.Or(cmp.Compare(a.session, b.session), strings.Compare(string(a.shape), string(b.shape)))
		})
	}
	d.replaced = true
}

// repurpose gives a link that stays what it is for now. One that was the SFU's
// and is the standby's goes on carrying until the new SFU has everybody.
func (d *draft) repurpose(l *link, purpose Purpose) {
	switch {
	case purpose != PurposeStandby:
		l.ease = 0
		l.hush(false)
	case l.purpose == PurposeSFU && l.carries():
		l.ease = d.now
		d.drains++
	case l.ease == 0:
		l.hush(true)
	}
	l.purpose, l.drain = purpose, 0
}

// hush sets whether anything is asked for on a link. When that begins again,
// nothing is carried yet.
func (l *link) hush(quiet bool) {
	if l.quiet && !quiet {
		l.carrying = false
	}
	l.quiet = quiet
}

// lostLink notes that a member in doubt has one sign of life less.
func (d *draft) lostLink(m *member, gone bool) {
	if gone && m.doubted != 0 {
		d.again = true
		d.reviewDoubts()
	}
}

// rewrite writes the plan anew, unless no line differs.
func (d *draft) rewrite() {
	lines := make([]Link, 0, len(d.plan)+1)
	for _, m := range d.members {
		for i := range m.links {
			lines = append(lines, d.line(m, &m.links[i]))
		}
	}
	if !slices.Equal(lines, d.plan) {
		d.plan = lines
	}
}

func (d *draft) line(m *member, l *link) Link {
	out := Link{
		Ref:      Ref{Peer: m.ID, Session: l.session, Shape: l.shape},
		Purpose:  l.purpose,
		Offer:    l.shape == ShapeSFU || l.shape == ShapeMesh && later(d.session, d.self, l.session, m.ID),
		Draining: l.drain != 0,
		Quiet:    l.quiet,
	}
	if l.shape == ShapeMesh {
		out.Waits = out.Offer && d.untold
	} else {
		out.Extra = StarSlots
	}
	return out
}

// later tells whether self came later than a peer, and so offers a link in which
// neither serves the other.
func later(session int64, self identity.PeerID, other int64, peer identity.PeerID) bool {
	if session != other {
		return session > other
	}
	return self > peer
}

func contains(ids []identity.PeerID, id identity.PeerID) bool {
	_, found := slices.BinarySearch(ids, id)
	return found
}
