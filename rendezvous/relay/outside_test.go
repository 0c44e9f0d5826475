package relay_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v3"

	"github.com/parley-mesh/parley/pkg/p2p"
)

// Guards the election's knowledge of who can be called: the relay really calls,
// only the asker's own machine, and not as often as the asker likes.
func TestReach(t *testing.T) {
	s := newScene(t, nil)
	a := s.node()
	var ports p2p.Reach
	for _, address := range a.Network().ListenAddresses() {
		if at, quic, ok := p2p.Endpoint(address); ok && quic {
			ports.QUIC = at.Port()
		}
	}
	taken := listenTCP(t) // nobody answers as a node there
	ports.TCP = uint16(taken.Addr().(*net.TCPAddr).Port)
	ask := func(request []byte) (p2p.Reached, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := a.Connect(ctx, s.info); err != nil {
			t.Fatal(err)
		}
		stream, err := a.Ask(ctx, s.info.ID, p2p.ReachProtocol, request)
		if err != nil {
			t.Fatal(err)
		}
		data, err := p2p.ReadAll(stream, p2p.MaxReached, 20*time.Second)
		if err != nil {
			return p2p.Reached{}, err
		}
		return p2p.ParseReached(data)
	}
	for _, bad := range [][]byte{nil, {1}, {1, 2, 3, 4, 5}} {
		if _, err := ask(bad); err == nil {
			t.Errorf("answered %v", bad)
		}
	}
	if got, err := ask(ports.Encode()); err != nil || !got.QUIC || got.TCP {
		t.Errorf("got %+v, %v; want QUIC only", got, err)
	}
	if _, err := ask(ports.Encode()); err == nil {
		t.Error("answered twice in a moment")
	}
}

// Guards the telling of NATs apart: both ports answer with what they see, name
// each other, and say nothing to anything else.
func TestSTUN(t *testing.T) {
	s := newScene(t, nil)
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var first netip.AddrPort
	for _, address := range s.info.Addrs {
		if at, quic, _ := p2p.Endpoint(address); quic {
			first = at
		}
	}
	ask := func(to netip.AddrPort) netip.AddrPort {
		t.Helper()
		indication := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodBinding, stun.ClassIndication))
		for _, other := range [][]byte{{}, {0}, make([]byte, 20), indication.Raw, append(indication.Raw, make([]byte, 1000)...)} {
			if _, err := conn.WriteToUDPAddrPort(other, to); err != nil {
				t.Fatal(err)
			}
		}
		request := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
		buffer, n := make([]byte, 1500), 0
		for try := 0; n == 0; try++ { // as a client does: a datagram may be lost
			if _, err := conn.WriteToUDPAddrPort(request.Raw, to); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond << try))
			if n, err = conn.Read(buffer); err != nil && try == 7 {
				t.Fatal(err)
			}
			if n >= 20 && string(buffer[8:20]) != string(request.TransactionID[:]) {
				n = 0 // a late answer to the question before
			}
		}
		answer := &stun.Message{Raw: buffer[:n]}
		var seen stun.XORMappedAddress
		var second stun.OtherAddress
		if err := errors.Join(answer.Decode(), seen.GetFrom(answer), second.GetFrom(answer)); err != nil {
			t.Fatal(err)
		}
		if answer.TransactionID != request.TransactionID || seen.Port != conn.LocalAddr().(*net.UDPAddr).Port {
			t.Errorf("answered %v", answer)
		}
		return netip.AddrPortFrom(netip.MustParseAddr(second.IP.String()), uint16(second.Port))
	}
	if second := ask(first); second == first || ask(second) != first {
		t.Errorf("the ports %v and %v do not name each other", first, second)
	}
}

// Guards links from a server that leads nowhere: who serves this machine alone
// names none.
func TestSTUNServers(t *testing.T) {
	if urls := newScene(t, nil).relay.STUN(); len(urls) != 0 {
		t.Errorf("on this machine's own address: %v", urls)
	}
}
