package p2p

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/x/rate"
)

// Limits bound what a host spends on others.
type Limits struct {
	Connections int // at once
	PerAddress  int // of them from one IPv4 address or IPv6 /56; this machine's own are not counted
	PerPeer     int // of them with one peer
	Streams     int // with one peer
	Memory      int64
}

// everyFor is how long an address that has used up its connections waits for one
// more.
const everyFor = time.Second

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// Resources returns a resource manager that keeps limits.
func (l Limits) Resources() (network.ResourceManager, error) {
	whole := rcmgr.ResourceLimits{
		Conns: rcmgr.LimitVal(l.Connections), ConnsInbound: rcmgr.LimitVal(l.Connections), ConnsOutbound: rcmgr.LimitVal(l.Connections),
		Streams: rcmgr.Unlimited, StreamsInbound: rcmgr.Unlimited, StreamsOutbound: rcmgr.Unlimited,
		FD: rcmgr.LimitVal(l.Connections), Memory: rcmgr.LimitVal64(l.Memory),
	}
	one := rcmgr.ResourceLimits{
		Conns: rcmgr.LimitVal(l.PerPeer), ConnsInbound: rcmgr.LimitVal(l.PerPeer), ConnsOutbound: rcmgr.LimitVal(l.PerPeer),
		Streams: rcmgr.LimitVal(l.Streams), StreamsInbound: rcmgr.LimitVal(l.Streams), StreamsOutbound: rcmgr.LimitVal(l.Streams),
	}
	// All that a protocol or a service may use, the peers together may: what is
	// bounded is one peer, and the whole.
	shared := rcmgr.ResourceLimits{Streams: rcmgr.Unlimited, StreamsInbound: rcmgr.Unlimited, StreamsOutbound: rcmgr.Unlimited}
	limits := rcmgr.PartialLimitConfig{
		System: whole, PeerDefault: one, ServiceDefault: shared, ProtocolDefault: shared, ServicePeerDefault: one, ProtocolPeerDefault: one,
		Transient: rcmgr.ResourceLimits{Conns: rcmgr.LimitVal(max(l.Connections/2, 1)), ConnsInbound: rcmgr.LimitVal(max(l.Connections/2, 1))},
	}.Build(rcmgr.DefaultLimits.Scale(l.Memory, l.Connections))

	var free4, free6 []rcmgr.NetworkPrefixLimit
	var unlimited []rate.PrefixLimit
	for _, own := range loopback {
		unlimited = append(unlimited, rate.PrefixLimit{Prefix: own})
		free := rcmgr.NetworkPrefixLimit{Network: own, ConnCount: math.MaxInt}
		if own.Addr().Is4() {
			free4 = append(free4, free)
		} else {
			free6 = append(free6, free)
		}
	}
	each := rate.Limit{RPS: 1 / everyFor.Seconds(), Burst: 2 * l.PerAddress}
	manager, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits),
		rcmgr.WithMetricsDisabled(),
		rcmgr.WithNetworkPrefixLimit(free4, free6),
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: l.PerAddress}},
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 56, ConnCount: l.PerAddress}}),
		rcmgr.WithConnRateLimiters(&rate.Limiter{NetworkPrefixLimits: unlimited, SubnetRateLimiter: rate.SubnetLimiter{
			IPv4SubnetLimits: []rate.SubnetLimit{{PrefixLength: 32, Limit: each}},
			IPv6SubnetLimits: []rate.SubnetLimit{{PrefixLength: 56, Limit: each}},
			GracePeriod:      time.Minute,
		}}))
	if err != nil {
		return nil, fmt.Errorf("p2p: resources: %w", err)
	}
	return manager, nil
}
