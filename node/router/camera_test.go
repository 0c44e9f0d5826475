package router_test

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	millisecond = int64(time.Millisecond)
	second      = int64(time.Second)
)

func peer(n byte) identity.PeerID {
	return identity.FromSeed([32]byte{n}).PeerID()
}

// A frame is what the test's pictures say about themselves, behind the VP8
// descriptor and the key frame's header.
type frame struct {
	source, layer byte
	number        uint32
	index, count  byte
	key           bool
}

// payload makes a VP8 packet: extended descriptor, picture ID of 15 bits,
// TL0PICIDX, and what the frame says.
func payload(f frame, picture uint16, tl0 byte, size int) []byte {
	first := byte(0x80)
	if f.index == 0 {
		first |= 0x10
	}
	p := []byte{first, 0xc0, 0x80 | byte(picture>>8), byte(picture), tl0}
	tag := byte(1)
	if f.key {
		tag = 0
	}
	p = append(p, tag, 0, 0)
	if f.key && f.index == 0 {
		width, height := uint16(320)<<f.layer, uint16(180)<<f.layer
		p = append(p, 0x9d, 0x01, 0x2a)
		p = binary.LittleEndian.AppendUint16(p, width)
		p = binary.LittleEndian.AppendUint16(p, height)
	}
	p = append(p, f.source, f.layer)
	p = binary.BigEndian.AppendUint32(p, f.number)
	p = append(p, f.index, f.count, 0)
	if f.key {
		p[len(p)-1] = 1
	}
	for len(p) < size {
		p = append(p, 0xee)
	}
	return p
}

// read is payload backwards.
func read(t failer, p []byte) (f frame, picture uint16, tl0 byte) {
	t.Helper()
	if len(p) < 16 || p[0]&0x80 == 0 || p[1] != 0xc0 {
		t.Fatalf("a payload that no camera made: %x", p)
	}
	picture, tl0 = binary.BigEndian.Uint16(p[2:])&0x7fff, p[4]
	body := p[8:]
	if p[0]&0x10 != 0 && p[5]&1 == 0 {
		body = p[15:]
	}
	return frame{
		source: body[0], layer: body[1], number: binary.BigEndian.Uint32(body[2:]),
		index: body[6], count: body[7], key: body[8] == 1,
	}, picture, tl0
}

// stream is one layer that a camera sends.
type stream struct {
	seq     uint16
	time    uint32 // of frame 0
	picture uint16
	tl0     byte
	frame   uint32
	want    bool // a key frame
	size    int  // of a packet
	packets int  // of a frame; a key frame has twice as many
	sent    map[uint16]router.Packet
}

// A camera sends VP8 in simulcast into a source, and answers its NACKs and
// key-frame requests.
type camera struct {
	name    byte
	source  *router.Source
	mu      sync.Mutex
	streams []*stream
	again   []router.Packet // asked for, to be sent with the next frame
	keys    int             // key frames asked for
	lose    func(p *router.Packet) bool
	at      int64 // when the last frame was made
}

func newCamera(name byte, layers int) *camera {
	c := &camera{name: name}
	for i := range layers {
		c.streams = append(c.streams, &stream{
			seq: uint16(65_500 + 7*int(name) - 20_000*i), time: uint32(name)*77_777_777 + uint32(i)*1_000_000_007,
			picture: uint16(32_760 + i*1000), tl0: uint8(250 + i), want: true, size: 300 << i, packets: 1 + i, sent: map[uint16]router.Packet{},
		})
	}
	return c
}

func (c *camera) RequestKeyFrame(layer int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys++
	if layer < len(c.streams) {
		c.streams[layer].want = true
	}
}

func (c *camera) Nack(layer int, seqs []uint16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, seq := range seqs {
		if p, ok := c.streams[layer].sent[seq]; ok {
			c.again = append(c.again, p)
		}
	}
}

// shoot captures one frame in every layer and sends it.
func (c *camera) shoot(at int64) {
	for layer := range c.streams {
		c.shootLayer(at, layer)
	}
}

func (c *camera) shootLayer(at int64, layer int) {
	c.mu.Lock()
	s := c.streams[layer]
	key := s.want
	s.want = false
	packets := s.packets
	if key {
		packets *= 2
	}
	var out []router.Packet
	out = append(out, c.again...)
	c.again = nil
	if key {
		s.tl0++
	}
	for i := range packets {
		f := frame{source: c.name, layer: byte(layer), number: s.frame, index: byte(i), count: byte(packets), key: key}
		p := router.Packet{
			Layer: layer, Codec: router.VP8, Seq: s.seq, Time: s.rtp(at), Marker: i == packets-1,
			Level: router.NoLevel, Payload: payload(f, s.picture, s.tl0, s.size),
		}
		s.seq++
		s.sent[p.Seq] = p
		out = append(out, p)
	}
	s.frame++
	s.picture = (s.picture + 1) & 0x7fff
	c.at = at
	c.mu.Unlock()
	for i := range out {
		p := out[i]
		if c.lose != nil && c.lose(&p) {
			continue
		}
		c.source.Write(at, &p)
	}
}

func (s *stream) rtp(at int64) uint32 { return s.time + uint32(at*90_000/second) }

// report sends a sender report of every layer.
func (c *camera) report(at int64) {
	for i, s := range c.streams {
		c.source.SenderReport(at, i, ntp(at), s.rtp(at))
	}
}

func ntp(at int64) uint64 {
	return uint64(3_900_000_000+at/second)<<32 | uint64(at%second)<<32/uint64(second)
}

func cameraOf(n byte) router.Key { return router.Key{From: peer(n), Source: protocol.SourceCamera} }

func view(n byte, width int) protocol.View {
	return protocol.View{From: peer(n), Source: protocol.SourceCamera, Width: width, Height: width * 9 / 16}
}

// failer is what testing.TB and rapid.T have in common here.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}
