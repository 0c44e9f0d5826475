package roomtest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

func newWorld(o Options) *world {
	w := &world{
		options: o,
		rng:     rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15)),
		now:     1_000_000,
		index:   map[identity.PeerID]int{},
		wires:   map[wireKey]*wire{},
		counted: map[[2]int64]said{},
		views:   map[viewKey]room.Arrangement{},
		hash:    14695981039346656037,
	}
	w.rdv = rendezvous{up: true, number: 1_000_000, sessions: map[*client]*session{}, expelled: map[*client]bool{}}
	count := o.Members
	if count == 0 {
		count = w.size()
	}
	w.large = count > 60
	members := count
	if !w.large && w.chance(60) {
		count += int(w.between(1, 3))
	}
	ids := make([]identity.PeerID, count)
	for i := range ids {
		id := []byte("12D3KooW")
		for range 44 {
			id = append(id, base58[w.rng.IntN(len(base58))])
		}
		ids[i] = identity.PeerID(id)
		if o.Brief {
			ids[i] = identity.PeerID(rune('a' + i))
		}
	}
	slices.Sort(ids)
	kinds := w.rng.Perm(count)
	for i, id := range ids {
		w.index[id] = i
		if kinds[i] >= members {
			w.clients = append(w.clients, w.newReserve(i, id, kinds[i]))
			continue
		}
		w.clients = append(w.clients, w.newClient(i, id, kinds[i]))
	}
	return w
}

func (w *world) size() int {
	if w.options.Seed%40 == 0 {
		return 200
	}
	switch w.rng.IntN(20) {
	case 0:
		return int(w.between(13, 30))
	case 1, 2, 3, 4, 5:
		return int(w.between(6, 12))
	default:
		return int(w.between(2, 7))
	}
}

// newClient makes the rank-th of the room's people: the first is the host, some
// lend their machines, some of those are no members.
func (w *world) newClient(at int, id identity.PeerID, rank int) *client {
	c := &client{w: w, at: at, id: id, kind: protocol.KindBrowser, role: protocol.RoleParticipant, via: protocol.ViaInvitation}
	c.name = fmt.Sprintf("p%d", rank)
	switch {
	case rank == 0:
		c.role, c.name = protocol.RoleHost, "host"
	case w.chance(15):
		c.role = protocol.RoleCoHost
	}
	if w.chance(40) {
		c.via = protocol.ViaPassword
	}
	nodes := 35
	if w.large {
		nodes = 4
	}
	if w.chance(nodes) || (w.large && rank < 3) {
		c.kind, c.name = protocol.KindNode, c.name+"/node"
		if rank > 0 && w.chance(35) {
			c.kind, c.name = protocol.KindHelper, fmt.Sprintf("helper%d", rank)
			c.role, c.via = protocol.RoleParticipant, protocol.ViaPassword
		}
		scale := int(w.between(1, 40))
		if w.large {
			scale = int(w.between(50, 500))
		}
		c.strength = protocol.Capacity{
			UplinkKbps: 2000 * scale, DownlinkKbps: 2500 * scale, CoresMilli: 60 * scale,
			Reachable: w.chance(60), Willing: w.chance(85),
		}
		if !w.large && w.chance(20) {
			c.leaky, c.name = int(w.between(150, 600)), c.name+"!"
		}
	}
	return c
}

// start begins a process of a client: a first one, or one after a reload.
func (c *client) start() {
	c.alive = true
	c.session = 0
	c.state = room.New(c.id)
	if c.w.options.Rules != nil {
		c.state = room.NewWithRules(c.id, c.w.options.Rules)
	}
	c.plan, c.wakes, c.hearing = nil, 0, false
	c.removed, c.doubts = map[identity.PeerID]int64{}, map[identity.PeerID]int64{}
	c.seqs, c.follows, c.drains = [2]int64{}, "", map[room.Ref]int64{}
	c.idle, c.missed = c.w.now, false
	c.w.connect(c)
	c.begin(c.w.between(0, 2000))
}

// begin starts what a client does all the time, once it has a session.
func (c *client) begin(wait int64) {
	w := c.w
	w.after(wait, func() {
		if !c.alive {
			return
		}
		if c.session == 0 {
			c.begin(500)
			return
		}
		every := int64(10_000)
		if w.large {
			every = 25_000
		}
		c.advertise(every)
		if !w.large {
			c.measure()
		}
		c.vouch()
	})
}

// kill ends a process without a word.
func (c *client) kill() {
	w := c.w
	if !c.alive {
		return
	}
	c.alive = false
	w.disconnect(c)
	for _, l := range c.plan {
		if key, ok := c.key(l.Ref); ok {
			if x := w.up(key); x != nil && x.sessions[x.end(c)] == c.session {
				w.cutWire(x)
			}
		}
	}
}

