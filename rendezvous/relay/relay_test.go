package relay_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
	"github.com/parley-mesh/parley/rendezvous/relay"
)

var anyPort = netip.MustParseAddrPort("127.0.0.1:0")

// rooms is who is in the one room of a test.
type rooms struct {
	mu     sync.Mutex
	inside map[identity.PeerID]bool
}

func (r *rooms) enter(who ...*p2p.Host) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inside == nil {
		r.inside = make(map[identity.PeerID]bool)
	}
	for _, h := range who {
		r.inside[p2p.PeerID(h.ID())] = true
	}
}

func (r *rooms) Inside(id identity.PeerID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inside[id]
}

func (r *rooms) Together(a, b identity.PeerID) bool { return r.Inside(a) && r.Inside(b) }

// scene is a relay on this machine's own address.
type scene struct {
	t     *testing.T
	relay *relay.Relay
	rooms rooms
	info  peer.AddrInfo
	seed  byte
}

func newScene(t *testing.T, change func(*relay.Quotas)) *scene {
	t.Helper()
	t.Parallel()
	s := &scene{t: t}
	quotas := relay.DefaultQuotas()
	if change != nil {
		change(&quotas)
	}
	var err error
	s.relay, err = relay.New(relay.Config{
		Identity: identity.FromSeed([32]byte{255}), Listen: []netip.AddrPort{anyPort}, Rooms: &s.rooms, Quotas: &quotas,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.relay.Close)
	for _, text := range s.relay.Addresses() {
		info, err := peer.AddrInfoFromString(text)
		if err != nil {
			t.Fatal(err)
		}
		s.info.ID = info.ID
		s.info.Addrs = append(s.info.Addrs, info.Addrs...)
	}
	return s
}

// node makes a host that knows circuits.
func (s *scene) node() *p2p.Host {
	s.t.Helper()
	s.seed++
	resources, err := p2p.Limits{Connections: 64, PerAddress: 64, PerPeer: 8, Streams: 64, Memory: 64 << 20}.Resources()
	if err != nil {
		s.t.Fatal(err)
	}
	h, err := p2p.New(p2p.Config{
		Identity: identity.FromSeed([32]byte{s.seed}), Listen: []netip.AddrPort{anyPort}, Circuits: true, Resources: resources,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = h.Close() })
	return h
}

func (s *scene) reserve(h *p2p.Host) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	_, err := client.Reserve(ctx, h, s.info)
	return err
}

// call connects through the relay.
func (s *scene) call(from, to *p2p.Host) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	circuit := ma.StringCast("/p2p/" + s.info.ID.String() + "/p2p-circuit")
	if err := from.Connect(ctx, s.info); err != nil {
		s.t.Fatal(err)
	}
	return from.Connect(ctx, peer.AddrInfo{ID: to.ID(), Addrs: []ma.Multiaddr{s.info.Addrs[0].Encapsulate(circuit)}})
}

const echo = "/test/echo"

func serveEcho(h *p2p.Host) {
	h.SetStreamHandler(echo, func(s network.Stream) {
		_, _ = io.Copy(s, s)
		_ = s.Close()
	})
}

// Guards GossipSub, which says nothing over a connection that its relay limits,
// and the nodes of one room, who need the relay where they cannot be direct.
func TestCircuitOfOneRoom(t *testing.T) {
	s := newScene(t, nil)
	a, b := s.node(), s.node()
	s.rooms.enter(a, b)
	serveEcho(b)
	if err := s.reserve(b); err != nil {
		t.Fatal(err)
	}
	if err := s.call(a, b); err != nil {
		t.Fatal(err)
	}
	for _, conn := range a.Network().ConnsToPeer(b.ID()) {
		if conn.Stat().Limited || !p2p.IsCircuit(conn.RemoteMultiaddr()) {
			t.Errorf("the connection is limited or no circuit: %v", conn.Stat())
		}
	}
	stream, err := b.Ask(t.Context(), a.ID(), "/test/none", nil)
	if err == nil {
		_, err = stream.Read(make([]byte, 1))
	}
	if err == nil {
		t.Error("an unknown protocol was answered")
	}
	if got := s.said(a, b, "over the relay"); got != "over the relay" {
		t.Errorf("came back: %q", got)
	}
}

