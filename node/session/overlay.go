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
	// Join enters a meeting's topic.
	Join(id meeting.ID, host identity.PeerID, r Receiver) (Topic, error)
	// Reachable tells whether this machine accepts connections from outside.
	Reachable() bool
}

// Receiver takes what comes over the overlay for one room. Its methods are
// called from any goroutine, post and return.
type Receiver interface {
	// Envelope brings an envelope that a member's node published.
	Envelope(protocol.Envelope)
	// Signal brings a box that a member's node sent for this one.
	Signal(from identity.PeerID, session int64, box string)
}

// Topic is a room's place in the overlay. But for Signal, its methods do not
// wait.
type Topic interface {
	// SetMembers tells who is in the room now.
	SetMembers(roster []protocol.Participant)
	// Publish sends an envelope to every node of the room.
	Publish(protocol.Envelope) error
	// Signal sends a box to one node, in the name of self's session.
	Signal(ctx context.Context, to identity.PeerID, session int64, box string) error
	Leave()
}

// Guide is a Topic that knows by which ways this node reaches the room's others.
type Guide interface {
	// Ways is as things are now, in no order; it does not wait.
	Ways() []Way
}

// Way is how this node reaches another over the overlay: what their links'
// offers travel by when the rendezvous is gone.
type Way struct {
	Peer      identity.PeerID `json:"peer"`
	Path      WayPath         `json:"path"`
	Transport string          `json:"transport,omitempty"` // "quic" or "tcp"
	RTTMillis int             `json:"rtt_ms"`              // 0 when it was not measured yet
}

// WayPath is what lies between two nodes.
type WayPath string

// The paths.
const (
	WayNone    WayPath = "none"    // they are not connected
	WayRelayed WayPath = "relayed" // the rendezvous' relay
	WayDirect  WayPath = "direct"  // nothing but routers
)
