package session

import "github.com/parley-mesh/parley/node/router"

const (
	// holdPackets bounds what is held of one line: a large picture's key frame and
	// what follows it for as long as its name may be on the way.
	holdPackets = 256
	// holdFor is how old a held packet may be when its source is told, in
	// nanoseconds: as long as a browser waits. idleFor is how long a line must have
	// brought nothing before what comes on it, and does not say whose it is, can
	// only be of the source that is told next.
	holdFor = 500_000_000
	idleFor = 300_000_000
)

// hold keeps the packets of a line that are of a source that the peer has not
// named yet: media and messages travel apart, and of a picture the first packet is
// the one that all others need.
type hold struct {
	was     router.Key // what the line brought last
	idleAt  int64      // since when the line has no source, by the router's clock
	packets []heldPacket
}

type heldPacket struct {
	at     int64
	packet router.Packet
}

// rest is for when the line brings nothing any more.
func (h *hold) rest(was router.Key, now int64) { h.was, h.idleAt = was, now }

// keep copies a packet; sure says that it is not of the source before.
func (h *hold) keep(now int64, p *router.Packet, sure bool) {
	if !sure && now < h.idleAt+idleFor || len(p.Payload) > router.MaxPayload {
		return
	}
	if len(h.packets) >= holdPackets {
		h.packets = append(h.packets[:0], h.packets[1:]...)
	}
	kept := *p
	kept.Payload = append([]byte(nil), p.Payload...)
	h.packets = append(h.packets, heldPacket{now, kept})
}

// release hands on what is still fresh, in order, and goes on holding what is
// another's than the source that was named.
func (h *hold) release(now int64, another func(p *router.Packet) bool, write func(at int64, p *router.Packet)) {
	var others []heldPacket
	for i := range h.packets {
		k := &h.packets[i]
		switch {
		case now >= k.at+holdFor:
		case another(&k.packet):
			others = append(others, *k)
		default:
			write(k.at, &k.packet)
		}
	}
	h.packets = others
}
