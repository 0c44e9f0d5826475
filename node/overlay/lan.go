package overlay

import (
	"context"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
	ma "github.com/multiformats/go-multiaddr"
)

// lanService is the name of Parley's nodes in DNS-SD (RFC 6763).
const lanService = "_parley._udp"

// maxNear bounds how many nodes of the local network are remembered: most of
// them may be in no common room.
const maxNear = 256

// lan is who was seen on the local network.
type lan struct {
	mu   sync.Mutex
	seen map[peer.ID][]ma.Multiaddr
}

// watchLAN tells the local network of this node and listens for others until ctx
// ends. A network that does not allow it is as good as an empty one.
func (o *Overlay) watchLAN(ctx context.Context) error {
	service := mdns.NewMdnsService(o.host, lanService, o)
	if err := service.Start(); err != nil {
		o.config.Logger.Info("the local network is not searched for members")
		<-ctx.Done()
		return ctx.Err()
	}
	<-ctx.Done()
	_ = service.Close()
	return ctx.Err()
}

// HandlePeerFound remembers a node of the local network. It implements
// mdns.Notifee.
func (o *Overlay) HandlePeerFound(info peer.AddrInfo) {
	if info.ID == o.self || len(info.Addrs) == 0 {
		return
	}
	o.lan.note(info)
	if !o.knows(info.ID) {
		return
	}
	if o.peer(info.ID).Path != PathRelayed {
		o.nudge()
		return
	}
	go func() { // a way without the relay
		ctx, cancel := context.WithTimeout(network.WithForceDirectDial(o.ctx, "local network"), connectWithin)
		defer cancel()
		_ = o.dial(ctx, info)
	}()
}

func (l *lan) note(info peer.AddrInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = make(map[peer.ID][]ma.Multiaddr)
	}
	if _, known := l.seen[info.ID]; !known && len(l.seen) >= maxNear {
		for old := range l.seen {
			delete(l.seen, old)
			break
		}
	}
	l.seen[info.ID] = info.Addrs[:min(len(info.Addrs), maxFound)]
}

// near are the addresses of a peer on the local network.
func (o *Overlay) near(p peer.ID) []ma.Multiaddr {
	o.lan.mu.Lock()
	defer o.lan.mu.Unlock()
	return o.lan.seen[p]
}