// leave ends a stay for good.
func (c *client) leave() {
	w := c.w
	c.expelled = true
	if c.alive && c.session != 0 {
		c.step(room.Ended{})
	}
	c.kill()
	if s := w.rdv.sessions[c]; s != nil {
		delete(w.rdv.sessions, c)
		w.tell(c, room.Left{ID: c.id, Why: protocol.LeftLeft})
	}
}

// script plans a run: everybody comes, trouble, healing, the bounds.
func (w *world) script() {
	troubled := w.between(15_000, 40_000)
	healsIn, calmIn, endsIn := int64(50_000), int64(110_000), int64(135_000)
	if w.large {
		troubled = w.between(9_000, 15_000)
		calmIn, endsIn = 0, 51_000
	}
	for i, c := range w.clients {
		if c.reserve {
			continue
		}
		wait := w.between(0, 1500)
		if i%2 == 1 {
			wait = w.between(0, troubled/2)
		}
		if w.large {
			// Those who can carry come first, or hundreds of links are made that
			// serve to show the same thing once more.
			wait = w.between(0, 500)
			if c.kind == protocol.KindBrowser && c.role != protocol.RoleHost && i%16 != 0 {
				wait = w.between(4500, 10_000)
			}
		}
		w.after(wait, func() {
			if !c.alive && !c.expelled {
				c.start()
			}
		})
	}
	troubles := int(w.between(0, 8))
	if w.large {
		troubles = int(w.between(1, 3))
	}
	for range troubles {
		w.after(w.between(1000, troubled), w.upset)
	}
	heals := troubled + 1000
	w.after(heals, w.heal)
	w.after(heals+healsIn, w.checkPaths)
	if calmIn != 0 {
		w.after(heals+calmIn, func() { w.quiet = true; w.note("from here nothing happens but noise") })
	}
	w.after(heals+endsIn-1, w.checkPaths)
	w.ends = w.now + heals + endsIn
}

func (w *world) someone() *client { return w.clients[w.rng.IntN(len(w.clients))] }

// upset does one bad thing.
func (w *world) upset() {
	w.trouble = w.now
	c := w.someone()
	if c.reserve && !c.alive {
		return
	}
	switch w.rng.IntN(12) {
	case 0:
		w.crashRendezvous(w.between(300, 9000))
	case 1:
		w.note("%s crashes", c.name)
		c.kill()
	case 2, 3:
		w.note("%s reloads", c.name)
		c.kill()
		w.after(w.between(300, 4000), func() {
			if !c.alive && !c.expelled {
				c.start()
			}
		})
	case 4:
		w.partition()
	case 5:
		w.note("%s loses its network", c.name)
		c.offline, c.cut = true, 1000+c.at
		w.cutUnreachable()
		w.disconnect(c)
	case 6:
		w.note("%s's socket breaks", c.name)
		w.disconnect(c)
	case 7:
		if c.role != protocol.RoleHost {
			w.expel(c)
		}
	case 8:
		w.note("%s leaves", c.name)
		c.leave()
	case 9:
		w.killServing()
	case 10:
		w.promote(c)
	case 11:
		w.chooseByHand()
	}
}

// partition lets some reach only each other.
func (w *world) partition() {
	away := w.chance(50)
	w.note("the network splits (from the rendezvous too: %v)", away)
	for _, c := range w.clients {
		if w.chance(40) {
			c.cut = 1
			if away {
				c.offline = true
				w.disconnect(c)
			}
		}
	}
	w.cutUnreachable()
}

func (w *world) cutUnreachable() {
	for _, c := range w.clients {
		for _, l := range c.plan {
			if key, ok := c.key(l.Ref); ok {
				if x := w.up(key); x != nil && !w.reachable(x.ends[0], x.ends[1]) {
					w.cutWire(x)
				}
			}
		}
	}
}

// killServing kills whoever is the SFU, or else has the chair.
func (w *world) killServing() {
	for _, c := range w.clients {
		if c.alive && c.state.Inside() {
			victim := w.at(c.state.Arranged().SFU)
			if victim == nil {
				victim = w.at(c.state.ActingHost())
			}
			if victim != nil {
				w.note("%s, who serves or presides, crashes", victim.name)
				victim.kill()
			}
			return
		}
	}
}

func (w *world) chooseByHand() {
	for _, c := range w.clients {
		if !c.alive || c.state.ActingHost() != c.id {
			continue
		}
		e := room.Choose{}
		if sfu := w.someone(); w.chance(60) {
			e = room.Choose{Topology: elect.Star, SFU: sfu.id, Standby: w.someone().id}
		}
		c.step(e)
		return
	}
}

// heal ends every trouble. Who crashed stays away.
func (w *world) heal() {
	w.note("everything heals")
	w.trouble = w.now
	for _, c := range w.clients {
		c.cut, c.offline = 0, false
	}
	for _, c := range w.clients {
		c.attemptAll()
		if c.alive && c.state.ActingHost() == c.id {
			c.step(room.Choose{})
		}
	}
}
