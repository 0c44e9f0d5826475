package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	message "github.com/pion/stun/v3"

	"github.com/parley-mesh/parley/pkg/p2p"
)

const (
	stunTries = 4
	stunWait  = 250 * time.Millisecond // for the first answer, and each time twice as long
	maxSTUN   = 576                    // RFC 8489 section 6.1
)

var errNoAnswer = errors.New("overlay: no STUN server answered")

// stunner asks STUN servers (RFC 8489) from the very UDP ports that QUIC uses, so
// that what they see is what other nodes would.
type stunner struct {
	conns   []net.PacketConn
	reading sync.WaitGroup

	mu      sync.Mutex
	waiting map[[message.TransactionIDSize]byte]chan<- binding
}

// binding is an answer: where we are seen, and the server's second address.
type binding struct{ seen, other netip.AddrPort }

func newStunner(host *p2p.Host) (*stunner, error) {
	conns, err := host.Datagrams()
	if err != nil {
		return nil, fmt.Errorf("overlay: %w", err)
	}
	s := &stunner{conns: conns, waiting: make(map[[message.TransactionIDSize]byte]chan<- binding)}
	for _, conn := range conns {
		s.reading.Go(func() { s.read(conn) })
	}
	return s, nil
}

func (s *stunner) close() {
	for _, conn := range s.conns {
		_ = conn.Close()
	}
	s.reading.Wait()
}

func (s *stunner) read(conn net.PacketConn) {
	buffer := make([]byte, maxSTUN)
	for {
		n, _, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		answer := &message.Message{Raw: buffer[:n]}
		if !message.IsMessage(answer.Raw) || answer.Decode() != nil || answer.Type != message.BindingSuccess {
			continue
		}
		var seen message.XORMappedAddress
		if seen.GetFrom(answer) != nil {
			continue
		}
		got := binding{seen: addrPort(seen.IP, seen.Port)}
		var other message.OtherAddress
		if other.GetFrom(answer) == nil {
			got.other = addrPort(other.IP, other.Port)
		}
		s.mu.Lock()
		waiting := s.waiting[answer.TransactionID]
		delete(s.waiting, answer.TransactionID)
		s.mu.Unlock()
		if waiting != nil {
			waiting <- got // room for one, and only one comes
		}
	}
}

func addrPort(ip net.IP, port int) netip.AddrPort {
	addr, ok := netip.AddrFromSlice(ip)
	if !ok || port < 0 || port > 1<<16-1 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(port))
}

// ask asks one server.
func (s *stunner) ask(ctx context.Context, server netip.AddrPort) (binding, error) {
	conn := s.socket(server.Addr())
	request, err := message.Build(message.TransactionID, message.BindingRequest)
	if conn == nil || err != nil {
		return binding{}, errNoAnswer
	}
	answer := make(chan binding, 1)
	s.mu.Lock()
	s.waiting[request.TransactionID] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.waiting, request.TransactionID)
		s.mu.Unlock()
	}()
	for try := range stunTries {
		if _, err := conn.WriteTo(request.Raw, net.UDPAddrFromAddrPort(server)); err != nil {
			return binding{}, errNoAnswer
		}
		timer := time.NewTimer(stunWait << try)
		select {
		case got := <-answer:
			timer.Stop()
			return got, nil
		case <-ctx.Done():
			timer.Stop()
			return binding{}, errNoAnswer
		case <-timer.C:
		}
	}
	return binding{}, errNoAnswer
}

// socket is the one of an address family.
func (s *stunner) socket(to netip.Addr) net.PacketConn {
	for _, conn := range s.conns {
		own, ok := conn.LocalAddr().(*net.UDPAddr)
		if ok && own.AddrPort().Addr().Unmap().Is4() == to.Is4() {
			return conn
		}
	}
	return nil
}
