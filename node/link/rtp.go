package link

import (
	"encoding/binary"

	"github.com/parley-mesh/parley/node/router"
)

// rtpPacket is what a link reads of an RTP packet (RFC 3550, section 5.1). Its
// slices are parts of the packet.
type rtpPacket struct {
	payloadType  uint8
	marker       bool
	seq          uint16
	time, ssrc   uint32
	mid, rid     []byte
	level        uint8 // router.NoLevel without one
	transport    uint16
	hasTransport bool
	payload      []byte // without padding; empty when there is nothing but padding
}

const rtpHeaderSize = 12

// read takes a packet apart. False: it is no RTP packet.
func (p *rtpPacket) read(b []byte, ids *extensions) bool {
	if len(b) < rtpHeaderSize || b[0]>>6 != 2 {
		return false
	}
	*p = rtpPacket{
		payloadType: b[1] & 0x7f,
		marker:      b[1]&0x80 != 0,
		seq:         binary.BigEndian.Uint16(b[2:]),
		time:        binary.BigEndian.Uint32(b[4:]),
		ssrc:        binary.BigEndian.Uint32(b[8:]),
		level:       router.NoLevel,
	}
	padded, extended := b[0]&0x20 != 0, b[0]&0x10 != 0
	rest := b[rtpHeaderSize:]
	csrcs := 4 * int(b[0]&0x0f)
	if len(rest) < csrcs {
		return false
	}
	rest = rest[csrcs:]
	if extended {
		if len(rest) < 4 {
			return false
		}
		profile, length := binary.BigEndian.Uint16(rest), 4*int(binary.BigEndian.Uint16(rest[2:]))
		if len(rest) < 4+length {
			return false
		}
		p.readExtensions(profile, rest[4:4+length], ids)
		rest = rest[4+length:]
	}
	if padded {
		if len(rest) == 0 || int(rest[len(rest)-1]) > len(rest) || rest[len(rest)-1] == 0 {
			return false
		}
		rest = rest[:len(rest)-int(rest[len(rest)-1])]
	}
	p.payload = rest
	return true
}

// readExtensions reads one-byte and two-byte headers (RFC 8285, section 4).
// Elements that do not fit end the reading.
func (p *rtpPacket) readExtensions(profile uint16, b []byte, ids *extensions) {
	short := profile == 0xbede
	if !short && profile>>4 != 0x100 {
		return
	}
	for len(b) > 0 {
		if b[0] == 0 {
			b = b[1:] // padding
			continue
		}
		var id uint8
		var length int
		if short {
			id, length = b[0]>>4, int(b[0]&0x0f)+1
			b = b[1:]
			if id == 15 {
				return
			}
		} else {
			if len(b) < 2 {
				return
			}
			id, length = b[0], int(b[1])
			b = b[2:]
		}
		if len(b) < length {
			return
		}
		p.take(id, b[:length], ids)
		b = b[length:]
	}
}

func (p *rtpPacket) take(id uint8, value []byte, ids *extensions) {
	switch {
	case id == 0:
	case id == ids.transportCC && len(value) >= 2:
		p.transport, p.hasTransport = binary.BigEndian.Uint16(value), true
	case id == ids.level && len(value) >= 1:
		p.level = value[0] & 0x7f // the first bit says whether it is speech
	case id == ids.mid:
		p.mid = value
	case id == ids.rid:
		p.rid = value
	}
}
