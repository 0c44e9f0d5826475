package room

import (
	"slices"
	"strings"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

func (e Welcome) apply(d *draft) Reason {
	if e.Self.ID != d.self || (d.session != 0 && e.Self.Session != d.session) {
		return RefusedNotSelf
	}
	if !sound(e.Self) || !e.Policy.sound() || len(e.Roster) > protocol.MaxRoster {
		return RefusedMalformed
	}
	entering := d.phase != inside && !e.Waiting
	switch {
	case e.Waiting:
		if d.phase == inside {
			return RefusedNotSelf
		}
		d.phase = waiting
	case e.Resumed && d.phase == inside:
	default:
		if refused := d.welcome(e); refused != "" {
			return refused
		}
	}
	d.session = e.Self.Session
	d.meshMax = e.Policy.MeshMax
	if entering {
		d.untold = d.crowded()
	}
	if d.force.By != "" && d.chair == d.self {
		// What was said while the rendezvous was out of reach went over links
		// alone, and some have no link with the acting host.
		d.act(Show{})
	}
	return ""
}

// welcome takes a fresh roster. Who is missing from it is doubted, not dropped:
// a restarted rendezvous takes people back one by one.
func (d *draft) welcome(e Welcome) Reason {
	fresh := make([]*member, 0, len(e.Roster)+len(d.members))
	for i := range e.Roster {
		p := &e.Roster[i]
		if !sound(*p) {
			return RefusedMalformed
		}
		if d.wasRemoved(p) {
			continue
		}
		fresh = append(fresh, d.rejoined(p))
	}
	byID := func(a, b *member) int { return strings.Compare(string(a.ID), string(b.ID)) }
	slices.SortFunc(fresh, byID)
	in := false
	for i, m := range fresh {
		if i > 0 && m.ID == fresh[i-1].ID {
			return RefusedMalformed
		}
		in = in || m.ID == d.self
	}
	if !in {
		return RefusedMalformed
	}
	roster := fresh
	for _, m := range d.members {
		if _, found := slices.BinarySearchFunc(roster, m, byID); found {
			continue
		}
		kept := *m
		kept.step, kept.links = d.step, slices.Clone(m.links)
		if kept.doubted == 0 {
			kept.doubted, kept.missing = d.now, true
		}
		fresh = append(fresh, &kept)
	}
	slices.SortFunc(fresh, byID)
	old := State{members: d.members}
	d.members, d.owned = fresh, true
	for _, m := range fresh {
		before := old.member(m.ID)
		switch {
		case before == nil:
			d.note(Entered{m.ID})
			d.arrived(m.ID)
		case before.doubted == 0 && m.doubted != 0:
			d.note(Doubted{m.ID})
		default:
			d.noteReturn(before, m)
			if before.Session != m.Session {
				d.arrived(m.ID)
			}
		}
	}
	if d.phase != inside {
		d.phase, d.enteredAt = inside, d.now
	}
	d.reseat, d.replan = true, true
	d.doubtNext = d.now
	return ""
}

// rejoined returns the member for a roster's entry: the one that was here, with
// its links, or a new one.
func (d *draft) rejoined(p *protocol.Participant) *member {
	old := d.member(p.ID)
	if old == nil {
		return &member{Participant: *p, step: d.step}
	}
	m := *old
	m.step, m.links = d.step, slices.Clone(old.links)
	m.Participant, m.doubted, m.missing = *p, 0, false
	if p.Session != old.Session {
		m.advertAt, m.rtt, m.lostAt, m.unmet, m.capacity = 0, 0, 0, 0, protocol.Capacity{}
		m.overAt, m.overs = 0, 0
	}
	return &m
}

func (d *draft) noteReturn(before, m *member) {
	if before.doubted != 0 && m.doubted == 0 {
		d.note(Confirmed{m.ID})
	}
	if before.Session != m.Session {
		d.note(Restarted{m.ID})
	}
}

func (e Joined) apply(d *draft) Reason {
	p := &e.Participant
	if refused := d.admissible(p); refused != "" {
		return refused
	}
	i := d.find(p.ID)
	if i < 0 {
		if len(d.members) >= protocol.MaxRoster {
			return RefusedFull
		}
		at := d.place(p.ID)
		d.members = slices.Concat(d.members[:at], []*member{d.rejoined(p)}, d.members[at:])
		d.owned = true
		d.note(Entered{p.ID})
		d.arrived(p.ID)
		return ""
	}
	old := d.members[i]
	if old.doubted == 0 && old.Session == p.Session && old.N == p.N {
		return RefusedKnown
	}
	d.replace(i, p)
	return ""
}

func (e Updated) apply(d *draft) Reason {
	p := &e.Participant
	if d.phase == inside && p.ID == d.self && p.Session != d.session {
		return RefusedNotSelf
	}
	if refused := d.admissible(p); refused != "" {
		return refused
	}
	i := d.find(p.ID)
	switch {
	case i < 0:
		return RefusedStranger
	case d.members[i].doubted == 0 && d.members[i].Participant == *p:
		return RefusedKnown
	}
	d.replace(i, p)
	return ""
}

func (d *draft) admissible(p *protocol.Participant) Reason {
	switch {
	case d.phase != inside:
		return RefusedOutside
	case !sound(*p):
		return RefusedMalformed
	case d.wasRemoved(p):
		return RefusedRemoved
	}
	return ""
}

// replace takes a new entry for the member at i.
func (d *draft) replace(i int, p *protocol.Participant) {
	old := d.members[i]
	m := d.rejoined(p)
	d.own()
	d.members[i] = m
	d.noteReturn(old, m)
	if old.Session != m.Session || old.doubted != 0 {
		d.arrived(p.ID)
	}
	if old.Kind != m.Kind || old.Role != m.Role || old.Via != m.Via || old.N != m.N {
		d.reseat, d.replan = true, true
	}
}

// arrived is for somebody who may not know what is in force.
func (d *draft) arrived(id identity.PeerID) {
	d.comers = append(d.comers, id)
	d.changed = append(d.changed, id)
	if d.force.By != "" && id != d.self && d.shower(id) {
		d.act(Show{To: id})
	}
}

// shower tells whether it is for self to show somebody what is in force: for
// the acting host, or for who would be it without that one. Everybody computes
// the same, so that one message goes out and not a hundred.
func (d *draft) shower(to identity.PeerID) bool {
	if d.chair != to {
		return d.chair == d.self
	}
	return d.presiding(to) == d.self
}

func (e Left) apply(d *draft) Reason {
	i := d.find(e.ID)
	switch {
	case d.phase != inside:
		return RefusedOutside
	case e.ID == d.self:
		return RefusedSelf
	case i < 0:
		return RefusedStranger
	}
	if e.Why != protocol.LeftLost {
		if e.Why == protocol.LeftRemoved || e.Why == protocol.LeftDenied {
			d.bury(d.members[i])
		}
		d.drop(i, e.Why)
		return ""
	}
	if d.members[i].doubted != 0 {
		return RefusedKnown
	}
	m := d.edit(i)
	m.doubted, m.missing = d.now, false
	d.doubtNext = d.now
	if d.now < d.doubtEnds(m) {
		d.note(Doubted{e.ID})
	}
	return ""
}

func (e PolicyChanged) apply(d *draft) Reason {
	switch {
	case !e.Policy.sound():
		return RefusedMalformed
	case d.phase != inside:
		return RefusedOutside
	}
	d.meshMax = e.Policy.MeshMax
	return ""
}

func (d *draft) drop(i int, why protocol.LeftWhy) {
	id := d.members[i].ID
	d.own()
	d.members = slices.Delete(d.members, i, i+1)
	d.note(Gone{id, why})
	d.replaced = true
	d.reseat = d.reseat || id == d.chair
}

func (d *draft) bury(m *member) {
	graves := slices.DeleteFunc(slices.Clone(d.removed), func(r removed) bool { return r.id == m.ID })
	if len(graves) >= MaxRemoved {
		oldest := 0
		for i, r := range graves {
			if r.n < graves[oldest].n {
				oldest = i
			}
		}
		graves = slices.Delete(graves, oldest, oldest+1)
	}
	graves = append(graves, removed{m.ID, m.N})
	slices.SortFunc(graves, func(a, b removed) int { return strings.Compare(string(a.id), string(b.id)) })
	d.removed = graves
}

// wasRemoved tells whether an entry is of a stay that ended by removal. Who is
// let in anew has a new, higher join number.
func (d *draft) wasRemoved(p *protocol.Participant) bool {
	i, found := slices.BinarySearchFunc(d.removed, p.ID, func(r removed, id identity.PeerID) int {
		return strings.Compare(string(r.id), string(id))
	})
	return found && p.N <= d.removed[i].n
}

func sound(p protocol.Participant) bool {
	return p.ID != "" && p.N >= 1 && p.N <= protocol.MaxInt && p.Session >= 1 && p.Session <= protocol.MaxInt &&
		(p.Kind == protocol.KindBrowser || p.Kind == protocol.KindNode || p.Kind == protocol.KindHelper) &&
		(p.Role == protocol.RoleHost || p.Role == protocol.RoleCoHost || p.Role == protocol.RoleParticipant) &&
		(p.Via == protocol.ViaInvitation || p.Via == protocol.ViaPassword)
}

func (p Policy) sound() bool { return p.MeshMax >= 2 && p.MeshMax <= 8 }
