package link

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// holdFor is how long a packet may wait for the rest of its burst. A picture is
// of no use before its last packet, which waits for nothing; and to write a
// picture for a hundred receivers takes two milliseconds itself.
const holdFor = 3 * time.Millisecond

// socketBuffer is what the kernel keeps for a socket that many links share, in
// bytes, if it allows as much.
const socketBuffer = 4 << 20

// packetSocket is what a socket needs of the network, be it the system's or a
// virtual one.
type packetSocket interface {
	ReadFrom(p []byte) (int, net.Addr, error)
	WriteTo(p []byte, addr net.Addr) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// socket is the UDP port of all links. What leaves it in bursts goes out in one
// piece each where the kernel can (UDP generic segmentation offload), and the
// bursts that wait at one time in as few system calls as it takes.
type socket struct {
	conn    packetSocket
	udp     *net.UDPConn // nil on a virtual network
	offload offload

	waiting atomic.Bool // something may be held

	mu      sync.Mutex
	holding []*batch // in which something may be kept since the last flush
	spare   []*batch
	timer   *time.Timer
	closed  bool
}

func newSocket(conn packetSocket) *socket {
	s := &socket{conn: conn}
	if udp, ok := conn.(*net.UDPConn); ok {
		s.udp = udp
		// The system may allow less; then it has less.
		_ = udp.SetReadBuffer(socketBuffer)
		_ = udp.SetWriteBuffer(socketBuffer)
		s.offload.detect(udp)
	}
	return s
}

// holds notes that a batch keeps something that must not wait for ever.
func (s *socket) holds(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.holding = append(s.holding, b)
	if len(s.holding) > 1 {
		return
	}
	s.waiting.Store(true)
	if s.timer == nil {
		s.timer = time.AfterFunc(holdFor, s.flush)
	} else {
		s.timer.Reset(holdFor)
	}
}

// flush sends what every batch has gathered. A datagram that cannot be sent is a
// lost one.
func (s *socket) flush() {
	if !s.waiting.Load() {
		return
	}
	s.mu.Lock()
	s.waiting.Store(false)
	if s.timer != nil {
		s.timer.Stop() // nobody else is to come for these
	}
	due := s.holding
	s.holding, s.spare = s.spare[:0], nil
	s.mu.Unlock()
	f, _ := flights.Get().(*flight)
	for rest := due; len(rest) > 0; {
		rest = rest[f.board(rest):]
		f.leave(s)
	}
	flights.Put(f)
	clear(due)
	s.mu.Lock()
	if cap(due) > cap(s.spare) {
		s.spare = due[:0]
	}
	s.mu.Unlock()
}

func (s *socket) sendOne(packet []byte, to netip.AddrPort) error {
	if s.udp != nil {
		_, err := s.udp.WriteToUDPAddrPort(packet, to)
		return err
	}
	_, err := s.conn.WriteTo(packet, net.UDPAddrFromAddrPort(to))
	return err
}

// sendEach sends a burst packet by packet.
func (s *socket) sendEach(b *burst) error {
	var failed error
	for rest := b.bytes; len(rest) > 0; {
		n := min(b.size, len(rest))
		if err := s.sendOne(rest[:n], b.to); err != nil {
			failed = err
		}
		rest = rest[n:]
	}
	return failed
}

func (s *socket) sendBurst(b *burst) error {
	if b.packets > 1 && s.udp != nil {
		if sent, err := s.offload.send(s.udp, b); sent {
			return err
		}
	}
	return s.sendEach(b)
}

func (s *socket) close() error {
	s.mu.Lock()
	s.closed = true
	s.holding = nil
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	return s.conn.Close()
}

// addrPortOf is the plain form of an address: IPv4 is never dressed as IPv6.
func addrPortOf(addr net.Addr) netip.AddrPort {
	udp, ok := addr.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	return plain(udp.AddrPort())
}

func plain(addr netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}
