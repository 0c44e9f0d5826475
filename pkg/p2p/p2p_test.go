package p2p_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
)

var anyPort = netip.MustParseAddrPort("127.0.0.1:0")

func host(t *testing.T, seed byte, listen ...netip.AddrPort) *p2p.Host {
	t.Helper()
	resources, err := p2p.Limits{Connections: 16, PerAddress: 16, PerPeer: 8, Streams: 4, Memory: 16 << 20}.Resources()
	if err != nil {
		t.Fatal(err)
	}
	h, err := p2p.New(p2p.Config{Identity: identity.FromSeed([32]byte{seed}), Listen: listen, Resources: resources})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// Guards the roster's peer IDs: they are those of the hosts, and each transport
// proves them.
func TestHostIsItsIdentity(t *testing.T) {
	t.Parallel()
	server := host(t, 1, anyPort)
	id := identity.FromSeed([32]byte{1}).PeerID()
	if p2p.PeerID(server.ID()) != id {
		t.Errorf("host %v, identity %v", server.ID(), id)
	}
	for i, address := range server.Addrs() {
		client := host(t, byte(2+2*i))
		if err := client.Connect(t.Context(), peer.AddrInfo{ID: server.ID(), Addrs: []ma.Multiaddr{address}}); err != nil {
			t.Errorf("%v: %v", address, err)
		}
		other, err := p2p.ID(identity.FromSeed([32]byte{99}).PeerID())
		if err != nil {
			t.Fatal(err)
		}
		if host(t, byte(3+2*i)).Connect(t.Context(), peer.AddrInfo{ID: other, Addrs: []ma.Multiaddr{address}}) == nil {
			t.Errorf("%v: taken for somebody else", address)
		}
	}
	if len(server.Addrs()) != 2 {
		t.Errorf("listens at %v, want QUIC and TCP", server.Addrs())
	}
}

// Guards memory: whoever asks with more than is allowed is cut, and whoever is
// silent does not hold a stream for ever.
func TestAsk(t *testing.T) {
	t.Parallel()
	server, client := host(t, 1, anyPort), host(t, 2)
	heard := make(chan error, 1)
	server.SetStreamHandler("/test/1", func(s network.Stream) {
		data, err := p2p.ReadAll(s, 10, 100*time.Millisecond)
		heard <- err
		_, _ = s.Write(data)
		_ = s.Close()
	})
	if err := client.Connect(t.Context(), peer.AddrInfo{ID: server.ID(), Addrs: server.Addrs()}); err != nil {
		t.Fatal(err)
	}
	s, err := client.Ask(t.Context(), server.ID(), "/test/1", []byte("0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := p2p.ReadAll(s, 10, time.Minute); err != nil || string(data) != "0123456789" || <-heard != nil {
		t.Errorf("came back %q, %v", data, err)
	}
	if _, err = client.Ask(t.Context(), server.ID(), "/test/1", []byte("0123456789x")); err != nil {
		t.Fatal(err)
	}
	if err := <-heard; !errors.Is(err, p2p.ErrTooLarge) {
		t.Errorf("eleven bytes: %v, want ErrTooLarge", err)
	}
	silent, err := client.NewStream(t.Context(), server.ID(), "/test/1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := silent.Write([]byte("0")); err != nil {
		t.Fatal(err)
	}
	if err := <-heard; err == nil {
		t.Error("a silent stream ended well")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Ask(ctx, server.ID(), "/test/1", nil); err == nil {
		t.Error("asked after the end")
	}
}

// Guards whoever starts a second program at one port.
func TestListenTaken(t *testing.T) {
	t.Parallel()
	first, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	resources, err := p2p.Limits{Connections: 16, PerAddress: 16, PerPeer: 8, Streams: 4, Memory: 16 << 20}.Resources()
	if err != nil {
		t.Fatal(err)
	}
	_, err = p2p.New(p2p.Config{
		Identity: identity.FromSeed([32]byte{1}), Resources: resources,
		Listen: []netip.AddrPort{first.LocalAddr().(*net.UDPAddr).AddrPort()},
	})
	if !errors.Is(err, p2p.ErrListen) {
		t.Errorf("err = %v, want ErrListen", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/ip4/192.0.2.1/udp/8081/quic-v1":                      "192.0.2.1:8081 quic",
		"/ip4/192.0.2.1/tcp/8081":                              "192.0.2.1:8081",
		"/ip6/2001:db8::1/udp/8081/quic-v1":                    "[2001:db8::1]:8081 quic",
		"/dns/meet.example.com/tcp/8081":                       "",
		"/ip4/192.0.2.1/tcp/8081/p2p/" + some + "/p2p-circuit": "",
		"/p2p-circuit":                                         "",
		"/ip4/192.0.2.1":                                       "",
		"/ip4/192.0.2.1/udp/8081/quic-v1/p2p/" + some:          "192.0.2.1:8081 quic",
		"/ip6/::ffff:192.0.2.1/tcp/1":                          "192.0.2.1:1",
		"/dns4/meet.example.com/udp/8081/quic-v1/p2p/" + some:  "",
		"/ip4/192.0.2.1/tcp/8081/ws":                           "",
		"/ip4/192.0.2.1/udp/8081/quic-v1/webtransport":         "",
		"/ip6zone/eth0/ip6/fe80::1/udp/8081/quic-v1":           "[fe80::1%eth0]:8081 quic",
		"/ip4/192.0.2.1/udp/8081":                              "",
	} {
		address, err := ma.NewMultiaddr(text)
		if err != nil {
			t.Fatal(err)
		}
		at, quic, ok := p2p.Endpoint(address)
		got := ""
		if ok {
			got = at.String()
		}
		if quic {
			got += " quic"
		}
		if got != want {
			t.Errorf("%s leads to %q, want %q", text, got, want)
		}
	}
	named, err := p2p.NamedAddress("meet.example.com", 8081, true)
	if port, ok := p2p.QUICPort(named); err != nil || !ok || port != 8081 || !strings.HasPrefix(named.String(), "/dns/meet.example.com/udp/") {
		t.Errorf("named %v, %v", named, err)
	}
	if _, err := p2p.NamedAddress("no/name", 1, true); err == nil {
		t.Error("a name with a slash")
	}
}

const some = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"

func FuzzReach(f *testing.F) {
	f.Add(p2p.Reach{QUIC: 1, TCP: 65535}.Encode())
	f.Add(p2p.Reached{QUIC: true}.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := p2p.ParseReach(data); err == nil && string(r.Encode()) != string(data) {
			t.Errorf("%v came back as %v", data, r)
		}
		if r, err := p2p.ParseReached(data); err == nil && string(r.Encode()) != string(data) {
			t.Errorf("%v came back as %v", data, r)
		}
	})
}
