package session

import (
	"context"
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// post brings a signal to another participant's session. What cannot be sent
// leaves a link that will find itself broken.
func (l *loop) post(to party, signal protocol.LinkSignal) {
	receiver, here := l.door.guests[to.id]
	if !here || receiver.entry.Session != to.session {
		return
	}
	box, err := l.seal(receiver, signal)
	if err != nil {
		l.log.Warn("a signal could not be sealed", "error", err)
		return
	}
	l.dispatch(to.id, box)
}

// dispatch brings a box to another participant: through the rendezvous, or, while
// that cannot be reached, by every other way there is; a box that comes twice
// does no harm.
func (l *loop) dispatch(to identity.PeerID, box string) {
	sent := false
	if !l.connected {
		sent = l.pass(to, box)
		sent = l.couriers.send(to, box) || sent
	}
	if !sent {
		if err := l.rendezvous.Send(protocol.SendSignal{To: to, Box: box}); err != nil {
			l.log.Warn("a signal was not sent", "error", err)
		}
	}
}

// pass brings a box by the links that there are, be they on their way out: by
// one with its receiver, or by one with an SFU that says to have its receiver.
func (l *loop) pass(to identity.PeerID, box string) bool {
	if t := l.links.to(to); t != nil && l.core.has(t.party) {
		return l.send(t, protocol.Pass{From: l.self, Session: l.number, To: to, Box: box})
	}
	for _, t := range l.links.ties {
		if t.line.Shape == room.ShapeSFU && t.up() && slices.Contains(t.says, to) {
			return l.send(t, protocol.Pass{From: l.self, Session: l.number, To: to, Box: box})
		}
	}
	return false
}

const (
	courierWithin = 10 * time.Second // for one box
	couriersMost  = protocol.MaxRoster
)

// couriers bring boxes to other nodes over the overlay: one for each node, so
// that its boxes stay in order and nobody waits for another's. They belong to
// the loop.
type couriers struct {
	loop *loop
	ctx  context.Context
	to   map[identity.PeerID]chan string
}

// send reports whether a box is on its way.
func (c *couriers) send(to identity.PeerID, box string) bool {
	l := c.loop
	p := l.core.person(to)
	if l.topic == nil || p == nil || p.Kind == protocol.KindBrowser {
		return false
	}
	queue := c.to[to]
	if queue == nil {
		if len(c.to) >= couriersMost {
			return false
		}
		queue = make(chan string, courierQueue)
		if c.to == nil {
			c.to = make(map[identity.PeerID]chan string)
		}
		c.to[to] = queue
		topic, session := l.topic, l.number
		l.running.Go(func() { carry(c.ctx, topic, to, session, queue) })
	}
	select {
	case queue <- box:
		return true
	default:
		return false
	}
}

// end lets the couriers go when they have brought what they have.
func (c *couriers) end() {
	for _, queue := range c.to {
		close(queue)
	}
	clear(c.to)
}

func carry(ctx context.Context, topic Topic, to identity.PeerID, session int64, queue <-chan string) {
	for box := range queue {
		if ctx.Err() != nil {
			continue
		}
		within, cancel := context.WithTimeout(ctx, courierWithin)
		_ = topic.Signal(within, to, session, box) // what did not arrive is asked for again by the link's other end
		cancel()
	}
}
