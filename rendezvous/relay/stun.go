package relay

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	message "github.com/pion/stun/v3"
	"golang.org/x/time/rate"

	"github.com/parley-mesh/parley/pkg/p2p"
)

const (
	maxSTUN       = 576  // a request, in bytes; RFC 8489 section 6.1
	stunPerSecond = 1000 // answers: a request's sender may be forged, and an answer is twice as long
)

// stun answers binding requests at the UDP ports of QUIC, and at one more beside
// each: who asks both from one port, and is seen at two addresses, is behind a
// symmetric NAT.
type stun struct {
	conns   []net.PacketConn
	limit   *rate.Limiter
	running sync.WaitGroup
}

func newSTUN(host *p2p.Host) (*stun, error) {
	s := &stun{limit: rate.NewLimiter(stunPerSecond, stunPerSecond)}
	shared, err := host.Datagrams()
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	s.conns = shared
	for _, first := range shared {
		own, ok := first.LocalAddr().(*net.UDPAddr)
		if !ok {
			continue
		}
		second, err := net.ListenUDP("udp", &net.UDPAddr{IP: own.IP, Zone: own.Zone})
		if err != nil {
			s.close()
			return nil, fmt.Errorf("%w: a second UDP port: %w", ErrListen, err)
		}
		s.conns = append(s.conns, second)
		s.running.Go(func() { s.serve(first, second.LocalAddr()) })
		s.running.Go(func() { s.serve(second, first.LocalAddr()) })
	}
	return s, nil
}

func (s *stun) close() {
	for _, conn := range s.conns {
		_ = conn.Close()
	}
	s.running.Wait()
}

func (s *stun) serve(conn net.PacketConn, other net.Addr) {
	buffer := make([]byte, maxSTUN)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			var passing net.Error // a client that is gone, as ICMP tells
			if errors.As(err, &passing) && !passing.Timeout() {
				continue
			}
			return
		}
		if answer := answerSTUN(buffer[:n], from, other); answer != nil && s.limit.Allow() {
			_, _ = conn.WriteTo(answer, from) // a lost answer is asked for again
		}
	}
}

// answerSTUN returns the answer to a binding request, or nil to what is none.
func answerSTUN(data []byte, from, other net.Addr) []byte {
	if !message.IsMessage(data) {
		return nil
	}
	request := &message.Message{Raw: data}
	if request.Decode() != nil || request.Type != message.BindingRequest {
		return nil
	}
	seen, second := udpAddress(from), udpAddress(other)
	if !seen.IsValid() || !second.IsValid() {
		return nil
	}
	answer, err := message.Build(request, message.BindingSuccess,
		&message.XORMappedAddress{IP: seen.Addr().AsSlice(), Port: int(seen.Port())},
		&message.OtherAddress{IP: second.Addr().AsSlice(), Port: int(second.Port())})
	if err != nil {
		return nil
	}
	return answer.Raw
}

func udpAddress(a net.Addr) netip.AddrPort {
	udp, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := udp.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}
