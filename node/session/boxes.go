package session

import (
	"errors"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// party is another participant's session, or self's own.
type party struct {
	id      identity.PeerID
	session int64
}

// seal makes a box for one participant, with the epochs before everything else
// where they may lack them.
func (l *loop) seal(to guest, m protocol.BoxMessage) (string, error) {
	return l.keys.mailbox.Seal(to.session, append(l.grants(to, false), m)...)
}

// way is what a box came by.
type way int

const (
	byRendezvous way = iota + 1
	byPeers          // links or the overlay, by both of which the same box may come
)

// receive takes a box that came from a participant's session. What is from
// nobody here was told about when it came to the door.
func (l *loop) receive(from party, box string, by way) {
	sender, here := l.door.guests[from.id]
	if !here || from.id == l.self || !l.core.has(from) {
		return
	}
	first := !l.keys.mailbox.Heard(sender.session)
	messages, err := l.keys.mailbox.Open(sender.session, box, l.keys.ring)
	if err != nil {
		l.count.boxes++
		if !errors.Is(err, e2ee.ErrReplayed) || by == byRendezvous {
			l.unopened(sender, err, first)
		}
		return
	}
	if now := l.millis(); l.unreached.heard(now, from) {
		l.next.seek = now
	}
	for _, m := range messages {
		switch m := m.(type) {
		case protocol.Grant:
			l.granted(sender, m)
		case protocol.Carry:
			l.envelope(m.Envelope, nil)
		case protocol.LinkSignal:
			l.links.accept(from, m)
		}
	}
}

// broadcast sends an envelope through the rendezvous: in one box to everybody who
// has the epoch, in one each to the others, and reports whether it went.
func (l *loop) broadcast(e protocol.Envelope) bool {
	if !l.connected {
		return false
	}
	went, all, now := true, false, l.millis()
	for p := range l.core.state.All() {
		to, here := l.door.guests[p.ID]
		switch {
		case !here || p.ID == l.self:
		case l.reads(to):
			all = true
		case e.Kind == protocol.EnvelopeCapacity && l.keys.inUse == nil && p.ID != l.core.state.ActingHost():
			// Who has no epoch, a helper, tells the others by links.
		default:
			went = l.keys.bySignal.take(now) && l.write(to, e) && went
		}
	}
	if !all {
		return went
	}
	box, err := l.keys.mailbox.SealAll(l.keys.inUse, protocol.Carry{Envelope: e})
	return err == nil && l.rendezvous.Send(protocol.SendBroadcast{Box: box}) == nil && went
}

// write sends an envelope to one participant through the rendezvous.
func (l *loop) write(to guest, e protocol.Envelope) bool {
	box, err := l.seal(to, protocol.Carry{Envelope: e})
	return err == nil && l.rendezvous.Send(protocol.SendSignal{To: to.entry.ID, Box: box}) == nil
}
