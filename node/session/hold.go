package session

import "github.com/parley-mesh/parley/node/router"

const (
	// holdPackets bounds what is held of one line: a large picture's key frame and
	// what follows it for as long as its name may be on the way.
	holdPackets = 128
	// holdFor is how old a held packet may be when its source is told, in
	// nanoseconds: as long as a browser waits. idleFor is how long a line must have
	// brought nothing before what comes on it can only be of the source that is
	// told next.
	holdFor = 500_000_000
	idleFor = 300_000_000
)

// hold keeps the first packets of a line of which the peer has not said yet what
// flows on it: media and messages travel apart, and of a picture the first packet
// is the one that all others need.
type hold struct {
	idleAt  int64 // since when the line has no source, by the router's clock
	packets []heldPacket
}

type heldPacket struct {
	at     int64
	packet router.Packet
}

// keep copies a packet.
func (h *hold) keep(now int64, p *router.Packet) {
	if now < h.idleAt+idleFor || len(p.Payload) > router.MaxPayload {
		return
	}
	if len(h.packets) >= holdPackets {
		h.packets = append(h.packets[:0], h.packets[1:]...)
	}
	kept := *p
	kept.Payload = append([]byte(nil), p.Payload...)
	h.packets = append(h.packets, heldPacket{now, kept})
}

// release hands on what is still fresh, in order, and forgets everything.
func (h *hold) release(now int64, write func(at int64, p *router.Packet)) {
	for i := range h.packets {
		if k := &h.packets[i]; now < k.at+holdFor {
			write(k.at, &k.packet)
		}
	}
	h.packets = nil
}
