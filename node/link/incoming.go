package link

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/transport/v5/packetio"

	"github.com/parley-mesh/parley/node/router"
)

const (
	// maxStreams bounds the streams that a peer may send on a link, its RTCP's
	// inventions included.
	maxStreams = 256
	// feedbackEvery is how often the peer is told what arrived.
	feedbackEvery = 100 * time.Millisecond
	// silentFor is after what time a stream counts as ended; layerSilentFor, a
	// layer while another one goes on.
	silentFor      = 3 * time.Second
	layerSilentFor = 700 * time.Millisecond
)

// incoming is the receiving half of a link: RTP and RTCP as pion has decrypted
// them, handed to Media without a goroutine or a copy in between.
type incoming struct {
	media    Media
	lines    []Line
	outgoing *outgoing
	clock    func() time.Duration
	send     func([]rtcp.Packet)
	flooded  func() // the peer opens streams without end

	described atomic.Pointer[description]
	refused   atomic.Uint64

	mu       sync.Mutex
	ends     int
	streams  map[uint32]*stream
	layers   map[layerKey]*stream
	feedback *twcc.Recorder
	toldAt   time.Duration
	packets  uint64
	bytes    uint64
	lostOnce uint64 // by streams that are gone
}

type layerKey struct{ line, layer int }

// stream is one SSRC of the peer's. What is not guarded by incoming.mu belongs
// to the goroutine that reads RTP.
type stream struct {
	in    *incoming
	ssrc  uint32
	known bool
	key   layerKey
	out   router.Packet

	counted reception // guarded by incoming.mu
	active  bool      // guarded by incoming.mu
}

func newIncoming(media Media, lines []Line, out *outgoing, clock func() time.Duration, send func([]rtcp.Packet), flooded func()) *incoming {
	return &incoming{
		media: media, lines: lines, outgoing: out, clock: clock, send: send, flooded: flooded,
		streams: make(map[uint32]*stream), layers: make(map[layerKey]*stream),
		feedback: twcc.NewRecorder(1),
	}
}

// end makes the end of one of pion's streams. pion writes to it what it has
// decrypted; nobody reads from it.
func (in *incoming) end(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	in.mu.Lock()
	in.ends++
	over := in.ends > 2*maxStreams
	in.mu.Unlock()
	switch {
	case over:
		in.flooded()
		return deafEnd{}
	case kind == packetio.RTCPBufferPacket:
		return rtcpEnd{in: in, ssrc: ssrc}
	default:
		return &rtpEnd{stream: stream{in: in, ssrc: ssrc}}
	}
}

// deafEnd takes everything and keeps nothing.
type deafEnd struct{}

func (deafEnd) Read([]byte) (int, error)    { return 0, io.EOF }
func (deafEnd) Write(b []byte) (int, error) { return len(b), nil }
func (deafEnd) Close() error                { return nil }

type rtpEnd struct {
	deafEnd
	stream stream
}

// Write takes one RTP packet.
func (e *rtpEnd) Write(b []byte) (int, error) {
	if !e.stream.receive(b) {
		e.stream.in.refused.Add(1)
	}
	return len(b), nil
}

type rtcpEnd struct {
	deafEnd
	in   *incoming
	ssrc uint32
}

