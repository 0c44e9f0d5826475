package session

import (
	"context"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Overlay is the nodes' own network (node/overlay), by which the nodes of a room
// find each other when the rendezvous is gone.
type Overlay interface {
	// Join enters a meeting's topic. The callbacks are called from any goroutine,
	// post and return. Whom members does not know is not listened to.
	Join(id meeting.ID, in OverlayInbox) (Topic, error)
	// Reachable tells whether this machine accepts connections from outside.
	Reachable() bool
}

// OverlayInbox takes what comes over the overlay for one room.
type OverlayInbox struct {
	// Members tells whether somebody is in the room.
	Members func(identity.PeerID) bool
	// Envelope brings an envelope that a node published; its author's signature
	// is not checked yet.
	Envelope func(protocol.Envelope)
	// Signal brings a box that another node sent for this one, from the peer that
	// the connection proves.
	Signal func(from identity.PeerID, session int64, box string)
}

// Topic is a room's place in the overlay.
type Topic interface {
	// Meet tells who is in the room now, so that the overlay connects to its nodes.
	Meet(nodes []identity.PeerID)
	// Publish sends an envelope to every node of the room. It does not wait.
	Publish(protocol.Envelope) error
	// Signal sends a box to one node, in the name of self's session.
	Signal(ctx context.Context, to identity.PeerID, session int64, box string) error
	Close() error
}
