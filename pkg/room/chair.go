package room

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
)

// preside is what the acting host's own client does: it looks whether another
// topology is right, and says so. It tells whether it said anything.
func (d *draft) preside() bool {
	if d.chair != d.self || d.learning() {
		return false
	}
	d.judgeReach()
	d.judgeLoad()
	if d.elect() {
		return true
	}
	due := d.tenure.repeatAt != 0 && d.now >= d.tenure.repeatAt
	return (due || d.unsaid()) && d.repeat()
}

// unsaid tells whether there is a first word to say: who enters a room too large
// for a mesh waits to be told what is in force, and before the room's first star
// that is what nobody has said yet.
func (d *draft) unsaid() bool { return d.force.By == "" && d.crowded() }

// handOver is the last thing that self does in a chair that a newcomer takes:
// that one waits to be told, and so do those who come with it.
func (d *draft) handOver() {
	if d.unsaid() && !d.learning() {
		d.repeat()
	}
}

// learning tells whether self, new here, may still be told what is in force: by
// those who were here before. Who came later knows no more than self, so a host
// that opens its room has nothing to wait for. After a restart of the rendezvous
// those before may come after, and are told by their session numbers.
func (d *draft) learning() bool {
	return d.force.By == "" && d.now < d.enteredAt+LearnFor &&
		slices.ContainsFunc(d.members, func(m *member) bool { return m.Session < d.session })
}

// judgeReach marks an SFU or standby that self cannot reach.
func (d *draft) judgeReach() {
	for _, id := range []identity.PeerID{d.arranged.SFU, d.arranged.Standby} {
		i := d.find(id)
		if i < 0 || id == d.self {
			continue
		}
		shape := ShapeSFU
		if d.self == d.arranged.SFU {
			shape = ShapeServe
		}
		l := d.members[i].current(shape)
		if l == nil {
			continue
		}
		wait := int64(LostAfter)
		if !l.ever {
			wait += ConnectFor
		}
		switch lost := d.lost(d.members[i]); {
		case l.up && d.members[i].lostAt != 0:
			m := d.edit(i)
			m.lostAt, m.unmet = 0, 0
		case !l.up && d.now >= l.since+wait && !lost:
			m := d.edit(i)
			m.lostAt = d.now
			m.unmet++
			if l.ever {
				m.unmet = 0
			}
		}
	}
}

func (s *State) lost(m *member) bool {
	wait := int64(LostFor)
	if m.unmet > 0 {
		wait = min(wait, UnmetFor<<min(m.unmet-1, 2))
	}
	return m.lostAt != 0 && s.now < m.lostAt+wait
}
