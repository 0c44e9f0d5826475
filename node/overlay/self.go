package overlay

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/parley-mesh/parley/pkg/p2p"
)

// Reachable tells whether somebody who was not called can call this node.
func (o *Overlay) Reachable() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.reached.QUIC || o.reached.TCP
}

// Self tells what is known of this node's own place in the network.
func (o *Overlay) Self() Self {
	o.mu.Lock()
	out := Self{
		ID: o.config.Identity.PeerID(), Reachable: o.reached.QUIC || o.reached.TCP, NAT: o.nat, Observed: o.seen,
	}
	o.mu.Unlock()
	out.Listening = o.listening()
	for _, relay := range o.relays {
		if o.places.has(relay.ID) {
			out.Relay = p2p.PeerID(relay.ID)
			out.RelayRTT = o.host.Peerstore().LatencyEWMA(relay.ID)
			break
		}
	}
	return out
}

// listening are this node's own addresses: UDP and TCP, as far as they differ.
func (o *Overlay) listening() []netip.AddrPort {
	addresses, err := o.host.Network().InterfaceListenAddresses()
	if err != nil {
		return nil
	}
	var own []netip.AddrPort
	for _, address := range addresses {
		if at, _, ok := p2p.Endpoint(address); ok {
			own = append(own, at)
		}
	}
	slices.SortFunc(own, netip.AddrPort.Compare)
	return slices.Compact(own)
}

// port is where this node listens at an address family, 0 when it does not.
func (o *Overlay) port(is4, quic bool) uint16 {
	for _, address := range o.host.Network().ListenAddresses() {
		if at, isQUIC, ok := p2p.Endpoint(address); ok && isQUIC == quic && at.Addr().Is4() == is4 {
			return at.Port()
		}
	}
	return 0
}

// learnEvery is how long what a relay said is believed; it answers no oftener.
const learnEvery = 6 * time.Second

// learn asks a relay how this node is seen from outside, unless it was asked just
// now.
func (o *Overlay) learn(ctx context.Context, relay peer.AddrInfo) {
	o.learning.Lock()
	defer o.learning.Unlock()
	if time.Since(o.learned) < learnEvery {
		return
	}
	defer func() { o.learned = time.Now() }()
	o.measure(ctx, relay.ID)
	at, ok := o.relayAt(relay)
	if !ok {
		return
	}
	nat, seen := o.natKind(ctx, at)
	ask := p2p.Reach{QUIC: o.port(at.Addr().Is4(), true), TCP: o.port(at.Addr().Is4(), false)}
	if seen.IsValid() {
		ask.QUIC = seen.Port()
	}
	o.mu.Lock()
	o.nat, o.seen = nat, seen
	o.mu.Unlock()
	ctx, cancel := context.WithTimeout(network.WithNoDial(ctx, "reach"), exchangeWithin)
	defer cancel()
	data, err := o.ask(ctx, relay.ID, p2p.ReachProtocol, ask.Encode(), p2p.MaxReached)
	if err != nil {
		return
	}
	if reached, err := p2p.ParseReached(data); err == nil {
		o.mu.Lock()
		o.reached = reached
		o.mu.Unlock()
	}
}

// relayAt is the relay's UDP address, at the IP address that we are connected to.
func (o *Overlay) relayAt(relay peer.AddrInfo) (netip.AddrPort, bool) {
	var ip netip.Addr
	for _, conn := range o.host.Network().ConnsToPeer(relay.ID) {
		at, quic, ok := p2p.Endpoint(conn.RemoteMultiaddr())
		if ok && quic {
			return at, true
		}
		if ok {
			ip = at.Addr()
		}
	}
	if !ip.IsValid() {
		return netip.AddrPort{}, false
	}
	for _, address := range relay.Addrs {
		if port, ok := p2p.QUICPort(address); ok {
			return netip.AddrPortFrom(ip, port), true
		}
	}
	return netip.AddrPort{}, false
}

// natKind compares how the relay's two ports see our one.
func (o *Overlay) natKind(ctx context.Context, relay netip.AddrPort) (NAT, netip.AddrPort) {
	first, err := o.stunner.ask(ctx, relay)
	if err != nil || !first.seen.IsValid() {
		return NATUnknown, netip.AddrPort{}
	}
	if slices.Contains(o.listening(), first.seen) {
		return NATNone, first.seen
	}
	if first.other.Port() == 0 {
		return NATUnknown, first.seen
	}
	second, err := o.stunner.ask(ctx, netip.AddrPortFrom(relay.Addr(), first.other.Port()))
	switch {
	case err != nil:
		return NATUnknown, first.seen
	case second.seen == first.seen:
		return NATCone, first.seen
	default:
		return NATSymmetric, first.seen
	}
}
