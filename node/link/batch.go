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
	whole   bool // nothing can follow
	to      netip.AddrPort
}

var burstBuffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, batchBytes)
	return &buffer
}}

// batch gathers the RTP packets of a burst towards one address, so that they
// leave in one piece, and that with the bursts towards others. Anything else
// goes out at once, after what was gathered before it. It is safe for
// concurrent use.
type batch struct {
	socket *socket

	mu     sync.Mutex
	held   burst
	buffer *[]byte
}

// write sends a packet, or keeps it until the socket is flushed, by whoever
// writes or by its timer. A burst that is whole, by the marker bit, by a shorter
// packet or because it is full, goes out when the next one begins.
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
	if b.held.packets > 0 && (b.held.whole || to != b.held.to || len(packet) > b.held.size || len(b.held.bytes)+len(packet) > batchBytes) {
		_ = b.flushLocked() // what cannot be sent is lost; this packet need not be
	}
	if b.held.packets == 0 {
		b.buffer, _ = burstBuffers.Get().(*[]byte)
		b.held = burst{bytes: (*b.buffer)[:0], size: len(packet), to: to}
		b.socket.holds(b)
	}
	b.held.bytes = append(b.held.bytes, packet...)
	b.held.packets++
	b.held.whole = packet[1]&0x80 != 0 || len(packet) < b.held.size || b.held.packets == batchPackets
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
	b.emptyLocked()
	return err
}

// emptyLocked lets go of what has been sent.
func (b *batch) emptyLocked() {
	burstBuffers.Put(b.buffer)
	b.held, b.buffer = burst{}, nil
}

// isRTP tells RTP from STUN, DTLS and RTCP (RFC 7983, RFC 5761 section 4).
func isRTP(packet []byte) bool {
	if len(packet) < rtpHeaderSize || packet[0] < 128 || packet[0] > 191 {
		return false
	}
	return packet[1] < 192 || packet[1] > 223
}
