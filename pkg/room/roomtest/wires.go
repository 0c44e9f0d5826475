package roomtest

import (
	"cmp"
	"strings"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/room"
)

// wireKey names what runs between two clients: a mesh link, or one that serves
// the client to.
type wireKey struct {
	from, to int
	star     bool // from serves to; in a mesh from < to
}

// wire is a link as it really is. Each end hears of it later.
type wire struct {
	key      wireKey
	ends     [2]*client // from, to
	sessions [2]int64
	broken   bool
	carries  [2]bool  // the end has been told that it carries
	since    [2]int64 // when it was
	order    [2]int64 // when the end's latest message arrives
	told     int      // ends that know it is broken
}

func (c *client) key(l room.Ref) (wireKey, bool) {
	peer, ok := c.w.index[l.Peer]
	if !ok {
		return wireKey{}, false
	}
	switch l.Shape {
	case room.ShapeMesh:
		return wireKey{min(c.at, peer), max(c.at, peer), false}, true
	case room.ShapeServe:
		return wireKey{c.at, peer, true}, true
	default:
		return wireKey{peer, c.at, true}, true
	}
}

func (x *wire) end(c *client) int {
	if x.ends[0] == c {
		return 0
	}
	return 1
}

// ref is how an end names a wire.
func (x *wire) ref(end int) room.Ref {
	r := room.Ref{Peer: x.ends[1-end].id, Session: x.sessions[1-end], Shape: room.ShapeMesh}
	if x.key.star {
		r.Shape = [2]room.Shape{room.ShapeServe, room.ShapeSFU}[end]
	}
	return r
}

