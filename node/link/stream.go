package link

import (
	"time"

	"github.com/parley-mesh/parley/node/router"
)

// stream is one SSRC of the peer's. What is not guarded by incoming.mu belongs
// to the goroutine that reads RTP.
type stream struct {
	in    *incoming
	ssrc  uint32
	known bool
	over  bool // another stream has taken its place
	key   layerKey
	out   router.Packet

	counted reception // guarded by incoming.mu
	active  bool      // guarded by incoming.mu
}

func (s *stream) receive(b []byte) bool {
	in := s.in
	d := in.described.Load()
	if d == nil {
		return false // before the answer
	}
	var p rtpPacket
	if !p.read(b, &d.extensions) {
		return false
	}
	now := in.clock()
	if p.hasTransport {
		in.arrived(&p, now)
	}
	if s.ssrc == 0 {
		return true // a browser's probe of the path
	}
	if s.over {
		return false
	}
	if !s.known && !s.place(d, &p) {
		return false
	}
	codec := d.codecs[p.payloadType]
	line := in.lines[s.key.line]
	if codec.Media() != line.Media || len(p.payload) > router.MaxPayload {
		return false
	}
	if s.count(&p, now) {
		in.media.Upstream(s.key.line, s.key.layer, true)
	}
	s.out = router.Packet{
		Layer: s.key.layer, Codec: codec, Seq: p.seq, Time: p.time,
		Marker: p.marker, Level: p.level, Payload: p.payload,
	}
	in.media.Packet(s.key.line, &s.out)
	return true
}

// place finds the line and layer of a stream: as the peer declared it, or as
// its packets say.
func (s *stream) place(d *description, p *rtpPacket) bool {
	line, declared := d.ssrcs[s.ssrc]
	if !declared {
		var ok bool
		if line, ok = lineOfMid(p.mid, len(s.in.lines)); !ok {
			return false
		}
	}
	layer := 0
	if len(d.layers[line]) > 0 {
		if layer = layerOfRid(p.rid); layer < 0 {
			return false
		}
	}
	if !s.in.lines[line].Receive {
		return false
	}
	s.key, s.known = layerKey{line, layer}, true
	s.in.mu.Lock()
	s.counted.clock = clockOf(s.in.lines[line].Media)
	before := s.in.layers[s.key]
	if before != nil {
		// The peer began anew.
		before.over = true
		s.in.lostOnce += before.counted.lost()
		delete(s.in.streams, before.ssrc)
	}
	s.in.streams[s.ssrc], s.in.layers[s.key] = s, s
	s.in.mu.Unlock()
	if before != nil {
		s.in.media.Upstream(line, layer, false)
	}
	return true
}

func clockOf(media router.Media) float64 {
	if media == router.Audio {
		return 48_000
	}
	return 90_000
}

func lineOfMid(mid []byte, lines int) (int, bool) {
	if len(mid) == 0 || len(mid) > 3 {
		return 0, false
	}
	line := 0
	for _, digit := range mid {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		line = 10*line + int(digit-'0')
	}
	return line, line < lines
}

func layerOfRid(rid []byte) int {
	for layer, name := range rids {
		if string(rid) == name {
			return layer
		}
	}
	return -1
}

// count counts a packet; true: the stream has begun, again or at all.
func (s *stream) count(p *rtpPacket, now time.Duration) (begun bool) {
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	s.in.packets++
	s.in.bytes += uint64(len(p.payload))
	s.counted.add(p.seq, p.time, now)
	begun, s.active = !s.active, true
	return begun
}
