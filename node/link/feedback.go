package link

import (
	"encoding/binary"
	"time"
)

// transportFeedback reads transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1) packet by
// packet, in the order of their numbers. It allocates nothing.
type transportFeedback struct {
	chunks, deltas []byte
	seq            uint16
	left           int // statuses still to come
	symbols        uint16
	width          int // bits of one symbol in symbols; 0: all are the same
	inChunk        int
	same           uint16
	at             time.Duration
}

// packetStatus is what a receiver says of one packet.
type packetStatus struct {
	seq      uint16
	received bool
	at       time.Duration // of the arrival, by the receiver's clock
}

const (
	feedbackHeader = 8 // base number, count, reference time
	referenceUnit  = 64 * time.Millisecond
	deltaUnit      = 250 * time.Microsecond
)

// begin takes the feedback's own part of an RTCP packet. False: it is malformed,
// or tells of more packets than are remembered: a few bytes can claim tens of
// thousands.
func (f *transportFeedback) begin(b []byte) bool {
	if len(b) < feedbackHeader {
		return false
	}
	*f = transportFeedback{
		chunks: b[feedbackHeader:],
		seq:    binary.BigEndian.Uint16(b),
		left:   int(binary.BigEndian.Uint16(b[2:])),
		at:     time.Duration(binary.BigEndian.Uint32(b[4:])>>8) * referenceUnit,
	}
	if f.left > sentPackets {
		return false
	}
	// Where the deltas begin shows only when all chunks are walked.
	for left, rest := f.left, f.chunks; left > 0; rest = rest[2:] {
		if len(rest) < 2 {
			return false
		}
		left -= statuses(binary.BigEndian.Uint16(rest))
		f.deltas = rest[2:]
	}
	return true
}

func statuses(chunk uint16) int {
	switch {
	case chunk&0x8000 == 0:
		return int(chunk & 0x1fff)
	case chunk&0x4000 == 0:
		return 14
	default:
		return 7
	}
}

// next gives one packet's status; false at the end, or where it is malformed.
func (f *transportFeedback) next() (packetStatus, bool) {
	for f.left > 0 && f.inChunk == 0 {
		f.nextChunk()
	}
	if f.left <= 0 {
		return packetStatus{}, false
	}
	s := packetStatus{seq: f.seq}
	switch f.symbol() {
	case 1:
		if len(f.deltas) < 1 {
			return packetStatus{}, false
		}
		f.at += time.Duration(f.deltas[0]) * deltaUnit
		f.deltas = f.deltas[1:]
		s.received, s.at = true, f.at
	case 2:
		if len(f.deltas) < 2 {
			return packetStatus{}, false
		}
		f.at += time.Duration(int16(binary.BigEndian.Uint16(f.deltas))) * deltaUnit
		f.deltas = f.deltas[2:]
		s.received, s.at = true, f.at
	}
	f.seq++
	f.left--
	f.inChunk--
	return s, true
}

func (f *transportFeedback) nextChunk() {
	chunk := binary.BigEndian.Uint16(f.chunks)
	f.chunks = f.chunks[2:]
	f.inChunk = statuses(chunk)
	switch {
	case chunk&0x8000 == 0:
		f.width, f.same = 0, chunk>>13&3
		if f.inChunk == 0 {
			f.left = 0 // an empty run would be read for ever
		}
	case chunk&0x4000 == 0:
		f.width, f.symbols = 1, chunk<<2
	default:
		f.width, f.symbols = 2, chunk<<2
	}
}

func (f *transportFeedback) symbol() uint16 {
	if f.width == 0 {
		return f.same
	}
	s := f.symbols >> (16 - f.width)
	f.symbols <<= f.width
	return s
}
