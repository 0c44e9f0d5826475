package link

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// A browser that was not asked for its camera hides its addresses behind names:
// such candidates are found, or cost nothing but themselves.
func TestNamedCandidates(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{})
	p.waitOpen(t)
	l := p.answerer.link
	l.Accept(protocol.Candidates{Generation: 0, Candidates: []protocol.Candidate{
		{Candidate: "candidate:1 1 udp 2122260223 d9b5a1cf-nobody.local 54321 typ host"},
		{Candidate: "candidate:nonsense"},
		{Candidate: "candidate:1 1 udp 1 256.1.1.1 99999 typ host"},
		{Candidate: ""},
	}})
	sendsAll(t, p.offerer)
}

func TestNameIsFound(t *testing.T) {
	t.Parallel()
	const name = "parley-link-test.local"
	addr, err := net.ResolveUDPAddr("udp4", mdns.DefaultAddressIPv4)
	if err != nil {
		t.Fatal(err)
	}
	socket, err := net.ListenUDP("udp4", addr)
	if err != nil {
		t.Skip("no multicast port here:", err)
	}
	server, err := mdns.NewServer(ipv4.NewPacketConn(socket), nil, mdns.WithLocalNames(name), mdns.WithIncludeLoopback(true))
	if err != nil {
		_ = socket.Close()
		t.Skip("no multicast here:", err)
	}
	defer func() { _ = server.Close() }()
	n := newNames(false, slog.New(slog.DiscardHandler))
	defer n.close()
	got, ok := n.find(t.Context(), name)
	if !ok {
		t.Skip("multicast does not come back on this machine")
	}
	if !got.IsValid() || got == (netip.Addr{}) {
		t.Errorf("it is %v", got)
	}
}
