package room

import (
	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Reasons of directives that are not the election's own.
const (
	ReasonChair     protocol.Code = "new-chair" // the chair changed hands; nothing else did
	ReasonManual    protocol.Code = "manual"    // the host chose
	ReasonAutomatic protocol.Code = "automatic" // the host gave the choice back
)

// say puts a directive of self's own in force and has it sent. The first one of
// a tenure begins a new term.
func (d *draft) say(x protocol.Directive, figures elect.Figures) bool {
	x.Term, x.Seq = d.tenure.term, d.tenure.seq+1
	if x.Term == 0 || x.Seq >= (d.session+1)*SeqsPerTerm {
		x.Term, x.Seq = d.rules.NextTerm(d.top), d.session*SeqsPerTerm
	}
	if x.Term > protocol.MaxInt || d.session >= protocol.MaxInt/SeqsPerTerm {
		d.tenure.repeatAt = 0
		return false
	}
	d.follow(d.self, x)
	d.tenure = tenure{term: x.Term, seq: x.Seq, repeats: d.tenure.repeats}
	d.wish = wish{}
	d.act(Say{Directive: x, Figures: figures})
	return true
}

// repeat says what is in force again.
func (d *draft) repeat() bool {
	x := d.force.Directive
	if x.Topology == "" {
		x.Topology = protocol.TopologyMesh
	}
	x.Reason = ReasonChair
	return d.say(x, elect.Figures{})
}

func (e Choose) apply(d *draft) Reason {
	switch {
	case d.phase != inside:
		return RefusedOutside
	case d.chair != d.self:
		return RefusedNotChair
	}
	x := protocol.Directive{Topology: protocol.Topology(e.Topology), SFU: e.SFU, Standby: e.Standby, Manual: true, Reason: ReasonManual}
	if e.Topology == "" {
		x = d.force.Directive
		if !x.Manual {
			return RefusedKnown
		}
		x.Manual, x.Reason = false, ReasonAutomatic
	} else {
		x.Term, x.Seq = 1, 1
		if !wellFormed(x) {
			return RefusedMalformed
		}
		for _, id := range []identity.PeerID{e.SFU, e.Standby} {
			if id != "" && !d.offersItself(id) {
				return RefusedCandidate
			}
		}
	}
	if !d.say(x, elect.Figures{}) {
		return RefusedTermJump
	}
	return ""
}

// offersItself tells whether somebody can be made SFU by hand: what it told of
// its strength is not asked, only whether it is willing.
func (d *draft) offersItself(id identity.PeerID) bool {
	m := d.member(id)
	return m != nil && m.Kind != protocol.KindBrowser && (m.advertAt == 0 || m.capacity.Willing)
}