func (s *scene) said(from, to *p2p.Host, text string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	stream, err := from.Ask(ctx, to.ID(), echo, []byte(text))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = stream.Reset() }()
	data, _ := p2p.ReadAll(stream, 1<<20, 10*time.Second)
	return string(data)
}

// Guards against an open proxy: a stranger may try its connection, but nothing is
// passed to it or from it, and few such places are kept.
func TestStrangers(t *testing.T) {
	s := newScene(t, func(q *relay.Quotas) { q.Strangers = 1 })
	member, stranger, other := s.node(), s.node(), s.node()
	s.rooms.enter(member)
	for _, h := range []*p2p.Host{member, stranger, stranger} {
		if err := s.reserve(h); err != nil {
			t.Error(err)
		}
	}
	if err := s.reserve(other); err == nil {
		t.Error("more strangers than the quota")
	}
	if s.call(member, stranger) == nil || s.call(stranger, member) == nil {
		t.Error("a circuit with a stranger")
	}
	s.rooms.enter(other)
	if err := s.reserve(other); err != nil {
		t.Errorf("once in a room: %v", err)
	}
}

// Guards the operator's machine: each quota ends something.
func TestQuotas(t *testing.T) {
	t.Parallel()
	t.Run("reservations", func(t *testing.T) {
		s := newScene(t, func(q *relay.Quotas) { q.Reservations = 1 })
		a, b := s.node(), s.node()
		s.rooms.enter(a, b)
		if err := s.reserve(a); err != nil {
			t.Fatal(err)
		}
		if s.reserve(b) == nil {
			t.Error("two reservations under a quota of one")
		}
	})
	t.Run("circuits", func(t *testing.T) {
		s := newScene(t, func(q *relay.Quotas) { q.Circuits = 1 })
		a, b, c := s.node(), s.node(), s.node()
		s.rooms.enter(a, b, c)
		if err := s.reserve(b); err != nil {
			t.Fatal(err)
		}
		if err := s.call(a, b); err != nil {
			t.Fatal(err)
		}
		if s.call(c, b) == nil {
			t.Error("two circuits under a quota of one")
		}
	})
	t.Run("bytes", func(t *testing.T) {
		s := newScene(t, func(q *relay.Quotas) { q.Bytes = 64 << 10 })
		a, b := s.node(), s.node()
		s.rooms.enter(a, b)
		serveEcho(b)
		if err := s.reserve(b); err != nil {
			t.Fatal(err)
		}
		if err := s.call(a, b); err != nil {
			t.Fatal(err)
		}
		if got := s.said(a, b, strings.Repeat("x", 100<<10)); len(got) >= 64<<10 {
			t.Errorf("%d bytes came back", len(got))
		}
	})
	t.Run("time", func(t *testing.T) {
		s := newScene(t, func(q *relay.Quotas) { q.CircuitTime = time.Second })
		a, b := s.node(), s.node()
		s.rooms.enter(a, b)
		gone := make(chan struct{})
		a.Network().Notify(&network.NotifyBundle{DisconnectedF: func(_ network.Network, c network.Conn) {
			if c.RemotePeer() == b.ID() {
				close(gone)
			}
		}})
		if err := s.reserve(b); err != nil {
			t.Fatal(err)
		}
		if err := s.call(a, b); err != nil {
			t.Fatal(err)
		}
		<-gone
	})
}

// Guards the operator from a relay that silently is not there.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	taken := listenTCP(t).Addr().(*net.TCPAddr).AddrPort()
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = udp.Close() }()
	for _, at := range []netip.AddrPort{taken, udp.LocalAddr().(*net.UDPAddr).AddrPort()} {
		r, err := relay.New(relay.Config{Identity: identity.FromSeed([32]byte{1}), Listen: []netip.AddrPort{at}, Rooms: &rooms{}})
		if !errors.Is(err, relay.ErrListen) {
			t.Errorf("%v: err = %v, want ErrListen", at, err)
		}
		if err == nil {
			r.Close()
		}
	}
	if _, err := relay.New(relay.Config{}); !errors.Is(err, relay.ErrConfig) {
		t.Errorf("nothing given: err = %v, want ErrConfig", err)
	}
}

func listenTCP(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	return l
}
