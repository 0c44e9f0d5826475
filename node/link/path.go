package link

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what waits to be read on a path; more is lost, as on any network.
const (
	maxWaiting  = 1024
	maxDatagram = 2048
)

var datagrams = sync.Pool{New: func() any {
	d := &datagram{}
	return d
}}

type datagram struct {
	size int
	from netip.AddrPort
	data [maxDatagram]byte
}

// path is a link's share of the port: what comes for it, and the burst that is
// being gathered for its peer.
type path struct {
	mux     *portMux
	key     pathKey
	batch   batch
	handles int                            // guarded by mux.mu
	sources []netip.AddrPort               // guarded by mux.mu
	known   atomic.Pointer[netip.AddrPort] // the last one written to, claimed

	mu      sync.Mutex
	waiting []*datagram // a ring
	first   int
	count   int
	ended   bool
	arrived chan struct{} // holds one when something may wait
	turn    chan struct{} // holds one while no handle reads
	closed  chan struct{}
}

func newPath(m *portMux, key pathKey) *path {
	p := &path{
		mux: m, key: key, batch: batch{socket: m.socket},
		arrived: make(chan struct{}, 1), turn: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	p.turn <- struct{}{}
	return p
}

// queue keeps a copy of a datagram for the reader.
func (p *path) queue(data []byte, from netip.AddrPort) {
	if len(data) > maxDatagram {
		return
	}
	d, _ := datagrams.Get().(*datagram)
	d.size, d.from = copy(d.data[:], data), from
	p.mu.Lock()
	if p.ended || p.count == maxWaiting {
		p.mu.Unlock()
		datagrams.Put(d)
		return
	}
	if p.count == len(p.waiting) {
		p.growLocked()
	}
	p.waiting[(p.first+p.count)%len(p.waiting)] = d
	p.count++
	p.mu.Unlock()
	p.wake()
}

func (p *path) growLocked() {
	larger := make([]*datagram, max(8, 2*len(p.waiting)))
	for i := range p.count {
		larger[i] = p.waiting[(p.first+i)%len(p.waiting)]
	}
	p.waiting, p.first = larger, 0
}

func (p *path) wake() {
	select {
	case p.arrived <- struct{}{}:
	default:
	}
}

// take gives the oldest datagram, nil when there is none.
func (p *path) take() (d *datagram, more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count == 0 {
		return nil, false
	}
	d = p.waiting[p.first]
	p.waiting[p.first] = nil
	p.first = (p.first + 1) % len(p.waiting)
	p.count--
	return d, p.count > 0
}

func (p *path) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.ended = true
		p.waiting, p.count = nil, 0
		close(p.closed)
	}
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
		if d, more := h.path.take(); d != nil {
			n, from := copy(b, d.data[:d.size]), d.from
			datagrams.Put(d)
			if more {
				h.path.wake()
			}
			return n, from, nil
		}
		select {
		case <-h.path.arrived:
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
