package link

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// maxSources is how many addresses one link's traffic may come from.
const maxSources = 256

// portMux shares one UDP port among links (ice.UDPMux): each has a path per
// address family, found by the user name in a STUN request, and for anything
// else by its source. A source belongs to the first path that claims it, so
// that nobody can take another's traffic by naming its address as a candidate.
type portMux struct {
	socket    *socket
	local     netip.AddrPort // as listened on
	addresses func() []net.Addr

	mu       sync.RWMutex
	paths    map[pathKey]*path
	users    map[string]func([]byte) // by user name: what takes a link's datagrams but for ICE's
	bySource map[netip.AddrPort]owner
	closed   bool
	done     chan struct{} // closed when nothing is read any more
}

// owner is the path that a source belongs to. It is proven when a STUN request
// for that path came from there; before, it was only written to.
type owner struct {
	path   *path
	proven bool
}

type pathKey struct {
	ufrag string
	ipv6  bool
}

func newPortMux(conn packetSocket, addresses func(port uint16) []net.Addr) *portMux {
	local := addrPortOf(conn.LocalAddr())
	m := &portMux{
		socket:    newSocket(conn),
		local:     local,
		addresses: func() []net.Addr { return addresses(local.Port()) },
		paths:     make(map[pathKey]*path),
		users:     make(map[string]func([]byte)),
		bySource:  make(map[netip.AddrPort]owner),
		done:      make(chan struct{}),
	}
	go m.read()
	return m
}

// GetListenAddresses lists the addresses that candidates are made of.
func (m *portMux) GetListenAddresses() []net.Addr { return m.addresses() }

// GetConn gives a handle on the path of a link's ICE credentials.
func (m *portMux) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	key := pathKey{ufrag: ufrag, ipv6: !addrPortOf(addr).Addr().Is4()}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	p := m.paths[key]
	if p == nil {
		p = newPath(m, key)
		m.paths[key] = p
	}
	p.handles++
	return &pathHandle{path: p, local: addr, closed: make(chan struct{})}, nil
}

// use has a link take what comes for its ICE credentials, but for ICE's own. It is
// called by the port's reader, with bytes that are valid during the call, and must
// come before the credentials are told to anybody.
func (m *portMux) use(ufrag string, take func([]byte)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users[ufrag] = take
}

// pathFor is the path of a link's credentials; nil when there is none.
func (m *portMux) pathFor(ufrag string, ipv6 bool) *path {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.paths[pathKey{ufrag, ipv6}]
}

// RemoveConnByUfrag lets go of a link's paths.
func (m *portMux) RemoveConnByUfrag(ufrag string) {
	m.mu.Lock()
	delete(m.users, ufrag)
	m.mu.Unlock()
	for _, ipv6 := range []bool{false, true} {
		m.mu.Lock()
		p := m.paths[pathKey{ufrag, ipv6}]
		m.mu.Unlock()
		if p != nil {
			m.remove(p)
		}
	}
}

// release lets go of a path when its last handle is closed.
func (m *portMux) release(p *path) {
	m.mu.Lock()
	p.handles--
	last := p.handles == 0
	m.mu.Unlock()
	if last {
		m.remove(p)
	}
}

func (m *portMux) remove(p *path) {
	m.mu.Lock()
	if m.paths[p.key] == p {
		delete(m.paths, p.key)
	}
	for _, addr := range p.sources {
		if m.bySource[addr].path == p {
			delete(m.bySource, addr)
		}
	}
	p.sources = nil
	m.mu.Unlock()
	_ = p.batch.flush()
	p.close()
}

// claim has datagrams from an address go to a path, unless they are another's.
func (m *portMux) claim(p *path, addr netip.AddrPort, proven bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	has, owned := m.bySource[addr]
	switch {
	case m.paths[p.key] != p:
	case has.path == p:
		m.bySource[addr] = owner{p, proven || has.proven}
	case owned && (has.proven || !proven), len(p.sources) >= maxSources:
	default:
		m.bySource[addr] = owner{p, proven}
		p.sources = append(p.sources, addr)
	}
}

// Close ends the port and every path on it.
func (m *portMux) Close() error {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil
	}
	m.closed = true
	paths := m.paths
	m.paths, m.bySource = make(map[pathKey]*path), make(map[netip.AddrPort]owner)
	m.mu.Unlock()
	for _, p := range paths {
		p.close()
	}
	err := m.socket.close()
	<-m.done
	return err
}

func (m *portMux) isClosed() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.closed
}

// largestRead is what one call can bring: datagrams of one flow together.
const largestRead = 64 << 10

func (m *portMux) read() {
	defer close(m.done)
	buffer := make([]byte, largestRead)
	control := make([]byte, controlSize)
	var busy rests
	started := time.Now()
	for {
		began := time.Since(started)
		n, size, from, err := m.readSome(buffer, control)
		ended := time.Since(started)
		switch {
		case err == nil:
		case m.isClosed() || errors.Is(err, net.ErrClosed):
			return
		default:
			// An ICMP message about one peer's address is no error of the port.
			time.Sleep(time.Millisecond)
			continue
		}
		if size <= 0 {
			size = n
		}
		if p := m.pathOf(from, buffer[:min(size, n)]); p != nil {
			for rest := buffer[:n]; len(rest) > 0; {
				one := min(size, len(rest))
				p.deliver(rest[:one], from)
				rest = rest[one:]
			}
		}
		if rest := busy.after(began, ended); rest > 0 {
			time.Sleep(rest)
		}
	}
}

func (m *portMux) readSome(buffer, control []byte) (n, size int, from netip.AddrPort, err error) {
	if m.socket.udp == nil {
		n, addr, err := m.socket.conn.ReadFrom(buffer)
		return n, n, addrPortOf(addr), err
	}
	n, length, _, from, err := m.socket.udp.ReadMsgUDPAddrPort(buffer, control)
	if m.socket.offload.coalesced && length > 0 {
		size = m.socket.offload.received(control[:length])
	}
	return n, size, plain(from), err
}

func (m *portMux) pathOf(from netip.AddrPort, packet []byte) *path {
	user, requested := stunUser(packet)
	m.mu.RLock()
	has := m.bySource[from]
	p := has.path
	if requested {
		p = m.paths[pathKey{string(user), !from.Addr().Is4()}]
	}
	m.mu.RUnlock()
	if requested && p != nil && (has.path != p || !has.proven) {
		m.claim(p, from, true)
	}
	return p
}

// isSTUN tells STUN from what else comes on a port (RFC 8489 section 5, RFC 7983).
func isSTUN(packet []byte) bool {
	const header, cookie = 20, 0x2112a442
	return len(packet) >= header && packet[0] < 4 && binary.BigEndian.Uint32(packet[4:]) == cookie
}

// stunUser reads for whom a STUN binding request is: the part of its user name
// before the colon (RFC 8445, section 7.2.2). False for anything else.
func stunUser(packet []byte) ([]byte, bool) {
	const header, request, cookie, username = 20, 0x0001, 0x2112a442, 0x0006
	if !isSTUN(packet) || binary.BigEndian.Uint16(packet) != request {
		return nil, false
	}
	rest := packet[header:]
	for len(rest) >= 4 {
		kind, length := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		rest = rest[4:]
		if len(rest) < length {
			return nil, false
		}
		if kind == username {
			user, _, _ := bytes.Cut(rest[:length], []byte{':'})
			return user, true
		}
		rest = rest[min(len(rest), (length+3)&^3):]
	}
	return nil, false
}
