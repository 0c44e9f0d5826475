package session

import (
	"strings"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// party is another participant's session, or self's own.
type party struct {
	id      identity.PeerID
	session int64
}

// content is what a box holds: a link's signal, or a letter, which is an envelope
// for somebody whom no link reaches. One of the two is nil.
type content struct {
	signal protocol.LinkSignal
	letter *protocol.Envelope
}

// seal makes the box that holds something for to, the zero party for everybody.
// It and open are the only place where a box is made or looked into.
func seal(c content, _ party) (string, error) {
	if c.letter != nil {
		box, err := protocol.EncodeControl(protocol.Carry{Envelope: *c.letter})
		return string(box), err
	}
	box, err := protocol.EncodeBoxMessage(c.signal)
	return string(box), err
}

// open takes out of a box what from put into it.
func open(box string, _ party) (content, error) {
	// The word may stand anywhere in a description: then it is that after all.
	if strings.Contains(box, `"envelope"`) {
		if m, err := protocol.DecodeControl([]byte(box)); err == nil {
			if carry, is := m.(protocol.Carry); is {
				return content{letter: &carry.Envelope}, nil
			}
		}
	}
	m, err := protocol.DecodeBoxMessage([]byte(box))
	signal, _ := m.(protocol.LinkSignal)
	return content{signal: signal}, err
}
