package overlay

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
)

const probeWithin = 5 * time.Second

// Probe tries everything that a meeting will need of the network: to reach the
// relay by each transport, to have a place there, and to be called. It may be
// asked whether or not Run runs. It takes some seconds where something is blocked.
func (o *Overlay) Probe(ctx context.Context) Report {
	var r Report
	if len(o.relays) == 0 {
		r.Self = o.Self()
		r.QUICProblem, r.TCPProblem, r.ReserveProblem = "there is no relay", "there is no relay", "there is no relay"
		return r
	}
	relay := o.relays[0]
	var tries sync.WaitGroup
	tries.Go(func() { r.QUICProblem = tryTransport(ctx, relay, true) })
	tries.Go(func() { r.TCPProblem = tryTransport(ctx, relay, false) })
	tries.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, probeWithin)
		defer cancel()
		if _, _, err := o.reserve(ctx, relay); err != nil {
			r.ReserveProblem = why(err)
			return
		}
		o.learn(ctx, relay)
	})
	tries.Wait()
	r.QUIC, r.TCP, r.Reserved = r.QUICProblem == "", r.TCPProblem == "", r.ReserveProblem == ""
	r.Self = o.Self()
	return r
}

// tryTransport says what is wrong with the way to a relay by one transport.
func tryTransport(ctx context.Context, relay peer.AddrInfo, quic bool) (problem string) {
	ways := slices.DeleteFunc(slices.Clone(relay.Addrs), func(a ma.Multiaddr) bool { return isQUIC(a) != quic })
	if len(ways) == 0 {
		return "the relay does not offer it"
	}
	nobody, err := identity.Generate(rand.Reader)
	if err != nil {
		return "no randomness"
	}
	resources, err := p2p.Limits{Connections: 16, PerAddress: 16, PerPeer: 16, Streams: 16, Memory: 16 << 20}.Resources()
	if err != nil {
		return "not enough resources"
	}
	host, err := p2p.New(p2p.Config{Identity: nobody, Resources: resources})
	if err != nil {
		return "this machine does not allow it"
	}
	defer func() { _ = host.Close() }()
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	host.Peerstore().AddAddrs(relay.ID, ways, peerstore.TempAddrTTL)
	err = host.Connect(ctx, peer.AddrInfo{ID: relay.ID})
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer: it may be blocked on the way"
	default:
		return "it cannot be reached"
	}
}

func isQUIC(a ma.Multiaddr) bool {
	_, ok := p2p.QUICPort(a)
	return ok
}
