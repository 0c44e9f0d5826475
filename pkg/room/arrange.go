package room

import (
	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Arrangement is what the directive in force comes to with those who are here:
// without its SFU the standby serves, without both the room is a mesh.
type Arrangement struct {
	Topology elect.Topology  `json:"topology"`
	SFU      identity.PeerID `json:"sfu,omitzero"`
	Standby  identity.PeerID `json:"standby,omitzero"`
}

func (d *draft) arrangement() Arrangement {
	x := d.force.Directive
	if x.Topology != protocol.TopologyStar {
		return Arrangement{Topology: elect.Mesh}
	}
	sfu, standby := x.SFU, x.Standby
	if d.member(standby) == nil {
		standby = ""
	}
	if d.member(sfu) == nil {
		sfu, standby = standby, ""
	}
	if sfu == "" {
		return Arrangement{Topology: elect.Mesh}
	}
	return Arrangement{Topology: elect.Star, SFU: sfu, Standby: standby}
}

func (d *draft) arrange() {
	a := d.arrangement()
	if a == d.arranged {
		return
	}
	if a.Topology != d.arranged.Topology || a.SFU != d.arranged.SFU {
		d.sfuAt, d.takenOver = d.now, false
	}
	if a.SFU != d.arranged.SFU && a.SFU == d.force.Directive.Standby && d.force.Directive.SFU != a.SFU {
		d.note(Switched{SFU: a.SFU, TakenOver: true})
	}
	d.arranged = a
	d.replan = true
}

// takeOver moves self to the standby as soon as the SFU's heart stops: the
// directive has authorised it, so nobody is asked. Self goes back when the
// SFU's link has been up for a while.
func (d *draft) takeOver() {
	moved := d.shouldMove()
	if moved == d.takenOver {
		return
	}
	d.takenOver = moved
	d.replan = true
	d.note(Switched{SFU: d.router(), TakenOver: moved})
}

func (d *draft) shouldMove() bool {
	a := d.arranged
	if a.Standby == "" || a.SFU == d.self {
		return false
	}
	sfu := d.linkTo(a.SFU)
	ready := a.Standby == d.self || d.linkTo(a.Standby).alive()
	switch {
	case sfu == nil:
		return false
	case !d.takenOver:
		return ready && !sfu.up && (sfu.ever || d.now >= sfu.since+ConnectFor)
	case sfu.up:
		return ready && d.now < sfu.since+ReturnAfter
	default:
		return true
	}
}

func (s *State) linkTo(id identity.PeerID) *link {
	m := s.member(id)
	if m == nil {
		return nil
	}
	return m.current(ShapeSFU)
}

// router returns the SFU that self has everybody from: its own ID when it
// serves itself, "" in a mesh.
func (s *State) router() identity.PeerID {
	if s.takenOver {
		return s.arranged.Standby
	}
	return s.arranged.SFU
}