func find(plan []room.Link, r room.Ref) *room.Link {
	low, high := 0, len(plan)
	for low < high {
		middle := (low + high) / 2
		if compareRefs(plan[middle].Ref, r) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == len(plan) || plan[low].Ref != r {
		return nil
	}
	return &plan[low]
}

func compareIDs(a, b identity.PeerID) int { return strings.Compare(string(a), string(b)) }

// match makes the links what the plan says, as a session does.
func (c *client) match() {
	now := room.Plan(c.state)
	if len(now) == len(c.plan) && (len(now) == 0 || &now[0] == &c.plan[0]) {
		return
	}
	before := c.plan
	c.plan = now
	c.checkPlan()
	for len(before) > 0 || len(now) > 0 {
		switch {
		case len(now) == 0 || len(before) > 0 && compareRefs(before[0].Ref, now[0].Ref) < 0:
			c.closes(before[0])
			before = before[1:]
		case len(before) == 0 || compareRefs(before[0].Ref, now[0].Ref) > 0:
			c.attempt(now[0].Ref)
			now = now[1:]
		default:
			if before[0].Waits && !now[0].Waits {
				c.attempt(now[0].Ref)
			}
			if now[0].Draining && !before[0].Draining {
				c.drains[now[0].Ref] = c.w.now
			}
			if now[0].Quiet != before[0].Quiet {
				c.ask(now[0].Ref, !now[0].Quiet)
				c.carryAgain(now[0])
			}
			before, now = before[1:], now[1:]
		}
	}
}

func compareRefs(a, b room.Ref) int {
	return cmp.Or(compareIDs(a.Peer, b.Peer), cmp.Compare(a.Session, b.Session), strings.Compare(string(a.Shape), string(b.Shape)))
}

func (c *client) attemptAll() {
	for i := range c.plan {
		c.attempt(c.plan[i].Ref)
	}
}

// counterpart returns the other end's line for a link, when it wants it too.
func (c *client) counterpart(r room.Ref) *room.Link {
	peer := c.w.at(r.Peer)
	if peer == nil || !peer.alive || peer.session != r.Session {
		return nil
	}
	shape := r.Shape
	switch r.Shape {
	case room.ShapeSFU:
		shape = room.ShapeServe
	case room.ShapeServe:
		shape = room.ShapeSFU
	}
	return find(peer.plan, room.Ref{Peer: c.id, Session: c.session, Shape: shape})
}

// attempt opens a link when both ends want it and can signal.
func (c *client) attempt(r room.Ref) {
	w := c.w
	key, ok := c.key(r)
	if !ok || w.wires[key] != nil || !c.possible(r) {
		return
	}
	w.after(w.between(30, 400), func() {
		if w.wires[key] != nil || !c.possible(r) || !w.reachable(c, w.at(r.Peer)) {
			return
		}
		w.open(key)
	})
}

func (c *client) possible(r room.Ref) bool {
	peer := c.w.at(r.Peer)
	mine, theirs := find(c.plan, r), c.counterpart(r)
	return c.alive && mine != nil && theirs != nil && c.connected && peer.connected &&
		!mine.Waits && !theirs.Waits
}

func (w *world) open(key wireKey) {
	x := &wire{key: key, ends: [2]*client{w.clients[key.from], w.clients[key.to]}}
	x.sessions = [2]int64{x.ends[0].session, x.ends[1].session}
	w.checkOffer(x)
	w.wires[key] = x
	for end := range 2 {
		c := x.ends[end]
		x.say(end, w.between(0, 60), func() {
			c.step(room.LinkUp{Link: x.ref(end)})
			if l := find(c.plan, x.ref(end)); l != nil && l.Quiet {
				c.ask(l.Ref, false)
			}
		})
		x.say(end, w.between(70, 300), func() {
			x.carries[end], x.since[end] = true, w.now
			c.step(room.LinkCarrying{Link: x.ref(end)})
			if x.key.star && end == 0 {
				c.hearSoon()
			}
		})
	}
}

// say tells an end something about a wire, in order, as long as both live.
func (x *wire) say(end int, wait int64, run func()) {
	c := x.ends[end]
	w := c.w
	x.order[end] = max(x.order[end], w.now+wait)
	w.after(x.order[end]-w.now, func() {
		if !x.broken && c.session == x.sessions[end] {
			run()
		}
	})
}

func (c *client) ask(r room.Ref, asked bool) {
	key, ok := c.key(r)
	if !ok {
		return
	}
	x := c.w.wires[key]
	if x == nil || x.broken {
		return
	}
	other := 1 - x.end(c)
	x.say(other, c.w.between(5, 80), func() { x.ends[other].step(room.LinkAsked{Link: x.ref(other), Asked: asked}) })
}

// carryAgain has a link carry what is asked for on it again, a little later.
func (c *client) carryAgain(l room.Link) {
	key, ok := c.key(l.Ref)
	if !ok {
		return
	}
	x := c.w.up(key)
	if x == nil || l.Quiet {
		return
	}
	end := x.end(c)
	x.carries[end] = false
	x.say(end, c.w.between(60, 250), func() {
		x.carries[end], x.since[end] = true, c.w.now
		c.step(room.LinkCarrying{Link: x.ref(end)})
	})
}

// closes lets go of a link that is no longer in the plan.
func (c *client) closes(l room.Link) {
	key, ok := c.key(l.Ref)
	if !ok {
		return
	}
	x := c.w.wires[key]
	if x == nil || x.broken || x.sessions[x.end(c)] != c.session || x.sessions[1-x.end(c)] != l.Session {
		return
	}
	c.checkClose(x, l)
	x.broken = true
	x.told++
	c.w.tellBroken(x, 1-x.end(c), c.w.between(5, 100))
}

// cutWire breaks a link; its ends notice by its heartbeat.
func (w *world) cutWire(x *wire) {
	if x.broken {
		return
	}
	x.broken = true
	for end := range 2 {
		w.tellBroken(x, end, w.between(400, 900))
	}
}

func (w *world) tellBroken(x *wire, end int, wait int64) {
	w.after(wait, func() {
		c := x.ends[end]
		x.told++
		if x.told == 2 {
			delete(w.wires, x.key)
		}
		if c.alive && c.session == x.sessions[end] {
			c.step(room.LinkDown{Link: x.ref(end)})
		}
		if x.told == 2 {
			for end := range 2 {
				x.ends[end].attempt(x.ref(end))
				x.ends[end].attemptLike(x.key)
			}
		}
	})
}

// attemptLike opens what may be wanted in a wire's place, such as the same link
// with a new session.
func (c *client) attemptLike(key wireKey) {
	for i := range c.plan {
		if k, ok := c.key(c.plan[i].Ref); ok && k == key {
			c.attempt(c.plan[i].Ref)
		}
	}
}

// up returns the wire of a key that works, or nil.
func (w *world) up(key wireKey) *wire {
	if x := w.wires[key]; x != nil && !x.broken {
		return x
	}
	return nil
}
