package overlay

import (
	"strings"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
)

// Peer tells what is known of the way to a peer.
func (o *Overlay) Peer(id identity.PeerID) Peer {
	p, err := p2p.ID(id)
	if err != nil {
		return Peer{ID: id, Path: PathNone}
	}
	return o.peer(p)
}

func (o *Overlay) peer(p peer.ID) Peer {
	out := Peer{ID: p2p.PeerID(p), Path: PathNone}
	for _, conn := range o.host.Network().ConnsToPeer(p) {
		if p2p.IsCircuit(conn.RemoteMultiaddr()) {
			if out.Path == PathNone {
				out.Path, out.Transport = PathRelayed, o.relayTransport(conn)
			}
			continue
		}
		out.Path, out.Transport = PathDirect, transportName(conn.ConnState())
		break
	}
	if out.Path != PathNone {
		out.RTT = o.host.Peerstore().LatencyEWMA(p)
	}
	return out
}

// relayTransport is how the first half of a circuit travels.
func (o *Overlay) relayTransport(circuit network.Conn) string {
	for _, relay := range o.relays {
		for _, conn := range o.host.Network().ConnsToPeer(relay.ID) {
			if strings.Contains(circuit.RemoteMultiaddr().String(), relay.ID.String()) {
				return transportName(conn.ConnState())
			}
		}
	}
	return ""
}

func transportName(s network.ConnectionState) string {
	name, _, _ := strings.Cut(s.Transport, "-")
	return name
}
