package link

import "time"

// sentPackets is how many packets sent are remembered until feedback comes:
// more than a second of what a link carries at most.
const sentPackets = 2048

// history remembers what was sent, by its transport-wide number. Pure.
type history struct {
	next    uint16
	packets []sentPacket // a ring, made with the first packet
}

type sentPacket struct {
	at   time.Duration
	seq  uint16
	size uint16
	open bool // no feedback about it yet
}

// add gives the number of a packet that is sent now.
func (h *history) add(now time.Duration, size int) uint16 {
	if h.packets == nil {
		h.packets = make([]sentPacket, sentPackets)
	}
	seq := h.next
	h.next++
	h.packets[seq%sentPackets] = sentPacket{at: now, seq: seq, size: uint16(min(size, 1<<16-1)), open: true}
	return seq
}

// take gives a packet that feedback speaks of for the first time.
func (h *history) take(seq uint16) (sentPacket, bool) {
	if h.packets == nil {
		return sentPacket{}, false
	}
	p := &h.packets[seq%sentPackets]
	if !p.open || p.seq != seq {
		return sentPacket{}, false
	}
	p.open = false
	return *p, true
}
