package link_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/parley-mesh/parley/node/router"
)

// lossyCamera makes three layers of 150, 500 and 1500 kbit/s and a voice.
type lossyCamera struct {
	picture, voice *router.Source
	random         *rand.Rand

	mu     sync.Mutex
	want   [3]bool
	seq    [3]uint16
	frames uint32
	spoken uint32
}

func (c *lossyCamera) RequestKeyFrame(layer int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.want[layer] = true
}
func (c *lossyCamera) Nack(int, []uint16) {}

func (c *lossyCamera) rtp(now int64, layer int) uint32 {
	return uint32(now*90/int64(time.Millisecond)) + uint32(layer)*1_000_000
}

func (c *lossyCamera) shoot(now int64) {
	for layer, rate := range []int{150_000, 500_000, 1_500_000} {
		c.mu.Lock()
		key := c.want[layer]
		c.want[layer] = false
		c.mu.Unlock()
		size := rate / 8 * int(lossyFrame/time.Millisecond) / 1000
		size = size*3/4 + c.random.IntN(size/2)
		if key {
			size *= 5
		}
		packets := max(1, (size+1099)/1100)
		for i := range packets {
			p := router.Packet{
				Layer: layer, Codec: router.VP8, Seq: c.seq[layer], Time: c.rtp(now, layer), Marker: i == packets-1,
				Level: router.NoLevel, Payload: lossyPayload(layer, c.frames, i, packets, key, size/packets),
			}
			c.seq[layer]++
			c.picture.Write(now, &p)
		}
	}
	c.frames++
}

func (c *lossyCamera) sound(now int64) {
	payload := binary.BigEndian.AppendUint32(make([]byte, 76), c.spoken)
	c.voice.Write(now, &router.Packet{Codec: router.Opus, Seq: uint16(c.spoken), Time: c.spoken * 960, Level: 30, Payload: payload})
	c.spoken++
}

func (c *lossyCamera) report(now int64) {
	for layer := range 3 {
		c.picture.SenderReport(now, layer, uint64(now/int64(time.Second))<<32|uint64(now%int64(time.Second))<<32/uint64(time.Second), c.rtp(now, layer))
	}
}

// lossyPayload is a VP8 packet whose last bytes say what it is.
func lossyPayload(layer int, number uint32, index, count int, key bool, size int) []byte {
	first, tag := byte(0x80), byte(1)
	if index == 0 {
		first |= 0x10
	}
	if key {
		tag = 0
	}
	p := []byte{first, 0x80, 0x80 | byte(number>>8)&0x7f, byte(number), tag, 0, 0}
	if key && index == 0 {
		p = append(p, 0x9d, 0x01, 0x2a)
		p = binary.LittleEndian.AppendUint16(p, uint16(320<<layer))
		p = binary.LittleEndian.AppendUint16(p, uint16(180<<layer))
	}
	p = append(p, make([]byte, max(0, size-len(p)-8))...)
	p = append(p, byte(layer), byte(index), byte(count), tag)
	return binary.BigEndian.AppendUint32(p, number)
}

// lossyTape keeps what the sink was given, and when.
type lossyTape struct {
	hall *lossyHall
	mu   sync.Mutex
	size int

	pictures map[int64]lossyPacket
	top      int64
	voices   map[uint32]bool
}

type lossyPacket struct {
	layer, index, count byte
	key, marker         bool
	number              uint32
	at                  int64
}

func (l *lossyTape) bytes(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if since := time.Since(l.hall.start); since > lossyWarmUp && since < lossyWarmUp+*lossyLength {
		l.size += n
	}
}

func (l *lossyTape) take(key router.Key, at int64, p *router.Packet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	said := p.Payload[len(p.Payload)-8:]
	number := binary.BigEndian.Uint32(said[4:])
	if key == lossyVoice {
		if l.voices == nil {
			l.voices = map[uint32]bool{}
		}
		l.voices[number] = true
		return
	}
	if l.pictures == nil {
		l.pictures = map[int64]lossyPacket{}
		l.top = 1<<32 | int64(p.Seq)
	}
	wide := l.top + int64(int16(p.Seq-uint16(l.top)))
	l.top = max(l.top, wide)
	l.pictures[wide] = lossyPacket{said[0], said[1], said[2], said[3] == 0, p.Marker, number, at}
}

type lossySum struct {
	layer  int     // of most frames
	shown  float64 // frames that were decoded, of those made
	freeze time.Duration
	kbps   int
	audio  float64 // packets that came, of those spoken
}

// sum decodes what came in the order of its numbers: a frame is shown when all
// of it and of what it needs is there.
func (l *lossyTape) sum(h *lossyHall, from, to time.Duration) lossySum {
	l.mu.Lock()
	defer l.mu.Unlock()
	var numbers []int64
	for n := range l.pictures {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var s lossySum
	var layers [3]int
	shown := map[uint32]bool{}
	broken, collected, arrived, last := true, byte(0), int64(0), int64(from)
	for i, n := range numbers {
		p := l.pictures[n]
		if i > 0 && numbers[i-1] != n-1 {
			broken, collected = true, 0
		}
		if p.index == 0 {
			collected = 0
		}
		if p.index != collected {
			broken, collected = true, 0
			continue
		}
		arrived = max(arrived, p.at)
		if collected++; collected < p.count {
			continue
		}
		collected = 0
		broken = broken && !p.key
		made := time.Duration(p.number) * lossyFrame
		if broken || made >= to {
			continue
		}
		if made < from {
			last = arrived
			continue
		}
		layers[p.layer]++
		shown[p.number] = true
		s.freeze = max(s.freeze, time.Duration(arrived-last))
		last = max(last, arrived)
	}
	for layer, count := range layers {
		if count > layers[s.layer] {
			s.layer = layer
		}
	}
	s.freeze = max(s.freeze, to-time.Duration(last))
	s.shown = float64(len(shown)) / float64((to-from)/lossyFrame)
	s.kbps = l.size * 8 / int((to-from)/time.Millisecond)
	first, end := uint32(from/(20*time.Millisecond)), uint32(to/(20*time.Millisecond))
	heard := 0
	for n := first; n < end; n++ {
		if l.voices[n] {
			heard++
		}
	}
	s.audio = float64(heard) / float64(end-first)
	return s
}
