package link

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// path is a link's share of the port: what comes for it, and the burst that is
// being gathered for its peer.
type path struct {
	mux     *portMux
	key     pathKey
	batch   batch
	use     func([]byte)                   // takes what is not ICE's
	handles int                            // guarded by mux.mu
	sources []netip.AddrPort               // guarded by mux.mu
	known   atomic.Pointer[netip.AddrPort] // the last one written to, claimed

	checks *mailbox      // ICE's own, for its agent to read
	turn   chan struct{} // holds one while no handle reads
	once   sync.Once
	closed chan struct{}
}

func newPath(m *portMux, key pathKey) *path {
	p := &path{
		mux: m, key: key, batch: batch{socket: m.socket}, use: m.users[key.ufrag],
		checks: newMailbox(), turn: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	p.turn <- struct{}{}
	return p
}

// deliver hands on a datagram, which is valid during the call: what is ICE's to its
// agent, anything else to the link, without a detour.
func (p *path) deliver(data []byte, from netip.AddrPort) {
	if p.use == nil || isSTUN(data) {
		p.checks.put(data, from)
		return
	}
	p.use(data)
}

func (p *path) close() {
	p.once.Do(func() {
		p.checks.end()
		close(p.closed)
	})
}

func (p *path) write(packet []byte, to netip.AddrPort) error {
	if known := p.known.Load(); known == nil || *known != to {
		p.mux.claim(p, to, false)
		last := to
		p.known.Store(&last)
	}
	return p.batch.write(packet, to)
}

// pathHandle is one candidate's hold on a path. Candidates of one address
// family share it: they differ in what is told to the peer, not in the socket.
// One of them reads for all, so that nothing is overtaken between two readers.
type pathHandle struct {
	path  *path
	local net.Addr

	once    sync.Once
	closed  chan struct{}
	reading bool // the reader's own
}

// ReadFromAddrPort gives the next datagram, to the handle whose turn it is.
func (h *pathHandle) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	if !h.reading {
		select {
		case <-h.path.turn:
			h.reading = true
		case <-h.closed:
			return 0, netip.AddrPort{}, io.EOF
		case <-h.path.closed:
			return 0, netip.AddrPort{}, io.EOF
		}
	}
	for {
		if d, more := h.path.checks.take(); d != nil {
			n, from := copy(b, d.data[:d.size]), d.from
			datagrams.Put(d)
			if more {
				h.path.checks.wake()
			}
			return n, from, nil
		}
		select {
		case <-h.path.checks.arrived:
		case <-h.closed:
			h.reading = false
			h.path.turn <- struct{}{}
			return 0, netip.AddrPort{}, io.EOF
		case <-h.path.closed:
			return 0, netip.AddrPort{}, io.EOF
		}
	}
}

// ReadFrom is ReadFromAddrPort for who wants a net.Addr.
func (h *pathHandle) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := h.ReadFromAddrPort(b)
	if err != nil {
		return 0, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteToAddrPort sends a datagram; RTP may wait for the rest of its burst
// and for those towards others.
func (h *pathHandle) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-h.closed:
		return 0, io.ErrClosedPipe
	default:
	}
	if err := h.path.write(b, plain(to)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// WriteTo is WriteToAddrPort for who has a net.Addr.
func (h *pathHandle) WriteTo(b []byte, addr net.Addr) (int, error) {
	return h.WriteToAddrPort(b, addrPortOf(addr))
}

// Close ends this hold; the last one ends the path.
func (h *pathHandle) Close() error {
	h.once.Do(func() {
		close(h.closed)
		h.path.mux.release(h.path)
	})
	return nil
}

// LocalAddr is the candidate's.
func (h *pathHandle) LocalAddr() net.Addr { return h.local }

// Deadlines are not kept: who reads is ended by Close, and no write waits.

// SetDeadline does nothing.
func (*pathHandle) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (*pathHandle) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (*pathHandle) SetWriteDeadline(time.Time) error { return nil }
