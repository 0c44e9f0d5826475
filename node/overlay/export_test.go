package overlay

import (
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"
)

// Introduce lets a node know where another one is, as mDNS does.
func Introduce(to, who *Overlay) {
	to.HandlePeerFound(peer.AddrInfo{ID: who.self, Addrs: who.host.Addrs()})
}

// Subscribed tells whether a topic's other node is known to listen to it.
func (t *Topic) Subscribed(other *Overlay) bool {
	return slices.Contains(t.topic.ListPeers(), other.self)
}
