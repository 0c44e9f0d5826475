package overlay_test

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	circuit "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/node/overlay"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
	"github.com/parley-mesh/parley/pkg/protocol"
)

var (
	anyPort = netip.MustParseAddrPort("127.0.0.1:0")
	weekly  = overlay.Meeting{ID: "482913006", HostID: who(1).PeerID()}
)

func who(seed byte) *identity.Identity { return identity.FromSeed([32]byte{seed}) }

// wait is for what comes from another goroutine; a test that needs it has failed.
const wait = 20 * time.Second

// newRelay is a relay without limits on this machine.
func newRelay(t *testing.T) (addresses []string, stop func()) {
	t.Helper()
	resources, err := p2p.Limits{Connections: 64, PerAddress: 64, PerPeer: 8, Streams: 64, Memory: 64 << 20}.Resources()
	if err != nil {
		t.Fatal(err)
	}
	host, err := p2p.New(p2p.Config{Identity: who(255), Listen: []netip.AddrPort{anyPort}, Resources: resources})
	if err != nil {
		t.Fatal(err)
	}
	service, err := circuit.New(host, circuit.WithInfiniteLimits(), circuit.WithReservationAddressFilter(func(ma.Multiaddr) bool { return true }))
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = service.Close()
		_ = host.Close()
	})
	t.Cleanup(stop)
	for _, address := range host.Addrs() {
		addresses = append(addresses, address.String()+"/p2p/"+host.ID().String())
	}
	return addresses, stop
}

// node is a participant with an overlay and what arrived there.
type node struct {
	*overlay.Overlay
	t         *testing.T
	id        *identity.Identity
	topic     *overlay.Topic
	second    *overlay.Topic
	envelopes chan protocol.Envelope
	signals   chan string

	mu      sync.Mutex
	members map[identity.PeerID]bool
}

// start runs a node that knows some relays.
func start(t *testing.T, seed byte, relays []string) *node {
	t.Helper()
	n := &node{
		t: t, id: who(seed), members: make(map[identity.PeerID]bool),
		envelopes: make(chan protocol.Envelope, 1000), signals: make(chan string, 1000),
	}
	var err error
	n.Overlay, err = overlay.New(overlay.Config{Identity: n.id, Relays: relays, Listen: anyPort})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return n
}

func (n *node) inbox() overlay.Inbox {
	return overlay.Inbox{
		Members: func(id identity.PeerID) bool {
			n.mu.Lock()
			defer n.mu.Unlock()
			return n.members[id]
		},
		Envelope: func(e protocol.Envelope) { n.envelopes <- e },
		Signal:   func(from identity.PeerID, _ int64, box string) { n.signals <- string(from) + " " + box },
	}
}

// join enters the room of some nodes, of which this is one.
func (n *node) join(nodes ...*node) {
	n.t.Helper()
	n.know(nodes...)
	var err error
	if n.topic, err = n.Join(weekly, n.inbox()); err != nil {
		n.t.Fatal(err)
	}
	n.meet(nodes...)
}

func (n *node) know(nodes ...*node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, other := range nodes {
		n.members[other.id.PeerID()] = true
	}
}

func (n *node) meet(nodes ...*node) {
	var ids []identity.PeerID
	for _, other := range nodes {
		ids = append(ids, other.id.PeerID())
	}
	n.topic.Meet(ids)
}

// room lets nodes join one room.
func room(nodes ...*node) {
	for _, n := range nodes {
		n.join(nodes...)
	}
}

// said is an envelope of a node.
func (n *node) said(seq int64, body string) protocol.Envelope {
	return protocol.Envelope{Meeting: weekly.ID, Session: 7, Seq: seq, Kind: protocol.EnvelopeChat, Body: body}.Sign(n.id)
}

// until polls what only time shows.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		}
	}
}

func connected(t *testing.T, path overlay.Path, nodes ...*node) {
	t.Helper()
	for _, a := range nodes {
		for _, b := range nodes {
			if a != b {
				until(t, "connected "+path.String(), func() bool { return a.Peer(b.id.PeerID()).Path == path })
			}
		}
	}
}

// hears waits for one envelope.
func (n *node) hears() protocol.Envelope {
	n.t.Helper()
	select {
	case e := <-n.envelopes:
		return e
	case <-time.After(wait):
		n.t.Fatal("no envelope came")
	}
	panic("unreachable")
}

// tell publishes until everybody has heard it: GossipSub promises nothing to who
// is only just connected.
func tell(t *testing.T, from *node, seq *int64, to ...*node) {
	t.Helper()
	*seq++
	e := from.said(*seq, "hello")
	if err := from.topic.Publish(e); err != nil {
		t.Fatal(err)
	}
	for _, n := range to {
		if got := n.hears(); got != e {
			t.Errorf("came as %+v", got)
		}
	}
}

func introduce(t *testing.T, to, who *node) {
	t.Helper()
	overlay.Introduce(to.Overlay, who.Overlay)
}

// subscribed waits until GossipSub knows who listens.
func subscribed(t *testing.T, nodes ...*node) {
	t.Helper()
	for _, a := range nodes {
		for _, b := range nodes {
			if a != b {
				until(t, "subscribed", func() bool { return a.topic.Subscribed(b.Overlay) })
			}
		}
	}
}
