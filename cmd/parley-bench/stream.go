package main

import (
	"context"
	"encoding/binary"
	"sync/atomic"
	"time"
)

// A pace is what a publisher sends beside sound.
type pace struct {
	every   time.Duration // from picture to picture
	packets int           // of a picture
}

var (
	full  = pace{time.Second / 30, 5} // with sound two hundred packets a second
	small = pace{time.Second / 10, 1}
)

const (
	soundEvery        = 20 * time.Millisecond
	videoBytes        = 1200
	soundBytes        = 80
	picturesToKey     = 60
	packetsEachSecond = 200 // at full pace
)

// A packet is one of a publisher's, as its RTP header tells it.
type packet struct {
	video   bool
	seq     uint16
	time    uint32
	marker  bool
	payload []byte // good until the next one
}

// generate sends a publisher's packets at a pace through write until ctx ends. The last
// eight bytes of each tell when it was sent. wanted is set from outside when
// somebody needs a key frame.
func generate(ctx context.Context, at pace, wanted *atomic.Bool, write func(packet)) {
	var seq [2]uint16
	var picture uint16
	payload := make([]byte, videoBytes)
	stamp := func(p packet, kind int) packet {
		binary.BigEndian.PutUint64(p.payload[len(p.payload)-8:], uint64(time.Now().UnixNano()))
		p.seq = seq[kind]
		seq[kind]++
		return p
	}
	began := time.Now()
	pictures, sounds := time.NewTicker(at.every), time.NewTicker(soundEvery)
	defer pictures.Stop()
	defer sounds.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sounds.C:
			now := uint32(time.Since(began) * 48 / time.Millisecond)
			write(stamp(packet{time: now, payload: payload[:soundBytes]}, 0))
		case <-pictures.C:
			key := wanted.Swap(false) || picture%picturesToKey == 0
			now := uint32(time.Since(began) * 90 / time.Millisecond)
			for i := range at.packets {
				describe(payload, picture, i == 0, key)
				write(stamp(packet{video: true, time: now, marker: i == at.packets-1, payload: payload}, 1))
			}
			picture = (picture + 1) & 0x7fff
		}
	}
}

// describe writes VP8's payload descriptor (RFC 7741, section 4.2) with a
// picture ID of fifteen bits, and the first byte of a frame.
func describe(payload []byte, picture uint16, first, key bool) {
	payload[0] = 0x80 // extended
	if first {
		payload[0] |= 0x10
	}
	payload[1] = 0x80 // a picture ID follows
	binary.BigEndian.PutUint16(payload[2:], picture|0x8000)
	payload[4] = 1 // no key frame
	if key && first {
		payload[4] = 0
		copy(payload[7:], []byte{0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01}) // 640 × 360
	}
}

// sentAt is when a packet was sent.
func sentAt(payload []byte) (time.Time, bool) {
	if len(payload) < 8 {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(payload[len(payload)-8:]))), true
}
