package link

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

const (
	// maxStreams bounds the streams that a peer may send on a link.
	maxStreams = 256
	// feedbackEvery is how often the peer is told what arrived: as seldom as browsers
	// do at the least, for an SFU hears it from a hundred.
	feedbackEvery = 200 * time.Millisecond
	// silentFor is after what time a stream counts as ended; layerSilentFor, a
	// layer while another one goes on.
	silentFor      = 3 * time.Second
	layerSilentFor = 700 * time.Millisecond
)

// incoming is the receiving half of a link: RTP and RTCP as they were sealed,
// handed to Media without a goroutine or a copy in between.
type incoming struct {
	media    Media
	lines    []Line
	outgoing *outgoing
	clock    func() time.Duration
	send     func([]rtcp.Packet)
	flooded  func() // the peer opens streams without end

	described atomic.Pointer[description]
	refused   atomic.Uint64

	heard map[uint32]*stream // what rtp has seen; its own

	mu       sync.Mutex
	streams  map[uint32]*stream
	layers   map[layerKey]*stream
	feedback *twcc.Recorder
	toldAt   time.Duration
	packets  uint64
	bytes    uint64
	lostOnce uint64 // by streams that are gone
}

type layerKey struct{ line, layer int }

func newIncoming(media Media, lines []Line, out *outgoing, clock func() time.Duration, send func([]rtcp.Packet), flooded func()) *incoming {
	return &incoming{
		media: media, lines: lines, outgoing: out, clock: clock, send: send, flooded: flooded,
		heard: make(map[uint32]*stream), streams: make(map[uint32]*stream), layers: make(map[layerKey]*stream),
		feedback: twcc.NewRecorder(ownSSRC),
	}
}

// rtp takes a packet as it was sealed. One goroutine brings all of them.
func (in *incoming) rtp(b []byte) {
	if len(b) < rtpHeaderSize {
		in.refused.Add(1)
		return
	}
	ssrc := binary.BigEndian.Uint32(b[8:])
	s := in.heard[ssrc]
	if s == nil {
		if len(in.heard) == maxStreams {
			in.refused.Add(1)
			in.flooded()
			return
		}
		s = &stream{in: in, ssrc: ssrc}
		in.heard[ssrc] = s
	}
	if !s.receive(b) {
		in.refused.Add(1)
	}
}

// rtcp takes a compound (RFC 3550, section 6.1).
func (in *incoming) rtcp(b []byte) {
	var p rtcpPacket
	for ok := true; len(b) > 0; {
		if b, ok = p.read(b); !ok {
			in.refused.Add(1)
			return
		}
		if !in.control(&p) {
			in.refused.Add(1)
		}
	}
}

// arrived notes a packet for the peer's congestion control, and tells the peer
// when it is time.
func (in *incoming) arrived(p *rtpPacket, now time.Duration) {
	in.mu.Lock()
	in.feedback.Record(p.ssrc, p.transport, now.Microseconds())
	in.mu.Unlock()
	in.tellArrivals(now)
}

// tellArrivals tells the peer what has arrived, when it is time.
func (in *incoming) tellArrivals(now time.Duration) {
	in.mu.Lock()
	var told []rtcp.Packet
	if now-in.toldAt >= feedbackEvery && in.feedback.PacketsHeld() > 0 {
		told = in.feedback.BuildFeedbackPacket()
		in.toldAt = now
	}
	in.mu.Unlock()
	if len(told) > 0 {
		in.send(told)
	}
}

// control takes one packet of RTCP. False: it is about no stream that there is.
func (in *incoming) control(p *rtcpPacket) bool {
	switch p.kind {
	case rtcpSenderReport:
		from, ntp, rtp, ok := p.clocks()
		if !ok {
			return false
		}
		in.senderReport(from, ntp, rtp)
		in.outgoing.reports(in.media, p, in.clock())
	case rtcpReceiverReport:
		in.outgoing.reports(in.media, p, in.clock())
	case rtcpTransport, rtcpPayload:
		return in.outgoing.feedback(in.media, p, in.clock())
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
	report := &rtcp.ReceiverReport{SSRC: ownSSRC}
	for ssrc, s := range in.streams {
		if !s.active || !s.counted.begun {
			continue
		}
		if len(report.Reports) == most {
			reports = append(reports, report)
			report = &rtcp.ReceiverReport{SSRC: ownSSRC}
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
