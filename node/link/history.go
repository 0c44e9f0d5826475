package link

import "time"

// How many packets sent are remembered until feedback comes, powers of two: at
// first what a receiver of a few pictures is sent meanwhile, at most more than a
// second of what a link carries.
const (
	firstSentPackets = 256
	sentPackets      = 2048
)

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
		h.packets = make([]sentPacket, firstSentPackets)
	}
	seq := h.next
	h.next++
	if h.at(seq).open && len(h.packets) < sentPackets {
		h.grow()
	}
	*h.at(seq) = sentPacket{at: now, seq: seq, size: uint16(min(size, 1<<16-1)), open: true}
	return seq
}

// take gives a packet that feedback speaks of for the first time.
func (h *history) take(seq uint16) (sentPacket, bool) {
	if h.packets == nil {
		return sentPacket{}, false
	}
	p := h.at(seq)
	if !p.open || p.seq != seq {
		return sentPacket{}, false
	}
	p.open = false
	return *p, true
}

func (h *history) at(seq uint16) *sentPacket { return &h.packets[int(seq)%len(h.packets)] }

// grow makes room for twice as many.
func (h *history) grow() {
	before := h.packets
	h.packets = make([]sentPacket, 2*len(before))
	for _, p := range before {
		if p.open {
			*h.at(p.seq) = p
		}
	}
}
