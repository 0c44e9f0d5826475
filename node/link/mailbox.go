package link

import (
	"net/netip"
	"sync"
)

// Bounds of what waits to be read in a mailbox; more is lost, as on any network.
const (
	maxWaiting  = 1024
	maxDatagram = 2048
)

var datagrams = sync.Pool{New: func() any { return &datagram{} }}

type datagram struct {
	size int
	from netip.AddrPort
	data [maxDatagram]byte
}

// mailbox keeps copies of datagrams between the port's reader and another one.
// It is safe for concurrent use.
type mailbox struct {
	arrived chan struct{} // holds one when something may wait

	mu      sync.Mutex
	waiting []*datagram // a ring
	first   int
	count   int
	ended   bool
}

func newMailbox() *mailbox { return &mailbox{arrived: make(chan struct{}, 1)} }

// put keeps a copy of a datagram for the reader.
func (m *mailbox) put(data []byte, from netip.AddrPort) {
	if len(data) > maxDatagram {
		return
	}
	d, _ := datagrams.Get().(*datagram)
	d.size, d.from = copy(d.data[:], data), from
	m.mu.Lock()
	if m.ended || m.count == maxWaiting {
		m.mu.Unlock()
		datagrams.Put(d)
		return
	}
	if m.count == len(m.waiting) {
		m.growLocked()
	}
	m.waiting[(m.first+m.count)%len(m.waiting)] = d
	m.count++
	m.mu.Unlock()
	m.wake()
}

func (m *mailbox) growLocked() {
	larger := make([]*datagram, max(8, 2*len(m.waiting)))
	for i := range m.count {
		larger[i] = m.waiting[(m.first+i)%len(m.waiting)]
	}
	m.waiting, m.first = larger, 0
}

func (m *mailbox) wake() {
	select {
	case m.arrived <- struct{}{}:
	default:
	}
}

// take gives the oldest datagram, nil when there is none. Who has used it puts it
// back among the datagrams.
func (m *mailbox) take() (d *datagram, more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count == 0 {
		return nil, false
	}
	d = m.waiting[m.first]
	m.waiting[m.first] = nil
	m.first = (m.first + 1) % len(m.waiting)
	m.count--
	return d, m.count > 0
}

// end has nothing be kept any more.
func (m *mailbox) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended, m.waiting, m.count = true, nil, 0
}
