package session

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/client/clienttest"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// stage is a meeting on a fake rendezvous, and a virtual network on which nodes
// join it. Time is virtual: what takes seconds costs none.
type stage struct {
	t          *testing.T
	rendezvous *clienttest.Rendezvous
	carrier    *http.Client
	network    *vnet.Router
	created    client.Created
	nodes      []*node
}

// addresses guards the counter of hardware addresses that all virtual networks
// of a process share.
var addresses sync.Mutex

func inBubble(t *testing.T, meshMax int, test func(*testing.T, *stage)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t}
		s.rendezvous, s.carrier = clienttest.Start(t)
		var err error
		addresses.Lock()
		s.network, err = vnet.NewRouter(&vnet.RouterConfig{
			CIDR: "10.0.0.0/16", MinDelay: 5 * time.Millisecond, LoggerFactory: logging.NewDefaultLoggerFactory(),
		})
		addresses.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.network.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			for _, n := range s.nodes {
				n.stop()
			}
			if err := s.network.Stop(); err != nil {
				t.Error(err)
			}
		}()
		host := s.client(1)
		s.created, err = host.Create(t.Context(), protocol.CreateRequest{Title: "Planning", Policy: &meeting.PolicyPatch{MeshMax: &meshMax}})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

func (s *stage) client(seed byte) *client.Client {
	s.t.Helper()
	c, err := client.New(client.Config{
		Rendezvous: s.rendezvous.URL(), Identity: identity.FromSeed([32]byte{seed}), HTTP: s.carrier,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// node is a participant with a microphone and a camera, and an ear and an eye
// for everybody else's.
type node struct {
	*Session
	stage     *stage
	name      string
	id        identity.PeerID
	net       *vnet.Net
	transport *link.Transport
	camera    *camera
	watch     *watch
	cancel    context.CancelFunc
	done      chan struct{}
	err       error
	ended     bool

	mu     sync.Mutex
	events []Event
}

// join brings a node into the room; seed 1 is the host. change may alter its
// configuration.
func (s *stage) join(seed byte, change func(*Config)) *node {
	s.t.Helper()
	c := s.client(seed)
	n := &node{
		stage: s, name: fmt.Sprintf("node %d", seed), id: c.Identity().PeerID(),
		camera: newCamera(), watch: newWatch(), done: make(chan struct{}),
	}
	var err error
	addresses.Lock()
	n.net, err = vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{fmt.Sprintf("10.0.0.%d", int(seed)+len(s.nodes)*20)}})
	addresses.Unlock()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.network.AddNet(n.net); err != nil {
		s.t.Fatal(err)
	}
	n.transport, err = link.NewTransport(link.TransportConfig{Net: n.net})
	if err != nil {
		s.t.Fatal(err)
	}
	joined, err := c.Join(s.t.Context(), protocol.JoinRequest{InvitationToken: s.created.Invitation.Token.Reveal()})
	if err != nil {
		s.t.Fatal(err)
	}
	cfg := Config{
		Client: c, Joined: joined, Kind: protocol.KindNode, Name: n.name, Transport: n.transport,
		Secret: s.created.Invitation.Secret, Willing: true, UplinkKbps: 50_000, DownlinkKbps: 50_000,
		Publish: []Publisher{n.camera},
		Sinks:   []Sink{{Want: func(k router.Key) bool { return k.From != n.id }, Write: n.watch.take}},
	}
	if os.Getenv("SESSION_LOG") != "" {
		cfg.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("self", n.name)
	}
	if change != nil {
		change(&cfg)
	}
	if cfg.Kind == protocol.KindHelper {
		cfg.Secret = nil
	}
	n.Session, err = New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	n.watch.stream = n.NewStream
	ctx, cancel := context.WithCancel(s.t.Context())
	n.cancel = cancel
	go func() {
		defer close(n.done)
		n.err = n.Run(ctx)
	}()
	go func() {
		for e := range n.Events() {
			n.mu.Lock()
			n.events = append(n.events, e)
			n.mu.Unlock()
			if os.Getenv("SESSION_LOG") != "" {
				fmt.Fprintf(os.Stderr, "%v %s %T %+v\n", time.Now().Format("05.000"), n.name, e, e)
			}
		}
	}()
	s.nodes = append(s.nodes, n)
	return n
}

// stop ends a node in order.
func (n *node) stop() {
	if n.ended {
		return
	}
	n.ended = true
	n.cancel()
	<-n.done
	if err := n.transport.Close(); err != nil {
		n.stage.t.Error(err)
	}
}

// kill takes a node off the network without a word, as kill -9 does.
func (n *node) kill() {
	n.stage.network.AddChunkFilter(func(c vnet.Chunk) bool { return !n.owns(c) })
}

func (n *node) owns(c vnet.Chunk) bool {
	for _, addr := range []fmt.Stringer{c.SourceAddr(), c.DestinationAddr()} {
		for _, ip := range n.ips() {
			if len(addr.String()) > len(ip) && addr.String()[:len(ip)+1] == ip+":" {
				return true
			}
		}
	}
	return false
}

func (n *node) ips() []string {
	iface, err := n.net.InterfaceByName("eth0")
	if err != nil {
		return nil
	}
	addrs, err := iface.Addrs()
	if err != nil {
		return nil
	}
	var ips []string
	for _, a := range addrs {
		ips = append(ips, a.String()[:slices.Index([]byte(a.String()), '/')])
	}
	return ips
}

// await waits for something to become true.
func (s *stage) await(what string, within time.Duration, is func() bool) time.Duration {
	s.t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > within {
			for _, n := range s.nodes {
				s.t.Log(n.describe())
			}
			s.t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

// all tells whether something is so at each of some nodes.
func all(nodes []*node, is func(*node) bool) func() bool {
	return func() bool { return !slices.ContainsFunc(nodes, func(n *node) bool { return !is(n) }) }
}

// sees tells whether a node has lately had both sources of each of others.
func (n *node) sees(others []*node) bool {
	for _, o := range others {
		if o == n {
			continue
		}
		for _, source := range []protocol.Source{protocol.SourceMic, protocol.SourceCamera} {
			if at := n.watch.lastOf(router.Key{From: o.id, Source: source}); at.IsZero() || time.Since(at) > 200*time.Millisecond {
				return false
			}
		}
	}
	return true
}

func (n *node) on(topology protocol.Topology, sfu identity.PeerID) bool {
	s := n.State()
	return s.Topology.Topology == topology && s.Topology.SFU == sfu
}

// since tells whether something of a source came by another way than one that
// was cut at a moment: later than what was on its way then.
func (w *watch) since(key router.Key, cut time.Time) bool {
	return w.lastOf(key).After(cut.Add(50 * time.Millisecond))
}

func key(n *node, source protocol.Source) router.Key { return router.Key{From: n.id, Source: source} }

// describe is what a failed test needs to know of a node.
func (n *node) describe() string {
	state := n.State()
	text := fmt.Sprintf("%s: %s, %s by %s (standby %s, %s)", n.name, state.Phase, state.Topology.Topology,
		n.stage.nameOf(state.Topology.SFU), n.stage.nameOf(state.Topology.Standby), state.Topology.Reason)
	for _, l := range state.Links {
		text += fmt.Sprintf("\n  %s with %s for %s: %s, draining %v, sends %d, receives %d kbit/s",
			l.Shape, n.stage.nameOf(l.Peer), l.Purpose, l.State, l.Draining, l.SendKbps, l.ReceiveKbps)
	}
	for _, o := range n.stage.nodes {
		for _, source := range protocol.Sources() {
			if at := n.watch.lastOf(key(o, source)); !at.IsZero() {
				text += fmt.Sprintf("\n  %s of %s %v ago", source, o.name, time.Since(at))
			}
		}
	}
	return text
}

func (s *stage) nameOf(id identity.PeerID) string {
	for _, n := range s.nodes {
		if n.id == id {
			return n.name
		}
	}
	return "nobody"
}

// noGap fails when anything of anybody was lost on the way to anybody else, or
// came later than the next of its kind should have.
func (s *stage) noGap(nodes []*node, from, to time.Time) {
	s.t.Helper()
	for _, n := range nodes {
		for _, o := range nodes {
			if o == n {
				continue
			}
			lost, pause := n.watch.missed(key(o, protocol.SourceMic), from, to)
			frames, frozen := n.watch.missed(key(o, protocol.SourceCamera), from, to)
			s.t.Logf("%s of %s: %d packets of sound lost, %v without; %d frames lost, %v without", n.name, o.name, lost, pause, frames, frozen)
			if lost > 0 || pause > 60*time.Millisecond || frames > 0 || frozen > 120*time.Millisecond {
				s.t.Errorf("%s has a gap in what %s sends", n.name, o.name)
			}
		}
	}
}

// kill takes several nodes off the network in one moment.
func (s *stage) kill(nodes ...*node) {
	for _, n := range nodes {
		n.kill()
	}
}

func (s *stage) byID(id identity.PeerID) *node {
	for _, n := range s.nodes {
		if n.id == id {
			return n
		}
	}
	s.t.Fatalf("nobody is %s", id)
	return nil
}

// lose ends a node's links at its own end, as if they were beyond repair, and
// returns whether they have been made anew since.
func (n *node) lose() (again func() bool) {
	var before []*tie
	_ = n.call(func(l *loop) error {
		for _, t := range l.links.ties {
			before = append(before, t)
		}
		for _, t := range before {
			l.links.lose(t, true)
		}
		return nil
	})
	return func() bool {
		fresh := true
		_ = n.call(func(l *loop) error {
			for _, t := range l.links.ties {
				fresh = fresh && !slices.Contains(before, t)
			}
			return nil
		})
		return fresh
	}
}
