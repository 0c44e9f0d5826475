package session

import (
	"errors"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// envelope takes what somebody says to the whole room, not checked yet. via is
// the link that it came by; nil for the rendezvous and the overlay.
func (l *loop) envelope(e protocol.Envelope, via *tie) {
	// Keys cost nothing: only who was let in is listened to.
	if e.From == l.self || !l.core.state.Has(e.From) {
		return
	}
	if e.Kind == protocol.EnvelopeChat && !l.may(e.From, l.policy.Chat) {
		l.count.envelopes++
		return
	}
	if e.Kind == protocol.EnvelopeDirective && !l.door.wasMember(e.From, e.Session) {
		l.count.envelopes++ // it was said to another room, or before self came
		return
	}
	if l.envelopes.seen.has(e) {
		return // by another way
	}
	if err := l.envelopes.admits(e); err != nil {
		l.count.envelopes++
		if errors.Is(err, protocol.ErrEnvelopeSignature) {
			l.suspect(e2ee.AlarmForged, e.From, false)
		}
		return
	}
	if !l.understand(e) {
		l.count.envelopes++
		return
	}
	l.relay(e, via)
}

// understand acts on an envelope and reports whether its body makes sense.
func (l *loop) understand(e protocol.Envelope) bool {
	switch e.Kind {
	case protocol.EnvelopeChat:
		return l.read(e, false)
	case protocol.EnvelopeDirective:
		x, err := protocol.Decode[protocol.Directive]([]byte(e.Body))
		if err != nil {
			return false
		}
		l.directives.keep(e.From, x, e, l.inForce)
		l.core.happened(room.Said{From: e.From, Directive: x})
		l.tellTopology()
	case protocol.EnvelopeCapacity:
		c, err := protocol.Decode[protocol.Capacity]([]byte(e.Body))
		if err != nil {
			return false
		}
		l.capacities[e.From] = c
		l.core.happened(room.Advert{From: e.From, Capacity: c})
	default:
		return false
	}
	return true
}

func (l *loop) inForce(by identity.PeerID, term, seq int64) bool {
	f := l.core.state.InForce()
	return f.By == by && f.Directive.Term == term && f.Directive.Seq == seq
}

// act, as follower.
func (l *loop) act(a room.Action) {
	switch a := a.(type) {
	case room.Say:
		e, err := makeEnvelope(l.envelopes, l.number, protocol.EnvelopeDirective, a.Directive)
		if err != nil {
			l.log.Error("a directive could not be said", "error", err)
			return
		}
		l.directives.keep(l.self, a.Directive, e, l.inForce)
		l.spread(e)
		// Where the links are about to change, no way is to be relied upon alone.
		l.broadcast(e)
	case room.Show:
		l.show(a.To)
	case room.CallHelper:
		if err := l.rendezvous.Send(protocol.CallHelper{}); err != nil {
			l.log.Warn("helpers could not be called", "error", err)
		}
	}
	l.tellTopology()
}

// show sends the directive in force to somebody who may not have it, or to
// everybody.
func (l *loop) show(to identity.PeerID) {
	f := l.core.state.InForce()
	e := l.directives.find(f.By, f.Directive)
	switch {
	case e == nil:
	case to == "":
		l.spread(*e)
	default:
		if t := l.links.to(to); t == nil || !l.send(t, protocol.Carry{Envelope: *e}) {
			l.broadcast(*e)
		}
	}
}

// spread sends an envelope of self's own, or one shown again, to everybody by
// every way that it takes, and returns whom no link reaches: neither one to
// them nor one to an SFU.
func (l *loop) spread(e protocol.Envelope) (missed []identity.PeerID) {
	reached := make(map[identity.PeerID]bool)
	for id, t := range l.links.each() {
		reached[id] = l.send(t, protocol.Carry{Envelope: e})
	}
	if l.topic != nil {
		if err := l.topic.Publish(e); err != nil {
			l.log.Debug("overlay", "error", err)
		}
	}
	bySFU := reached[l.core.state.Router()]
	unreached := false
	for p := range l.core.state.All() {
		if p.ID == l.self || reached[p.ID] || (bySFU && p.ID != l.core.state.Router()) {
			continue
		}
		unreached = true
		if p.Kind != protocol.KindHelper {
			missed = append(missed, p.ID)
		}
	}
	// What people write to each other is no affair of the rendezvous.
	if unreached && e.Kind != protocol.EnvelopeChat && l.broadcast(e) {
		return nil
	}
	return missed
}
