package session

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// follower is what a gathering's consequences happen to.
type follower interface {
	planned([]room.Link)
	act(room.Action)
	// noticed is told whom a notice is about, as far as that was known.
	noticed(room.Notice, *protocol.Participant)
}

// gathering is the shell around the room's core: it feeds it what happened, one
// thing after the other, and hands on its plan, actions and notices. It belongs
// to the loop.
type gathering struct {
	self     identity.PeerID
	follower follower
	now      func() int64 // milliseconds, from 1
	state    room.State
	known    map[room.Ref]vitals
	queue    []room.Event // what happens while a step's consequences are drawn
	stepping bool
}

func newGathering(self identity.PeerID, f follower, now func() int64) *gathering {
	return &gathering{self: self, follower: f, now: now, state: room.New(self), known: make(map[room.Ref]vitals)}
}

// vitals is what the core wants to know of a link. The zero value is that of a
// link that is not there.
type vitals struct {
	up       bool
	carrying bool // what was asked for flows, or there is nothing to flow
	unasked  bool // the peer asks for nothing
	millis   int  // round trip; −1 when not measured
}

var unborn = vitals{millis: -1}

// happened feeds the core and returns why it refused, if it did.
func (g *gathering) happened(e room.Event) room.Reason {
	g.queue = append(g.queue, e)
	if g.stepping {
		return ""
	}
	g.stepping = true
	var refused room.Reason
	for i := 0; len(g.queue) > 0; i++ {
		next := g.queue[0]
		g.queue = slices.Delete(g.queue, 0, 1)
		if why := g.step(next); i == 0 {
			refused = why
		}
	}
	g.stepping = false
	return refused
}

func (g *gathering) step(e room.Event) room.Reason {
	before, in := g.state, room.Input{At: g.now(), Event: e}
	after, outcome := room.Step(before, in)
	if w, welcome := e.(room.Welcome); welcome && w.Self.ID == g.self && outcome.Refused == room.RefusedNotSelf {
		// The rendezvous gave another session: everything begins anew, once.
		before = room.New(g.self)
		g.state = before
		g.follower.planned(nil)
		after, outcome = room.Step(before, in)
	}
	g.state = after
	if plan := room.Plan(after); !samePlan(plan, room.Plan(before)) {
		g.follower.planned(plan)
	}
	for _, a := range outcome.Actions {
		g.follower.act(a)
	}
	for _, n := range outcome.Notices {
		g.follower.noticed(n, eitherOf(after, before, aboutWhom(n)))
	}
	return outcome.Refused
}

// samePlan compares by identity: a plan in which nothing differs is the same slice.
func samePlan(a, b []room.Link) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// linked tells how a link of the plan is; unborn when it is no more.
func (g *gathering) linked(ref room.Ref, now vitals) {
	before, known := g.known[ref]
	if !known {
		before = unborn
	}
	if now == before {
		return
	}
	if now == unborn {
		delete(g.known, ref)
	} else {
		g.known[ref] = now
	}
	wasUp := before.up && now.up
	switch {
	case now.up && !before.up:
		g.happened(room.LinkUp{Link: ref})
	case !now.up && before.up:
		g.happened(room.LinkDown{Link: ref})
	}
	if !now.up {
		return
	}
	if now.carrying && (!wasUp || !before.carrying) {
		g.happened(room.LinkCarrying{Link: ref})
	}
	// A link that just came up counts as asked.
	if now.unasked != (wasUp && before.unasked) {
		g.happened(room.LinkAsked{Link: ref, Asked: !now.unasked})
	}
	if now.millis >= 0 && now.millis != before.millis {
		g.happened(room.LinkMeasured{Link: ref, Millis: now.millis})
	}
}

// forgetCarrying lets a link's carrying be told again: its line in the plan was
// Quiet and is no longer.
func (g *gathering) forgetCarrying(ref room.Ref) {
	if v, known := g.known[ref]; known {
		v.carrying = false
		g.known[ref] = v
	}
}

// has tells whether this very session of somebody is in the room.
func (g *gathering) has(p party) bool {
	who := g.person(p.id)
	return who != nil && who.Session == p.session
}

func (g *gathering) person(id identity.PeerID) *room.Person { return find(g.state, id) }

func find(s room.State, id identity.PeerID) *room.Person {
	p, here := s.Person(id)
	if !here {
		return nil
	}
	return &p
}

func eitherOf(after, before room.State, id identity.PeerID) *protocol.Participant {
	p := find(after, id)
	if p == nil {
		p = find(before, id)
	}
	if p == nil {
		return nil
	}
	return &p.Participant
}

func aboutWhom(n room.Notice) identity.PeerID {
	switch n := n.(type) {
	case room.Entered:
		return n.ID
	case room.Gone:
		return n.ID
	case room.Doubted:
		return n.ID
	case room.Confirmed:
		return n.ID
	case room.Restarted:
		return n.ID
	case room.ChairMoved:
		return n.To
	case room.Followed:
		return n.Directive.SFU
	case room.Switched:
		return n.SFU
	default:
		return ""
	}
}
