package roomtest

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

const passOnUpTo = 16 // links of who is no SFU

// take gives a client what came from the rendezvous.
func (c *client) take(e room.Event) {
	if s, ok := e.(room.Said); ok {
		c.hear(s, false)
		return
	}
	c.step(e)
}

// act does what a state asks its session to do.
func (c *client) act(a room.Action) {
	force := c.state.InForce()
	switch a := a.(type) {
	case room.CallHelper:
		c.w.callHelpers(c)
	case room.Say:
		c.w.saidAt = c.w.now
		c.w.note("%s says %s", c.name, c.w.describe(a.Directive))
		c.broadcast(room.Said{From: c.id, Directive: a.Directive})
	case room.Show:
		e := room.Said{From: force.By, Directive: force.Directive}
		if a.To == "" {
			c.broadcast(e)
			return
		}
		if to := c.w.at(a.To); to != nil {
			c.sendTo(to, e)
		}
	}
}

// broadcast sends an envelope through the rendezvous and over every link; who
// gets it twice refuses it once.
func (c *client) broadcast(e room.Event) {
	if c.connected {
		c.w.tell(c, e)
	}
	c.pass(e)
}

func (c *client) sendTo(to *client, e room.Event) {
	if s := c.w.rdv.sessions[to]; c.connected && s != nil {
		c.w.deliver(to, s, e)
	}
	for _, l := range c.plan {
		if l.Peer == to.id {
			c.over(l.Ref, e)
		}
	}
}

// pass sends an envelope over every link that works.
func (c *client) pass(e room.Event) {
	for _, l := range c.plan {
		c.over(l.Ref, e)
	}
}

func (c *client) over(r room.Ref, e room.Event) {
	key, ok := c.key(r)
	if !ok {
		return
	}
	x := c.w.up(key)
	if x == nil || x.sessions[x.end(c)] != c.session {
		return
	}
	other := 1 - x.end(c)
	// A link's messages are ordered, but nothing orders them with the
	// rendezvous' or another link's.
	x.say(other, c.w.between(1, 150), func() {
		switch e := e.(type) {
		case room.Said:
			x.ends[other].hear(e, true)
		default:
			x.ends[other].step(e)
		}
	})
}

// hear takes a directive and passes on what is new.
func (c *client) hear(e room.Said, overLink bool) {
	out := c.step(e)
	if out.Refused == "" && overLink && (len(c.plan) <= passOnUpTo || c.serves()) {
		c.pass(e)
	}
}

func (c *client) serves() bool {
	a := c.state.Arranged()
	return a.SFU == c.id || a.Standby == c.id
}

// advertise tells the room what a client can lend, with a measurement's noise,
// and what it misses. Who lends and misses nothing says nothing.
func (c *client) advertise(every int64) {
	w := c.w
	if !c.alive {
		return
	}
	session := c.session
	w.after(every+w.between(0, 500), func() {
		if c.session == session {
			c.advertise(every)
		}
	})
	misses := c.misses()
	if c.kind == protocol.KindBrowser && misses == 0 && !c.missed {
		return
	}
	c.missed = misses != 0
	noise := func(x int) int { return x * int(w.between(900, 1100)) / 1000 }
	s := c.strength
	e := room.Advert{From: c.id, Capacity: protocol.Capacity{
		UplinkKbps: noise(s.UplinkKbps), DownlinkKbps: noise(s.DownlinkKbps), CoresMilli: noise(s.CoresMilli),
		Reachable: s.Reachable, Willing: s.Willing, LossMille: min(noise(misses), 1000),
	}}
	for range 5 {
		to := w.clients[w.rng.IntN(len(w.clients))]
		e.Capacity.RTTs = append(e.Capacity.RTTs, protocol.RTT{To: to.id, Millis: noise(40)})
	}
	c.step(e)
	if c.connected {
		w.tell(c, e)
	} else {
		c.pass(e)
	}
}

// misses returns how many of a thousand packets a client loses of what it is
// sent.
func (c *client) misses() int {
	if via := c.w.at(c.state.Router()); via != nil && via != c {
		return via.leaky
	}
	return 0
}

// measure tells a round trip over some link now and then.
func (c *client) measure() {
	session := c.session
	if c.alive && len(c.plan) > 0 {
		l := c.plan[c.w.rng.IntN(len(c.plan))]
		c.step(room.LinkMeasured{Link: l.Ref, Millis: int(c.w.between(20, 90))})
	}
	c.w.after(c.w.between(5000, 7000), func() {
		if c.session == session && c.alive {
			c.measure()
		}
	})
}

// has returns whom a serving client has a carrying link with, itself included
// when it sends anything.
func (c *client) has() []identity.PeerID {
	ids := []identity.PeerID{}
	for _, l := range c.plan {
		if l.Shape != room.ShapeServe {
			continue
		}
		key, _ := c.key(l.Ref)
		if x := c.w.up(key); x != nil && x.carries[0] {
			ids = append(ids, l.Peer)
		}
	}
	return ids
}

// hearSoon has everybody that a client serves told whom it has.
func (c *client) hearSoon() {
	if c.hearing {
		return
	}
	c.hearing = true
	session := c.session
	soon := int64(150)
	if c.w.large {
		soon = 700
	}
	c.w.after(soon, func() {
		c.hearing = false
		if !c.alive || c.session != session || !c.serves() && len(c.has()) == 0 {
			return
		}
		e := room.Heard{Via: c.id, Peers: c.has()}
		for _, l := range c.plan {
			if l.Shape == room.ShapeServe {
				c.over(l.Ref, e)
			}
		}
	})
}

// vouch repeats it while it serves.
func (c *client) vouch() {
	session := c.session
	if c.serves() {
		c.hearSoon()
	}
	every := int64(5000)
	if c.w.large {
		every = 8000
	}
	c.w.after(every, func() {
		if c.session == session && c.alive {
			c.vouch()
		}
	})
}
