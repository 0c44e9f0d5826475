package session

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// party is another participant's session, or self's own.
type party struct {
	id      identity.PeerID
	session int64
}

// seal makes the box that holds a signal for to. It and open are the only place
// where a box is made or looked into.
func seal(signal protocol.LinkSignal, _ party) (string, error) {
	box, err := protocol.EncodeLinkSignal(signal)
	return string(box), err
}

// open takes the signal out of a box that from sent.
func open(box string, _ party) (protocol.LinkSignal, error) {
	return protocol.DecodeLinkSignal([]byte(box))
}
