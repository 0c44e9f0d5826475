package overlay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/errgroup"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
)

// Config of an overlay. Only Identity is required.
type Config struct {
	Identity *identity.Identity
	// Relays are relays' addresses with their peer ID at the end
	// (/ip4/192.0.2.1/udp/8081/quic-v1/p2p/12D3KooW…), as .well-known/parley tells
	// them. What is not understood is passed over, and what is more than sixteen.
	Relays []string
	// Listen is where to accept connections, by QUIC and TCP alike. Port 0 takes
	// any free one. The zero value: all addresses, any port.
	Listen netip.AddrPort
	// LAN looks for members on the local network by mDNS.
	LAN bool
	// Logger. Default: discarded.
	Logger *slog.Logger
}

// What a node spends on the overlay. It speaks with a few relays and with the
// nodes of its rooms.
const (
	maxRelays      = 16 // addresses
	maxConnections = 1024
	maxPerAddress  = 512 // a whole company may be behind one address
	maxPerPeer     = 8
	maxStreams     = 128 // with one peer
	maxMemory      = 128 << 20
)

// Overlay is one libp2p host.
type Overlay struct {
	config  Config
	self    peer.ID
	host    *p2p.Host
	gossip  *pubsub.PubSub
	relays  []peer.AddrInfo
	stunner *stunner
	places  *places // at relays
	lan     lan
	kick    chan struct{}
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	close   sync.Once

	joining  sync.Mutex // one Join at a time
	learning sync.Mutex
	learned  time.Time // when a relay was asked last

	mu      sync.Mutex
	topics  map[string]*Topic // by topic name
	dials   map[peer.ID]*dial
	callers map[peer.ID]*caller
	deaf    map[peer.ID]*deafness
	reached p2p.Reached // what the relay said last
	nat     NAT
	seen    netip.AddrPort // our UDP address as the relay sees it
	closed  bool
}

// New listens.
func New(config Config) (*Overlay, error) {
	if config.Identity == nil {
		return nil, fmt.Errorf("%w: no identity", ErrConfig)
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	relays := parseRelays(config.Relays)
	if len(relays) == 0 && len(config.Relays) > 0 {
		config.Logger.Warn("none of the relay's addresses is understood; nodes meet on the local network only")
	}
	o := &Overlay{
		config: config, relays: relays, places: newPlaces(), kick: make(chan struct{}, 1),
		topics: make(map[string]*Topic), dials: make(map[peer.ID]*dial), callers: make(map[peer.ID]*caller), deaf: make(map[peer.ID]*deafness),
	}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	if err := o.open(); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
}

func parseRelays(texts []string) []peer.AddrInfo {
	var relays []peer.AddrInfo
	for _, text := range texts[:min(len(texts), maxRelays)] {
		info, err := peer.AddrInfoFromString(text)
		if err != nil || len(info.Addrs) != 1 || p2p.IsCircuit(info.Addrs[0]) || p2p.PeerID(info.ID) == "" {
			continue
		}
		known := false
		for i := range relays {
			if relays[i].ID == info.ID {
				relays[i].Addrs = append(relays[i].Addrs, info.Addrs...)
				known = true
			}
		}
		if !known {
			relays = append(relays, *info)
		}
	}
	return relays
}

func (o *Overlay) open() error {
	resources, err := p2p.Limits{
		Connections: maxConnections, PerAddress: maxPerAddress, PerPeer: maxPerPeer, Streams: maxStreams, Memory: maxMemory,
	}.Resources()
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	listen := []netip.AddrPort{o.config.Listen}
	if !o.config.Listen.IsValid() {
		listen = p2p.Everywhere(0)
	}
	o.host, err = p2p.New(p2p.Config{
		Identity: o.config.Identity, Listen: listen, Circuits: true, Resources: resources, Gater: (*gate)(o),
	})
	if err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	o.self = o.host.ID()
	if o.gossip, err = newGossip(o.ctx, o.host, o); err != nil {
		return err
	}
	if o.stunner, err = newStunner(o.host); err != nil {
		return err
	}
	o.host.SetStreamHandler(signalProtocol, o.handleSignal)
	o.host.SetStreamHandler(findProtocol, o.handleFind)
	o.host.Network().Notify((*watch)(o))
	return nil
}

// Run keeps the places at the relays and the connections to members until ctx
// ends, and closes the overlay.
func (o *Overlay) Run(ctx context.Context) error {
	defer o.Close()
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.Go(func() error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.ctx.Done():
			return ErrClosed
		}
	})
	for _, relay := range o.relays {
		tasks.Go(func() error { return o.keepPlace(ctx, relay) })
	}
	tasks.Go(func() error { return o.keepCompany(ctx) })
	if o.config.LAN {
		tasks.Go(func() error { return o.watchLAN(ctx) })
	}
	err := tasks.Wait()
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}

// Close ends the overlay; a second Close is harmless.
func (o *Overlay) Close() {
	o.close.Do(func() {
		o.mu.Lock()
		o.closed = true
		topics := o.topics
		o.topics = make(map[string]*Topic)
		o.mu.Unlock()
		for _, t := range topics {
			t.end()
		}
		o.cancel()
		if o.stunner != nil {
			o.stunner.close()
		}
		if o.host != nil {
			_ = o.host.Close()
		}
	})
}

// knows tells whether somebody is a member of a joined room.
func (o *Overlay) knows(p peer.ID) bool {
	id := p2p.PeerID(p)
	for _, t := range o.joined() {
		if t.in.Members(id) {
			return true
		}
	}
	return false
}

func (o *Overlay) joined() []*Topic {
	o.mu.Lock()
	defer o.mu.Unlock()
	topics := make([]*Topic, 0, len(o.topics))
	for _, t := range o.topics {
		topics = append(topics, t)
	}
	return topics
}

func (o *Overlay) isRelay(p peer.ID) bool {
	for _, relay := range o.relays {
		if relay.ID == p {
			return true
		}
	}
	return false
}

// nudge lets keepCompany look again at once.
func (o *Overlay) nudge() {
	select {
	case o.kick <- struct{}{}:
	default:
	}
}

// pause waits, but not longer than ctx. It tells whether the time passed.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
