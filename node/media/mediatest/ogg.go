package mediatest

import (
	"encoding/binary"
	"time"

	"github.com/parley-mesh/parley/node/media"
)

// Ogg writes sounds to an Ogg file, perPage packets a page: encoders put a
// second's into one.
func Ogg(sounds []media.Frame, perPage int) []byte {
	w := oggWriter{serial: 0x5041524C}
	w.page(2, 0, [][]byte{OpusHead()})
	w.page(0, 0, [][]byte{append([]byte("OpusTags"), make([]byte, 8)...)})
	var granule uint64
	for len(sounds) > 0 {
		part := sounds[:min(perPage, len(sounds))]
		sounds = sounds[len(part):]
		var packets [][]byte
		for _, sound := range part {
			granule += uint64(sound.Duration * 48_000 / time.Second)
			packets = append(packets, sound.Data)
		}
		var kind byte
		if len(sounds) == 0 {
			kind = 4
		}
		w.page(kind, granule, packets)
	}
	return w.file
}

type oggWriter struct {
	file   []byte
	serial uint32
	number uint32
}

// page writes whole packets (RFC 3533 section 6).
func (w *oggWriter) page(kind byte, granule uint64, packets [][]byte) {
	b := append([]byte("OggS\x00"), kind)
	b = binary.LittleEndian.AppendUint64(b, granule)
	b = binary.LittleEndian.AppendUint32(b, w.serial)
	b = binary.LittleEndian.AppendUint32(b, w.number)
	w.number++
	b = append(b, 0, 0, 0, 0)
	var table, body []byte
	for _, packet := range packets {
		for rest := len(packet); ; rest -= 255 {
			table = append(table, byte(min(rest, 255)))
			if rest < 255 {
				break
			}
		}
		body = append(body, packet...)
	}
	b = append(append(append(b, byte(len(table))), table...), body...)
	binary.LittleEndian.PutUint32(b[22:], sum(b))
	w.file = append(w.file, b...)
}

// sum is CRC-32 with the polynomial 04C11DB7, bit by bit.
func sum(page []byte) (crc uint32) {
	for _, b := range page {
		crc ^= uint32(b) << 24
		for range 8 {
			carry := crc >> 31
			crc = crc<<1 ^ carry*0x04C11DB7
		}
	}
	return crc
}
