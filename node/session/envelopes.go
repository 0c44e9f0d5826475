package session

import (
	"errors"
	"fmt"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// envelopes numbers and signs what self says to the room, and checks what
// others say: whether it is of this meeting, new here, and signed by its author.
type envelopes struct {
	meeting meeting.ID
	self    *identity.Identity
	seen    *seen
	seq     int64
}

func newEnvelopes(id meeting.ID, self *identity.Identity) *envelopes {
	return &envelopes{meeting: id, self: self, seen: newSeen()}
}

// spoken is what an envelope's body can be, where it is not sealed.
type spoken interface {
	protocol.Capacity | protocol.Directive
}

func makeEnvelope[T spoken](x *envelopes, session int64, kind protocol.EnvelopeKind, body T) (protocol.Envelope, error) {
	text, err := protocol.Encode(body)
	if err != nil {
		return protocol.Envelope{}, fmt.Errorf("session: %s: %w", kind, err)
	}
	return x.sign(session, kind, func(int64) (string, error) { return string(text), nil })
}

// sign makes an envelope of self's own. A sealed body is bound to its number.
func (x *envelopes) sign(session int64, kind protocol.EnvelopeKind, body func(seq int64) (string, error)) (protocol.Envelope, error) {
	seq := x.next()
	text, err := body(seq)
	if err != nil {
		return protocol.Envelope{}, fmt.Errorf("session: %s: %w", kind, err)
	}
	e := protocol.Envelope{Meeting: x.meeting, Session: session, Seq: seq, Kind: kind, Body: text}.Sign(x.self)
	x.seen.add(e)
	return e, nil
}

// next is a number that no other envelope of this stay has.
func (x *envelopes) next() int64 {
	x.seq++
	return x.seq
}

var (
	errOtherMeeting = errors.New("session: an envelope of another meeting")
	errSeen         = errors.New("session: an envelope that came before")
)

// admits returns nil when e is to be listened to. Only a good one counts as seen:
// a forged copy must not keep the real one out.
func (x *envelopes) admits(e protocol.Envelope) error {
	switch {
	case e.Meeting != x.meeting:
		return errOtherMeeting
	case x.seen.has(e):
		return errSeen
	}
	if err := e.Verify(); err != nil {
		return err
	}
	x.seen.add(e)
	return nil
}
