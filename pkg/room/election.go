package room

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// reviews tells whether there is anything to choose, or anybody to call.
func (s *State) reviews() bool {
	return s.arranged.Topology == elect.Star || s.force.Directive.Topology == protocol.TopologyStar || len(s.members) > s.meshMax ||
		slices.ContainsFunc(s.members, func(m *member) bool { return m.Kind != protocol.KindBrowser })
}

// elect says the election's choice when it has stood for long enough.
func (d *draft) elect() bool {
	if !d.reviews() || d.overruled() {
		d.wish = wish{}
		d.seekHelp(false)
		return false
	}
	current := elect.Current{Topology: elect.Mesh}
	if x := d.force.Directive; x.Topology == protocol.TopologyStar {
		current = elect.Current{Topology: elect.Star, SFU: x.SFU, Standby: x.Standby}
	}
	before := current
	if current.Topology == elect.Mesh {
		// What is wished for counts as the holder, so that two of nearly the
		// same strength do not keep the room from ever growing.
		before.SFU, before.Standby = d.wish.choice.SFU, d.wish.choice.Standby
	}
	choice := elect.Choose(elect.Input{
		Members:    d.electorate(),
		Current:    before,
		Thresholds: elect.Defaults(d.meshMax),
	})
	d.seekHelp(d.short(choice))
	if !choice.Differs(current) {
		d.wish = wish{}
		return false
	}
	w := d.wish
	if w.since == 0 || w.choice.Topology != choice.Topology || w.choice.SFU != choice.SFU || w.choice.Standby != choice.Standby {
		w.since = d.now
	}
	w.choice = choice
	d.wish = w
	if d.now < w.since+d.patience(current, choice) {
		return false
	}
	return d.say(protocol.Directive{
		Topology: protocol.Topology(choice.Topology),
		SFU:      choice.SFU,
		Standby:  choice.Standby,
		Reason:   protocol.Code(choice.Reason),
	}, choice.Figures)
}

// overruled tells whether the host's own choice stands in the election's place:
// until its SFU is gone, however well that one carries.
func (d *draft) overruled() bool {
	x := d.force.Directive
	return x.Manual && (x.Topology != protocol.TopologyStar || d.within(x.SFU))
}

// within tells whether somebody is here and in reach.
func (d *draft) within(id identity.PeerID) bool {
	m := d.member(id)
	return m != nil && !d.lost(m)
}

func (d *draft) usable(id identity.PeerID) bool { return d.within(id) && !d.overloaded(d.member(id)) }

// patience is how long a choice must have been right. Who lost its SFU has
// waited already.
func (d *draft) patience(current elect.Current, choice elect.Choice) int64 {
	switch {
	case current.Topology != elect.Star:
		return GrowAfter
	case !d.usable(current.SFU) && choice.Topology == elect.Mesh && d.usable(current.Standby):
		return ChangeAfter // the standby serves; links of a mesh would be new
	case !d.usable(current.SFU):
		return 0
	case choice.Topology == elect.Star && choice.SFU == current.SFU && !d.usable(current.Standby):
		return GrowAfter
	default:
		return ChangeAfter
	}
}
