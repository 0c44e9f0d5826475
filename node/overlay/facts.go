package overlay

import (
	"net/netip"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
)

// Path is how a peer is reached.
type Path uint8

// The paths.
const (
	PathUnknown Path = iota
	PathNone         // not connected
	PathRelayed      // through the rendezvous' relay
	PathDirect       // with nothing between but routers
)

// String is the path's name in events and tables.
func (p Path) String() string {
	return [...]string{"unknown", "none", "relayed", "direct"}[min(p, PathDirect)]
}

// NAT is what kind of address translation stands between a node and its relay.
type NAT uint8

// The kinds. A cone keeps one outside address for all destinations, so that
// two nodes behind cones can punch holes; a symmetric one takes another for
// each, and then only the relay helps.
const (
	NATUnknown NAT = iota
	NATNone
	NATCone
	NATSymmetric
)

// String is the kind's name in events and tables.
func (n NAT) String() string {
	return [...]string{"unknown", "none", "cone", "symmetric"}[min(n, NATSymmetric)]
}

// Peer is what is known of the way to a peer.
type Peer struct {
	ID        identity.PeerID
	Path      Path
	Transport string        // "quic" or "tcp"; "" when there is no path
	RTT       time.Duration // smoothed; 0 when it was not measured yet
}

// Self is what is known of this node's own place in the network.
type Self struct {
	ID        identity.PeerID
	Reachable bool // somebody who was not called can call: the relay tried
	NAT       NAT
	Observed  netip.AddrPort   // our UDP address as the relay sees it; zero when it was not asked yet
	Listening []netip.AddrPort // our own addresses, one for each interface and transport port
	Relay     identity.PeerID  // the relay that keeps a place for us; "" when none does
	RelayRTT  time.Duration    // 0 when there is no connection to it
}

// Report is the outcome of [Overlay.Probe]. A Problem is a sentence, "" when
// that part went well.
type Report struct {
	Self
	QUIC, TCP      bool // the relay was reached by it
	QUICProblem    string
	TCPProblem     string
	Reserved       bool // the relay keeps a place for us
	ReserveProblem string
}
