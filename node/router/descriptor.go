package router

import (
	"encoding/binary"
	"errors"
)

var errDescriptor = errors.New("router: payload descriptor cut short")

// A descriptor is what a video payload's clear first bytes tell. An offset of 0
// means that the payload has no such field.
type descriptor struct {
	key           bool // the first packet of a key frame
	pictureAt     uint8
	pictureLong   bool // 15 bits, else 7
	picture       uint16
	tl0At         uint8
	tl0           uint8
	width, height uint16 // of a key frame, where it says so
}

// describe reads a payload's descriptor. Audio has none.
func describe(codec Codec, payload []byte) (descriptor, error) {
	switch codec {
	case VP8:
		d, _, err := describeVP8(payload)
		return d, err
	case VP9:
		d, _, err := describeVP9(payload)
		return d, err
	default:
		return descriptor{key: true}, nil
	}
}

// FrameIn is what a payload holds of the frame that begins in it; nil when none
// does, or when the payload is malformed.
func FrameIn(codec Codec, payload []byte) []byte {
	const (
		vp8Start = 0x10
		vp8Begin = vp8Start | 0x07 // and the partition is the first
		vp9Begin = 0x08
	)
	switch codec {
	case Opus:
		return payload
	case VP8:
		if _, at, err := describeVP8(payload); err == nil && payload[0]&vp8Begin == vp8Start {
			return payload[at:]
		}
	case VP9:
		if _, at, err := describeVP9(payload); err == nil && payload[0]&vp9Begin != 0 {
			return payload[at:]
		}
	default:
	}
	return nil
}

// describeVP8 reads RFC 7741 section 4.2 and, on a key frame, the ten bytes of
// RFC 6386 section 9.1 that stay clear under end-to-end encryption. The rest of
// the payload begins at.
func describeVP8(payload []byte) (d descriptor, at int, err error) {
	const (
		extended, start, partition = 0x80, 0x10, 0x07
		pictureID, tl0, tid, keyID = 0x80, 0x40, 0x20, 0x10
	)
	if len(payload) < 2 {
		return d, 0, errDescriptor
	}
	at = 1
	if payload[0]&extended != 0 {
		has := payload[1]
		at = 2
		if has&pictureID != 0 {
			if at, err = d.readPicture(payload, at); err != nil {
				return d, 0, err
			}
		}
		if has&tl0 != 0 {
			if at >= len(payload) {
				return d, 0, errDescriptor
			}
			d.tl0At, d.tl0 = uint8(at), payload[at]
			at++
		}
		if has&(tid|keyID) != 0 {
			at++
		}
	}
	if at >= len(payload) {
		return d, 0, errDescriptor
	}
	d.key = payload[0]&(start|partition) == start && payload[at]&1 == 0
	if header := payload[at:]; d.key && len(header) >= 10 && header[3] == 0x9d && header[4] == 0x01 && header[5] == 0x2a {
		d.width = binary.LittleEndian.Uint16(header[6:]) & 0x3fff
		d.height = binary.LittleEndian.Uint16(header[8:]) & 0x3fff
	}
	return d, at, nil
}

// describeVP9 reads RFC 9628 section 4.2. The rest of the payload begins at.
func describeVP9(payload []byte) (d descriptor, at int, err error) {
	const (
		pictureID, inter, layers, flexible = 0x80, 0x40, 0x20, 0x10
		begin, structure                   = 0x08, 0x02
	)
	if len(payload) < 2 {
		return d, 0, errDescriptor
	}
	first := payload[0]
	at = 1
	if first&pictureID != 0 {
		if at, err = d.readPicture(payload, at); err != nil {
			return d, 0, err
		}
	}
	base := true
	if first&layers != 0 {
		if at >= len(payload) {
			return d, 0, errDescriptor
		}
		base = payload[at]>>1&7 == 0
		at++
		if first&flexible == 0 {
			if at >= len(payload) {
				return d, 0, errDescriptor
			}
			d.tl0At, d.tl0 = uint8(at), payload[at]
			at++
		}
	}
	if first&flexible != 0 && first&inter != 0 {
		for range 3 {
			if at >= len(payload) {
				return d, 0, errDescriptor
			}
			more := payload[at]&1 != 0
			at++
			if !more {
				break
			}
		}
	}
	d.key = first&begin != 0 && base && first&inter == 0
	if first&structure != 0 {
		if at, err = d.readStructure(payload, at); err != nil {
			return d, 0, err
		}
	}
	if at >= len(payload) {
		return d, 0, errDescriptor
	}
	return d, at, nil
}

// readPicture reads a picture ID of one or two bytes, the same in both codecs.
func (d *descriptor) readPicture(payload []byte, at int) (next int, err error) {
	if at >= len(payload) {
		return at, errDescriptor
	}
	d.pictureAt = uint8(at)
	if payload[at]&0x80 == 0 {
		d.picture = uint16(payload[at])
		return at + 1, nil
	}
	if at+1 >= len(payload) {
		return at, errDescriptor
	}
	d.pictureLong = true
	d.picture = binary.BigEndian.Uint16(payload[at:]) & 0x7fff
	return at + 2, nil
}

// readStructure reads VP9's scalability structure for the size of its largest
// spatial layer.
func (d *descriptor) readStructure(payload []byte, at int) (next int, err error) {
	const sizes, groups = 0x10, 0x08
	if at >= len(payload) {
		return at, errDescriptor
	}
	head := payload[at]
	at++
	if head&sizes != 0 {
		for range int(head>>5) + 1 {
			if at+4 > len(payload) {
				return at, errDescriptor
			}
			d.width = binary.BigEndian.Uint16(payload[at:])
			d.height = binary.BigEndian.Uint16(payload[at+2:])
			at += 4
		}
	}
	if head&groups != 0 {
		if at >= len(payload) {
			return at, errDescriptor
		}
		pictures := int(payload[at])
		at++
		for range pictures {
			if at >= len(payload) {
				return at, errDescriptor
			}
			at += 1 + int(payload[at]>>2&3)
		}
	}
	return at, nil
}
