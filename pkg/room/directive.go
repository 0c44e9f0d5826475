package room

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// compare orders directives by (Term, Seq).
func compare(a, b protocol.Directive) int {
	return cmp.Or(cmp.Compare(a.Term, b.Term), cmp.Compare(a.Seq, b.Seq))
}

func (e Said) apply(d *draft) Reason {
	if refused := d.hearable(e); refused != "" {
		return refused
	}
	if d.contests(e) {
		d.top = max(d.top, e.Directive.Term)
		d.out.Held = HeldContested
		d.repeatSoon()
		return ""
	}
	if d.member(e.From) == nil {
		return RefusedStranger
	}
	if refused := d.supersedes(e.From, e.Directive); refused != "" {
		if refused == RefusedStale && e.From == d.chair && e.From != d.self && d.close(e.From) {
			d.act(Show{To: e.From})
		}
		return refused
	}
	switch {
	case !d.heeds(e.From):
		return d.hold(e, HeldNotChair)
	case !d.knows(e.Directive):
		return d.hold(e, HeldUnknownSFU)
	case !d.canServe(e.Directive):
		return RefusedCandidate
	}
	d.follow(e.From, e.Directive)
	return ""
}

// hearable refuses what nobody in this room can have meant.
func (d *draft) hearable(e Said) Reason {
	m := d.member(e.From)
	switch {
	case d.phase != inside:
		return RefusedOutside
	case !wellFormed(e.Directive):
		return RefusedMalformed
	case m != nil && m.Kind == protocol.KindHelper:
		return RefusedHelper
	case e.Directive.Term > d.top+MaxTermJump:
		return RefusedTermJump
	}
	return ""
}

func wellFormed(x protocol.Directive) bool {
	if x.Term < 1 || x.Term > protocol.MaxInt || x.Seq < 1 || x.Seq > protocol.MaxInt {
		return false
	}
	switch x.Topology {
	case protocol.TopologyMesh:
		return x.SFU == "" && x.Standby == ""
	case protocol.TopologyStar:
		return x.SFU != "" && x.SFU != x.Standby
	default:
		return false
	}
}

// supersedes refuses what is not higher than what is in force. Within one term
// only its own author goes on.
func (d *draft) supersedes(from identity.PeerID, x protocol.Directive) Reason {
	switch {
	case d.force.By == "":
		return ""
	case from == d.force.By && x == d.force.Directive:
		return RefusedKnown
	case compare(x, d.force.Directive) <= 0, x.Term == d.force.Directive.Term && from != d.force.By:
		return RefusedStale
	}
	return ""
}

// contests tells whether somebody who does not have the chair, or is not even
// here any more, spoke in the term of self in the chair or in a later one:
// others may follow that and refuse self. What is held for a member is not
// contested, for it may yet be right.
func (d *draft) contests(e Said) bool {
	if d.chair != d.self || e.From == d.self || d.tenure.repeatAt != 0 || d.learning() {
		return false
	}
	if d.member(e.From) == nil {
		return e.Directive.Term > d.top || (e.Directive.Term == d.top && d.tenure.term <= d.top)
	}
	return d.tenure.term != 0 && e.Directive.Term == d.tenure.term
}

// heeds tells whether self follows what from says: the acting host; and, for
// one who came into the chair from outside and was told nothing yet, whoever
// had it before.
func (d *draft) heeds(from identity.PeerID) bool {
	if from == d.chair {
		return true
	}
	return d.chair == d.self && d.force.By == "" && from == d.presiding(d.self)
}

// knows tells whether the roster has come so far as to have the directive's
// SFU. One in the chair does not wait: it will say what is right itself.
func (d *draft) knows(x protocol.Directive) bool {
	return x.SFU == "" || d.member(x.SFU) != nil || d.chair == d.self
}

