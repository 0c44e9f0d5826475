package link

import (
	"net/netip"
	"sync"
)

// How much a batch holds. Beyond a dozen packets a longer one gains little, and
// each link with an open batch occupies its buffer.
const (
	batchBytes   = 16 << 10
	batchPackets = 64 // the kernel's limit of segments in one call
)

// burst is what goes out in one system call: packets of one size to one
// address, but for the last, which may be shorter.
type burst struct {
	bytes   []byte
	size    int // of each packet but the last
	packets int
	to      netip.AddrPort
}

var burstBuffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, batchBytes)
	return &buffer
}}

// batch gathers the RTP packets of a burst towards one address, so that they
// cost one system call. Anything else goes out at once, after what was
// gathered before it. It is safe for concurrent use.
type batch struct {
	socket *socket

	mu     sync.Mutex
	held   burst
	buffer *[]byte
}

// write sends a packet, or keeps it until the burst ends: by the packet that
// has the marker bit, by one of another size, when it is full, by flush, or
// when the socket's timer finds it.
func (b *batch) write(packet []byte, to netip.AddrPort) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !isRTP(packet) || len(packet) > batchBytes {
		err := b.flushLocked()
		if sent := b.socket.sendOne(packet, to); sent != nil {
			err = sent
		}
		return err
	}
	if b.held.packets > 0 && (to != b.held.to || len(packet) > b.held.size || len(b.held.bytes)+len(packet) > batchBytes) {
		if err := b.flushLocked(); err != nil {
			return err
		}
	}
	if b.held.packets == 0 {
		b.buffer, _ = burstBuffers.Get().(*[]byte)
		b.held = burst{bytes: (*b.buffer)[:0], size: len(packet), to: to}
		b.socket.holds(b)
	}
	b.held.bytes = append(b.held.bytes, packet...)
	b.held.packets++
	if packet[1]&0x80 != 0 || len(packet) < b.held.size || b.held.packets == batchPackets {
		return b.flushLocked()
	}
	return nil
}

// flush sends what is kept.
func (b *batch) flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flushLocked()
}

func (b *batch) flushLocked() error {
	if b.held.packets == 0 {
		return nil
	}
	err := b.socket.sendBurst(&b.held)
	burstBuffers.Put(b.buffer)
	b.held, b.buffer = burst{}, nil
	return err
}

// isRTP tells RTP from STUN, DTLS and RTCP (RFC 7983, RFC 5761 section 4).
func isRTP(packet []byte) bool {
	if len(packet) < rtpHeaderSize || packet[0] < 128 || packet[0] > 191 {
		return false
	}
	return packet[1] < 192 || packet[1] > 223
}
