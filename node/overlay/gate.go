package overlay

import (
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/p2p"
)

// gate lets nobody connect but relays and members. It implements
// connmgr.ConnectionGater.
type gate Overlay

func (g *gate) admits(p peer.ID) bool {
	o := (*Overlay)(g)
	return o.isRelay(p) || o.knows(p)
}

// InterceptPeerDial refuses to call strangers.
func (g *gate) InterceptPeerDial(p peer.ID) bool { return g.admits(p) }

// InterceptAddrDial has no opinion on addresses.
func (g *gate) InterceptAddrDial(peer.ID, ma.Multiaddr) bool { return true }

// InterceptAccept cannot know yet who calls.
func (g *gate) InterceptAccept(network.ConnMultiaddrs) bool { return true }

// InterceptSecured refuses strangers as soon as they have proved who they are.
func (g *gate) InterceptSecured(_ network.Direction, p peer.ID, _ network.ConnMultiaddrs) bool {
	return g.admits(p)
}

// InterceptUpgraded has nothing to add.
func (g *gate) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

// watch wakes whoever keeps the connections when one changes. It implements
// network.Notifiee.
type watch Overlay

// Listen does nothing.
func (w *watch) Listen(network.Network, ma.Multiaddr) {}

// ListenClose does nothing.
func (w *watch) ListenClose(network.Network, ma.Multiaddr) {}

// Connected lets the next attempt to this peer be a first one again.
func (w *watch) Connected(_ network.Network, c network.Conn) {
	o := (*Overlay)(w)
	o.mu.Lock()
	delete(o.dials, c.RemotePeer())
	o.mu.Unlock()
	o.nudge()
}

// Disconnected wakes whoever wants the connection.
func (w *watch) Disconnected(n network.Network, c network.Conn) {
	o := (*Overlay)(w)
	if n.Connectedness(c.RemotePeer()) != network.Connected {
		o.places.lost(c.RemotePeer())
	}
	if !p2p.IsCircuit(c.RemoteMultiaddr()) { // a hole stays open for a while
		n.Peerstore().AddAddr(c.RemotePeer(), c.RemoteMultiaddr(), peerstore.RecentlyConnectedAddrTTL)
	}
	o.nudge()
}