func (d *draft) canServe(x protocol.Directive) bool {
	for _, id := range []identity.PeerID{x.SFU, x.Standby} {
		if m := d.member(id); m != nil && m.Kind == protocol.KindBrowser {
			return false
		}
	}
	return true
}

// close tells whether self is the one, or near enough, to show somebody what is
// in force.
func (d *draft) close(id identity.PeerID) bool {
	if d.shower(id) {
		return true
	}
	m := d.member(id)
	return m != nil && slices.ContainsFunc(m.links, func(l link) bool { return l.up })
}

// inLine tells whether self would have the chair if its holder and so many after
// it were gone. They take turns, as one of them may know nothing itself.
func (d *draft) inLine(after int64) bool {
	except := []identity.PeerID{d.chair}
	for range after {
		except = append(except, d.presiding(except...))
	}
	return d.presiding(except...) == d.self
}

// showAgain tells what is in force to those who may have missed it, whatever
// happened on the way.
func (d *draft) showAgain() {
	if d.showAt == 0 || d.now < d.showAt {
		return
	}
	d.showAt = d.now + ShowEvery
	d.shows++
	switch {
	case d.chair == d.self:
		d.act(Show{})
	case d.chair != "" && (d.force.By != d.chair || d.inLine(d.shows%NextInLine)):
		d.act(Show{To: d.chair})
	}
}

// follow puts a directive in force.
func (d *draft) follow(by identity.PeerID, x protocol.Directive) {
	d.force = Force{By: by, Directive: x, at: d.now}
	d.showAt = d.now + ShowEvery
	d.top = max(d.top, x.Term)
	d.note(Followed{By: by, Directive: x})
	if d.chair == d.self {
		// Said by who had the chair before, or by self in an earlier session:
		// from here it goes on under a term of this session's own.
		d.tenure = tenure{repeatAt: d.now + TakeChairAfter, repeats: d.tenure.repeats}
	}
}

// hold keeps a directive until the roster agrees with it, one for each author.
func (d *draft) hold(e Said, why Reason) Reason {
	held := slices.Clone(d.held)
	at := slices.IndexFunc(held, func(f Force) bool { return f.By == e.From })
	switch {
	case at >= 0 && compare(e.Directive, held[at].Directive) <= 0:
		return RefusedKnown
	case at >= 0:
		held = slices.Delete(held, at, at+1)
	case len(held) >= MaxHeld:
		return RefusedOverloaded
	}
	held = append(held, Force{By: e.From, Directive: e.Directive, at: d.now})
	slices.SortFunc(held, func(a, b Force) int {
		return cmp.Or(compare(a.Directive, b.Directive), strings.Compare(string(a.By), string(b.By)))
	})
	d.held = held
	d.top = max(d.top, e.Directive.Term)
	d.out.Held = why
	if d.chair == d.self && why == HeldNotChair {
		d.repeatSoon()
	}
	return ""
}

// repeatSoon has self say what is in force again, under a higher term: others
// may have followed a higher directive than self's. Two who both believe to
// have the chair would answer each other for ever, so the wait doubles.
func (d *draft) repeatSoon() {
	if d.tenure.repeatAt != 0 {
		return
	}
	wait := min(int64(TakeChairAfter)<<min(d.tenure.repeats, 16), RepeatMost)
	d.tenure = tenure{repeatAt: d.now + wait, repeats: d.tenure.repeats + 1}
}

// reconsiderHeld follows what the roster now agrees with, lowest first, and
// forgets what waited too long or is out of date.
func (d *draft) reconsiderHeld() {
	if len(d.held) == 0 {
		return
	}
	kept := make([]Force, 0, len(d.held))
	for _, f := range d.held {
		switch {
		case d.now >= f.at+HoldFor, d.member(f.By) == nil, d.supersedes(f.By, f.Directive) != "":
		case !d.heeds(f.By) || !d.knows(f.Directive):
			kept = append(kept, f)
		case d.canServe(f.Directive):
			d.follow(f.By, f.Directive)
		}
	}
	d.held = kept
}
