package sframe

import (
	"encoding/binary"
	"math/bits"
)

// MaxHeader is the length of the longest header: the config byte, and eight
// bytes each of key ID and counter.
const MaxHeader = 17

// The config byte (section 4.3): twice a flag and three bits, which are the
// number itself, or one less than the length of the number that follows.
const (
	extended = 0b1000
	inline   = 0b0111
)

// A Header is a sealed frame taken apart. Raw and Body share the frame's memory.
type Header struct {
	KID  uint64 // which key
	CTR  uint64 // which frame under that key
	Raw  []byte // the header's bytes, which are authenticated as they came
	Body []byte // ciphertext and tag
}

// ParseHeader reads the header that frame begins with. A number of 0 to 7 that
// is not in the config byte, and one with leading zeros, are refused as much as
// one that is cut short: section 4.3 allows one encoding alone. The error is
// [ErrHeader].
func ParseHeader(frame []byte) (Header, error) {
	if len(frame) == 0 {
		return Header{}, ErrHeader
	}
	config := frame[0]
	kid, rest, okKID := parseNumber(config>>4, frame[1:])
	ctr, rest, okCTR := parseNumber(config&0x0f, rest)
	if !okKID || !okCTR {
		return Header{}, ErrHeader
	}
	n := len(frame) - len(rest)
	return Header{KID: kid, CTR: ctr, Raw: frame[:n:n], Body: rest}, nil
}

// parseNumber reads what half of the config byte announces.
func parseNumber(half byte, from []byte) (n uint64, rest []byte, ok bool) {
	if half&extended == 0 {
		return uint64(half), from, true
	}
	length := int(half&inline) + 1
	if len(from) < length {
		return 0, nil, false
	}
	for _, b := range from[:length] {
		n = n<<8 | uint64(b)
	}
	return n, from[length:], n > inline && byteLen(n) == length
}

// AppendHeader appends the header of a frame to dst: 1 to [MaxHeader] bytes.
func AppendHeader(dst []byte, kid, ctr uint64) []byte {
	dst = append(dst, half(kid)<<4|half(ctr))
	return appendNumber(appendNumber(dst, kid), ctr)
}

func half(n uint64) byte {
	if n <= inline {
		return byte(n)
	}
	return extended | byte(byteLen(n)-1)
}

func appendNumber(dst []byte, n uint64) []byte {
	if n <= inline {
		return dst
	}
	var all [8]byte
	binary.BigEndian.PutUint64(all[:], n)
	return append(dst, all[8-byteLen(n):]...)
}

func byteLen(n uint64) int {
	return (bits.Len64(n) + 7) / 8
}
