package relay

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
)

const (
	reachWithin    = 3 * time.Second
	reachEvery     = 5 * time.Second // for one node
	reachAtOnce    = 16
	reachKnown     = 4096 // nodes remembered for their turn
	reachDialLimit = 256  // connections of the calling host
)

// reach calls nodes that ask whether they can be called. It calls from hosts of
// their own, with the relay's identity, because a NAT lets in whatever comes from
// an address that was sent to before; one for each transport, because a host that
// has a connection makes no second one. It calls no other machine than the one
// that asks.
type reach struct {
	byQUIC *p2p.Host
	byTCP  *p2p.Host
	answer *p2p.Host
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}

	mu   sync.Mutex
	last map[peer.ID]time.Time
}

func newReach(answer *p2p.Host, id *identity.Identity) (*reach, error) {
	r := &reach{answer: answer, slots: make(chan struct{}, reachAtOnce), last: make(map[peer.ID]time.Time)}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	for _, host := range []**p2p.Host{&r.byQUIC, &r.byTCP} {
		var err error
		if *host, err = newCaller(id); err != nil {
			r.close()
			return nil, fmt.Errorf("relay: %w", err)
		}
	}
	answer.SetStreamHandler(p2p.ReachProtocol, r.handle)
	return r, nil
}

func newCaller(id *identity.Identity) (*p2p.Host, error) {
	resources, err := p2p.Limits{
		Connections: reachDialLimit, PerAddress: reachDialLimit, PerPeer: perPeer, Streams: perStreams, Memory: 32 << 20,
	}.Resources()
	if err != nil {
		return nil, err
	}
	return p2p.New(p2p.Config{Identity: id, Resources: resources})
}

func (r *reach) close() {
	r.cancel()
	r.answer.RemoveStreamHandler(p2p.ReachProtocol)
	for _, host := range []*p2p.Host{r.byQUIC, r.byTCP} {
		if host != nil {
			_ = host.Close()
		}
	}
}

func (r *reach) handle(s network.Stream) {
	if err := r.serve(s); err != nil {
		_ = s.Reset()
		return
	}
	_ = s.Close()
}

var errTurn = errors.New("relay: not its turn")

func (r *reach) serve(s network.Stream) error {
	data, err := p2p.ReadAll(s, p2p.MaxReach, reachWithin)
	if err != nil {
		return err
	}
	asked, err := p2p.ParseReach(data)
	if err != nil {
		return err
	}
	if !r.turn(s.Conn().RemotePeer(), time.Now()) {
		return errTurn
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	default:
		return errTurn
	}
	at, _, ok := p2p.Endpoint(s.Conn().RemoteMultiaddr())
	if !ok {
		return errTurn // came by a circuit
	}
	var answer p2p.Reached
	var calls sync.WaitGroup
	calls.Go(func() { answer.QUIC = r.call(r.byQUIC, s.Conn().RemotePeer(), at.Addr(), asked.QUIC) })
	calls.Go(func() { answer.TCP = r.call(r.byTCP, s.Conn().RemotePeer(), at.Addr(), asked.TCP) })
	calls.Wait()
	_, err = s.Write(answer.Encode())
	return err
}

// turn lets a node ask again after a while.
func (r *reach) turn(p peer.ID, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.last[p]) < reachEvery {
		return false
	}
	if len(r.last) >= reachKnown {
		for known, at := range r.last {
			if now.Sub(at) >= reachEvery {
				delete(r.last, known)
			}
		}
		if len(r.last) >= reachKnown {
			return false
		}
	}
	r.last[p] = now
	return true
}

// call tells whether a node answers at a port, and proves who it is.
func (r *reach) call(host *p2p.Host, p peer.ID, at netip.Addr, port uint16) bool {
	if port == 0 {
		return false
	}
	address := p2p.Address(netip.AddrPortFrom(at, port), host == r.byQUIC)
	ctx, cancel := context.WithTimeout(r.ctx, reachWithin)
	defer cancel()
	defer func() {
		_ = host.Network().ClosePeer(p)
		host.Peerstore().ClearAddrs(p)
	}()
	return host.Connect(ctx, peer.AddrInfo{ID: p, Addrs: []ma.Multiaddr{address}}) == nil
}
