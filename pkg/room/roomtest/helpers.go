package roomtest

import (
	"fmt"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

const (
	helpersACall = 2
	idleFor      = 60_000 // how long a helper stays that serves nobody
)

// newReserve makes a helper that waits at the rendezvous.
func (w *world) newReserve(at int, id identity.PeerID, rank int) *client {
	return &client{
		w: w, at: at, id: id, reserve: true, name: fmt.Sprintf("reserve%d", rank),
		kind: protocol.KindHelper, role: protocol.RoleParticipant, via: protocol.ViaPassword,
		strength: protocol.Capacity{UplinkKbps: 100_000, DownlinkKbps: 100_000, CoresMilli: 4000, Reachable: true, Willing: true},
	}
}

// callHelpers has the rendezvous send helpers to the room.
func (w *world) callHelpers(by *client) {
	if !by.connected {
		return
	}
	w.note("%s calls for helpers", by.name)
	sent := 0
	for _, c := range w.clients {
		if !c.reserve || c.alive || c.expelled || c.offline || sent == helpersACall {
			continue
		}
		sent++
		w.after(w.between(50, 600), func() {
			if !c.alive && !c.expelled {
				w.note("%s comes", c.name)
				c.start()
				c.stay()
			}
		})
	}
}

// stay has a helper leave when it has served nobody for a while.
func (c *client) stay() {
	w := c.w
	if c.serves() {
		c.idle = 0
	} else if c.idle == 0 {
		c.idle = w.now
	}
	if c.idle != 0 && w.now >= c.idle+idleFor {
		w.note("%s is not needed", c.name)
		c.step(room.Ended{})
		c.kill()
		if w.rdv.sessions[c] != nil {
			delete(w.rdv.sessions, c)
			w.tell(c, room.Left{ID: c.id, Why: protocol.LeftLeft})
		}
		c.n = 0
		return
	}
	w.after(5000, func() {
		if c.alive {
			c.stay()
		}
	})
}

// checkHelp: who is called comes to where it is needed, and an SFU that loses
// packets does not stay when another could take its place.
func (w *world) checkHelp(in []*client) {
	a := in[0].state.Arranged()
	sfu := w.at(a.SFU)
	if sfu == nil || in[0].state.InForce().Directive.Manual {
		return
	}
	spare, others := 0, 0
	for _, c := range w.clients {
		if c == sfu || c.expelled || c.leaky > 0 {
			continue
		}
		if c.reserve {
			spare++
		}
		if c.reserve || c.carries(len(in)) {
			others++
		}
	}
	if sfu.kind == protocol.KindHelper && a.Standby == "" && spare > 0 {
		w.fail("%s has no standby, though %d helpers could come", sfu.name, spare)
	}
	if sfu.leaky > 0 && others > 0 && w.now-w.saidAt > leakyAtMost {
		w.fail("%s serves though it loses packets, and %d others could", sfu.name, others)
	}
}

// leakyAtMost is how long an SFU may lose packets: adverts of the time before
// are not counted, the next may be some seconds away, and then it is given some.
const leakyAtMost = 35_000

// carries tells whether a client that is here can serve so many people.
func (c *client) carries(people int) bool {
	need := (people + 1) * 600 * 12 / 10
	return c.alive && !c.expelled && c.strength.Willing && c.strength.UplinkKbps > need && c.strength.DownlinkKbps > need && c.strength.CoresMilli > people*3
}
