package overlay

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Config of an overlay. Only Identity is required.
type Config struct {
	Identity *identity.Identity
	// Relays are relays' addresses with their peer ID at the end
	// (/ip4/192.0.2.1/udp/8081/quic-v1/p2p/12D3KooW…), as .well-known/parley tells
	// them.
	Relays []string
	// Listen is where to accept connections, by QUIC and TCP alike. Port 0 takes
	// any free one. The zero value: all addresses, any port.
	Listen netip.AddrPort
	// LAN looks for members on the local network by mDNS.
	LAN bool
	// Logger. Default: discarded.
	Logger *slog.Logger
}

// Meeting names a room to join.
type Meeting struct {
	ID     meeting.ID
	HostID identity.PeerID
}

// Inbox takes what arrives for a room. Its functions are called on the overlay's
// goroutines: they post and return. All are required.
type Inbox struct {
	// Members tells whether somebody is in the room: nobody else is listened to.
	Members func(identity.PeerID) bool
	// Envelope brings an envelope that its author, a member, signed. It comes once.
	Envelope func(protocol.Envelope)
	// Signal brings a box that a member's node sent, from its session.
	Signal func(from identity.PeerID, session int64, box string)
}

// Overlay is one libp2p host.
type Overlay struct{ config Config }

// New listens.
func New(config Config) (*Overlay, error) {
	if config.Identity == nil {
		return nil, fmt.Errorf("%w: no identity", ErrConfig)
	}
	return &Overlay{config: config}, nil
}

// Run keeps the reservation at the relay and the connections to members until
// ctx ends, and closes the overlay.
func (o *Overlay) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Close ends the overlay; a second Close is harmless.
func (o *Overlay) Close() {}

// Reachable tells whether somebody who was not called can call this node.
func (o *Overlay) Reachable() bool { return o.Self().Reachable }

// Self tells what is known of this node's own place in the network.
func (o *Overlay) Self() Self { return Self{ID: o.config.Identity.PeerID()} }

// Peer tells what is known of the way to a peer.
func (o *Overlay) Peer(id identity.PeerID) Peer { return Peer{ID: id, Path: PathNone} }

// Probe tries everything that a meeting will need of the network.
func (o *Overlay) Probe(ctx context.Context) Report { return Report{Self: o.Self()} }

// Join enters a room's topic. It fails with ErrRoom or ErrClosed.
func (o *Overlay) Join(m Meeting, in Inbox) (*Topic, error) { return &Topic{}, nil }

// Topic is a room that was joined.
type Topic struct{}

// Meet says which members run a node: connections are kept with them.
func (t *Topic) Meet(nodes []identity.PeerID) {}

// Publish hands an envelope, of this node or of another member, to every node
// of the room. It fails with ErrTooLarge, ErrClosed, or what is wrong with the
// envelope.
func (t *Topic) Publish(e protocol.Envelope) error { return nil }

// Signal brings a box to a member's node. session is this node's own in that
// room. It fails with ErrNotMember, ErrNoPath, ErrTooLarge or ErrRefused.
func (t *Topic) Signal(ctx context.Context, to identity.PeerID, session int64, box string) error {
	return nil
}

// Peers tells the ways to the room's other nodes.
func (t *Topic) Peers() []Peer { return nil }

// Close leaves the room; a second Close is harmless.
func (t *Topic) Close() error { return nil }
