package session

import (
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

// spoken is what an envelope's body can be.
type spoken interface {
	protocol.Chat | protocol.Capacity | protocol.Directive
}

func makeEnvelope[T spoken](x *envelopes, session int64, kind protocol.EnvelopeKind, body T) (protocol.Envelope, error) {
	text, err := protocol.Encode(body)
	if err != nil {
		return protocol.Envelope{}, fmt.Errorf("session: %s: %w", kind, err)
	}
	x.seq++
	e := protocol.Envelope{Meeting: x.meeting, Session: session, Seq: x.seq, Kind: kind, Body: string(text)}.Sign(x.self)
	x.seen.add(e)
	return e, nil
}

// admits reports whether e is to be listened to. Only a good one counts as seen:
// a forged copy must not keep the real one out.
func (x *envelopes) admits(e protocol.Envelope) bool {
	return e.Meeting == x.meeting && !x.seen.has(e) && e.Verify() == nil && x.seen.add(e)
}
