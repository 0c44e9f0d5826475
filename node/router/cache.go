package router

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"
)

// Sizes of a layer's cache. It begins small, grows while going round it takes
// less than the time that it is to keep, and never shrinks.
const (
	videoKept = int64(time.Second)
	audioKept = int64(400 * time.Millisecond)

	firstVideoBytes   = 32 << 10
	firstAudioBytes   = 4 << 10
	mostVideoBytes    = 512 << 10
	mostAudioBytes    = 32 << 10
	firstVideoPackets = 64
	firstAudioPackets = 32
	mostVideoPackets  = 1024
	mostAudioPackets  = 128
)

// An entry is one cached packet. Its number is the layer's own: what came
// without payload has none, what was lost has one.
type entry struct {
	number    uint64
	at        int64 // arrival
	from      uint64
	time      uint32
	size      uint16
	picture   uint16
	tl0       uint8
	pictureAt uint8
	tl0At     uint8
	level     uint8
	codec     Codec
	flags     flags
}

type flags uint8

const (
	filled flags = 1 << iota
	marker
	longPicture
)

// A cache keeps the newest packets of one layer: the entries in a ring by their
// number, the payloads one after another in a ring of bytes, each in one piece.
// Positions in the latter rise for ever; a payload is there until the write
// position is a whole ring beyond its beginning.
type cache struct {
	entries     []entry // a power of two
	data        []byte  // a power of two
	next        uint64
	lap         int64 // arrival of what stands at the beginning of the bytes
	kept        int64
	mostPackets int
	mostBytes   int
}

func newCache(media Media, mostBytes int) cache {
	if media == Audio {
		return cache{
			entries: make([]entry, firstAudioPackets), data: make([]byte, firstAudioBytes),
			kept: audioKept, mostPackets: mostAudioPackets, mostBytes: mostAudioBytes,
		}
	}
	return cache{
		entries: make([]entry, firstVideoPackets), data: make([]byte, firstVideoBytes),
		kept: videoKept, mostPackets: mostVideoPackets, mostBytes: mostBytes,
	}
}

// get finds a packet by its number.
func (c *cache) get(number uint64) *entry {
	if len(c.entries) == 0 {
		return nil
	}
	e := &c.entries[number&uint64(len(c.entries)-1)]
	if e.flags&filled == 0 || e.number != number || c.next-e.from > uint64(len(c.data)) {
		return nil
	}
	return e
}

// payload is an entry's own, to be patched in place and handed out.
func (c *cache) payload(e *entry) []byte {
	at := e.from & uint64(len(c.data)-1)
	return c.data[at : at+uint64(e.size) : at+uint64(e.size)]
}

// put keeps a packet, in the place of an older one.
func (c *cache) put(e entry, payload []byte) *entry {
	if c.next == 0 {
		c.lap = e.at
	}
	old := &c.entries[e.number&uint64(len(c.entries)-1)]
	if old.flags&filled != 0 && e.at-old.at < c.kept && len(c.entries) < c.mostPackets {
		c.grow(2*len(c.entries), len(c.data))
	}
	if !c.fits(payload) && e.at-c.lap < c.kept && len(c.data) < c.mostBytes {
		c.grow(len(c.entries), 2*len(c.data))
	}
	if !c.fits(payload) {
		c.next = (c.next + uint64(len(c.data)-1)) &^ uint64(len(c.data)-1)
		c.lap = e.at
	}
	e.from, e.size = c.next, uint16(len(payload))
	e.flags |= filled
	kept := &c.entries[e.number&uint64(len(c.entries)-1)]
	*kept = e
	copy(c.payload(kept), payload)
	c.next += uint64(len(payload))
	return kept
}

// fits tells whether a payload has room up to the end of the ring of bytes,
// without beginning it anew.
func (c *cache) fits(payload []byte) bool {
	at := c.next & uint64(len(c.data)-1)
	return (at != 0 || c.next == 0) && at+uint64(len(payload)) <= uint64(len(c.data))
}

// grow moves what is kept into larger rings, the oldest first, so that it is
// also what is overwritten first.
func (c *cache) grow(packets, bytes int) {
	old := *c
	var left []*entry
	for i := range old.entries {
		if e := &old.entries[i]; old.get(e.number) == e {
			left = append(left, e)
		}
	}
	slices.SortFunc(left, func(a, b *entry) int { return cmp.Compare(a.number, b.number) })
	c.entries, c.data, c.next = make([]entry, packets), make([]byte, bytes), 0
	for i, e := range left {
		if i == 0 {
			c.lap = e.at
		}
		kept := &c.entries[e.number&uint64(packets-1)]
		*kept = *e
		kept.from = c.next
		copy(c.payload(kept), old.payload(e))
		c.next += uint64(e.size)
	}
}

// patch writes a slot's picture ID and TL0PICIDX over a payload's, of which e
// keeps the original.
func (e *entry) patch(payload []byte, picture uint16, tl0 uint8) {
	if e.pictureAt != 0 {
		picture += e.picture
		if e.flags&longPicture != 0 {
			binary.BigEndian.PutUint16(payload[e.pictureAt:], picture|0x8000)
		} else {
			payload[e.pictureAt] = uint8(picture) & 0x7f
		}
	}
	if e.tl0At != 0 {
		payload[e.tl0At] = e.tl0 + tl0
	}
}