// Write takes one RTCP packet that concerns this SSRC.
func (e rtcpEnd) Write(b []byte) (int, error) {
	var p rtcpPacket
	if !p.read(b) || !e.in.control(e.ssrc, &p) {
		e.in.refused.Add(1)
	}
	return len(b), nil
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
	if d.layered[line] {
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
		// The peer began anew: the old stream is over.
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

// arrived notes a packet for the peer's congestion control, and tells the peer
// when it is time.
func (in *incoming) arrived(p *rtpPacket, now time.Duration) {
	in.mu.Lock()
	in.feedback.Record(p.ssrc, p.transport, now.Microseconds())
	due := now-in.toldAt >= feedbackEvery
	in.mu.Unlock()
	if due {
		in.tellArrivals(now)
	}
}

func (in *incoming) tellArrivals(now time.Duration) {
	in.mu.Lock()
	var told []rtcp.Packet
	if in.feedback.PacketsHeld() > 0 {
		told = in.feedback.BuildFeedbackPacket()
	}
	in.toldAt = now
	in.mu.Unlock()
	if len(told) > 0 {
		in.send(told)
	}
}

// control takes a packet of RTCP that concerns a stream, mine or the peer's.
func (in *incoming) control(ssrc uint32, p *rtcpPacket) bool {
	switch p.kind {
	case rtcpSenderReport:
		if from, ntp, rtp, ok := p.clocks(); !ok {
			return false
		} else if from == ssrc {
			in.senderReport(ssrc, ntp, rtp)
		}
		in.outgoing.reports(in.media, ssrc, p, in.clock())
	case rtcpReceiverReport:
		in.outgoing.reports(in.media, ssrc, p, in.clock())
	case rtcpTransport, rtcpPayload:
		if _, ok := p.media(); !ok {
			return false
		}
		return in.outgoing.feedback(in.media, ssrc, p, in.clock())
	}
	return true
}

func (in *incoming) senderReport(ssrc uint32, ntp uint64, rtp uint32) {
	in.mu.Lock()
	s := in.streams[ssrc]
	if s == nil {
		in.mu.Unlock()
		return
	}
	s.counted.report, s.counted.reportAt = uint32(ntp>>16), in.clock()
	key := s.key
	in.mu.Unlock()
	in.media.SenderReport(key.line, key.layer, ntp, rtp)
}

// ssrcOf is the peer's stream of a layer; 0 when there is none.
func (in *incoming) ssrcOf(line, layer int) uint32 {
	in.mu.Lock()
	defer in.mu.Unlock()
	if s := in.layers[layerKey{line, layer}]; s != nil {
		return s.ssrc
	}
	return 0
}

// asked notes what the peer is asked to send again.
func (in *incoming) asked(line, layer int, seqs []uint16) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if s := in.layers[layerKey{line, layer}]; s != nil {
		for _, seq := range seqs {
			s.counted.asked.ask(seq)
		}
	}
}

// review finds the streams that fell silent.
func (in *incoming) review(now time.Duration) {
	var ended []layerKey
	in.mu.Lock()
	for key, s := range in.layers {
		if !s.active {
			continue
		}
		limit := silentFor
		for other, o := range in.layers {
			if other.line == key.line && other != key && o.active && now-o.counted.lastAt < layerSilentFor/2 {
				limit = layerSilentFor
			}
		}
		if now-s.counted.lastAt > limit {
			s.active = false
			ended = append(ended, key)
		}
	}
	in.mu.Unlock()
	for _, key := range ended {
		in.media.Upstream(key.line, key.layer, false)
	}
}

// receiverReports are of the streams that are active now.
func (in *incoming) receiverReports(now time.Duration) []rtcp.Packet {
	const most = 31 // blocks in one report
	in.mu.Lock()
	defer in.mu.Unlock()
	var reports []rtcp.Packet
	report := &rtcp.ReceiverReport{SSRC: 1}
	for ssrc, s := range in.streams {
		if !s.active || !s.counted.begun {
			continue
		}
		if len(report.Reports) == most {
			reports = append(reports, report)
			report = &rtcp.ReceiverReport{SSRC: 1}
		}
		report.Reports = append(report.Reports, s.counted.block(ssrc, now))
	}
	if len(report.Reports) > 0 {
		reports = append(reports, report)
	}
	return reports
}

// totals are what was counted since the link was made.
func (in *incoming) totals() (packets, bytes, lost uint64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	lost = in.lostOnce
	for _, s := range in.streams {
		lost += s.counted.lost()
	}
	return in.packets, in.bytes, lost
}

// recent is what was expected and what came since it was last asked for.
func (in *incoming) recent() (expected, received uint64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, s := range in.streams {
		e, r := s.counted.recent()
		expected += e
		received += r
	}
	return expected, received
}
