package link

import (
	"crypto/rand"
	"encoding/binary"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/parley-mesh/parley/node/router"
)

// outgoing is the sending half of a link: my layers on its lines, the numbers
// that feedback comes by, and the estimate that follows from it.
type outgoing struct {
	clock func() time.Duration

	layers [][]*outLayer // by line
	bySSRC map[uint32]*outLayer

	soundAt, mediaAt atomic.Int64 // by clock, when the last packet of either went out; 0: none did

	mu        sync.Mutex
	send      func(*rtp.Header, []byte) error // nil before the connection carries
	history   history
	estimator estimator
	bandwidth int
	packets   uint64
	bytes     uint64
	nacked    uint64
	asked     uint64
}

func newOutgoing(lines []Line, simulcast [ownLines]int, clock func() time.Duration) *outgoing {
	o := &outgoing{
		clock: clock, layers: make([][]*outLayer, len(lines)),
		bySSRC: make(map[uint32]*outLayer), estimator: newEstimator(),
	}
	for i, line := range lines {
		if !line.Send {
			continue
		}
		layers := 1
		if i < ownLines {
			layers = max(1, simulcast[i])
		}
		for layer := range layers {
			made := &outLayer{out: o, line: i, layer: layer, media: line.Media, ssrc: o.newSSRC()}
			if layers > 1 {
				made.rid = rids[layer]
			}
			o.layers[i] = append(o.layers[i], made)
			o.bySSRC[made.ssrc] = made
		}
	}
	return o
}

// newSSRC is one that no other stream of mine has, nor this end's RTCP.
func (o *outgoing) newSSRC() uint32 {
	for {
		var random [4]byte
		_, _ = rand.Read(random[:]) // it never fails
		ssrc := binary.BigEndian.Uint32(random[:])
		if _, taken := o.bySSRC[ssrc]; !taken && ssrc > ownSSRC {
			return ssrc
		}
	}
}

// open has packets go out; nil closes.
func (o *outgoing) open(send func(*rtp.Header, []byte) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.send = send
}

// take has all lines go by the numbers of the peer's description.
func (o *outgoing) take(d *description) error {
	for i, layers := range o.layers {
		for _, l := range layers {
			if err := l.take(d.numbers[i].of(l.media)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *outgoing) layer(line, layer int) *outLayer {
	if line < 0 || line >= len(o.layers) || layer < 0 || layer >= len(o.layers[line]) {
		return nil
	}
	return o.layers[line][layer]
}

// write sends a packet. It does not allocate.
func (o *outgoing) write(line, layer int, packet *router.Out) error {
	l := o.layer(line, layer)
	if l == nil || packet.Codec > router.VP9 {
		return ErrLine
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.send == nil {
		return ErrNotOpen
	}
	number := l.types[packet.Codec]
	if number == 0 {
		return ErrLine
	}
	now := o.clock()
	if err := l.numberLocked(packet, now); err != nil {
		return err
	}
	o.mediaAt.Store(int64(now))
	if l.media == router.Audio {
		o.soundAt.Store(int64(now))
	}
	header := &l.plain
	if packet.Level != router.NoLevel && l.media == router.Audio {
		header = &l.levelled
		l.level[0] = packet.Level & 0x7f
	}
	header.PayloadType = number
	header.Marker = packet.Marker
	header.SequenceNumber = packet.Seq
	header.Timestamp = packet.Time
	o.packets++
	o.bytes += uint64(len(packet.Payload))
	return o.send(header, packet.Payload)
}

// flow tells how long ago what went out.
func (o *outgoing) flow(now time.Duration) outflow {
	since := func(at *atomic.Int64) time.Duration {
		if at := at.Load(); at != 0 {
			return now - time.Duration(at)
		}
		return math.MaxInt64
	}
	return outflow{sound: since(&o.soundAt), media: since(&o.mediaAt)}
}

// ssrcOf is the SSRC of a layer of mine; 0 when there is none.
func (o *outgoing) ssrcOf(line, layer int) uint32 {
	if l := o.layer(line, layer); l != nil {
		return l.ssrc
	}
	return 0
}

// reporting notes a sender report that goes out, for the round trip that the
// peer's answer to it tells.
func (o *outgoing) reporting(line, layer int, ntp uint64) {
	l := o.layer(line, layer)
	if l == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	l.reports[l.reported%len(l.reports)] = sentReport{middle: uint32(ntp >> 16), at: o.clock()}
	l.reported++
}

// reports takes what a peer's report says of my streams.
func (o *outgoing) reports(media Media, p *rtcpPacket, now time.Duration) {
	p.eachReport(func(b reportBlock) {
		l := o.bySSRC[b.ssrc]
		if l == nil {
			return
		}
		o.mu.Lock()
		l.fraction = b.fraction
		rtt := l.roundTripLocked(b, now)
		o.mu.Unlock()
		media.Reception(l.line, l.layer, b.fraction, b.jitter, rtt)
	})
}

// feedback takes what the peer says of one of my streams, or of all.
func (o *outgoing) feedback(media Media, p *rtcpPacket, now time.Duration) bool {
	if p.kind == rtcpPayload {
		return p.eachKeyFrame(func(ssrc uint32) bool { return o.keyFrame(media, ssrc) })
	}
	about, ok := p.media()
	switch {
	case !ok:
		return false
	case p.format == formatTransportCC:
		return o.acknowledged(media, p, now)
	}
	l := o.bySSRC[about]
	if l == nil {
		return false
	}
	if p.format == formatNack {
		if seqs := p.nacked(); len(seqs) > 0 {
			o.mu.Lock()
			o.nacked += uint64(len(seqs))
			o.mu.Unlock()
			media.Nack(l.line, l.layer, seqs)
		}
	}
	return true
}

func (o *outgoing) keyFrame(media Media, ssrc uint32) bool {
	l := o.bySSRC[ssrc]
	if l == nil {
		return false
	}
	o.mu.Lock()
	o.asked++
	o.mu.Unlock()
	media.KeyFrame(l.line, l.layer)
	return true
}

func (o *outgoing) acknowledged(media Media, p *rtcpPacket, now time.Duration) bool {
	var f transportFeedback
	if !f.begin(p.body[8:]) {
		return false
	}
	o.mu.Lock()
	rtt := time.Duration(0)
	for {
		status, ok := f.next()
		if !ok {
			break
		}
		packet, known := o.history.take(status.seq)
		if !known {
			continue
		}
		if !status.received {
			o.estimator.lose(packet.at, int(packet.size))
			continue
		}
		o.estimator.acknowledge(packet.at, status.at, int(packet.size))
		if passed := now - packet.at; rtt == 0 || passed < rtt {
			rtt = passed
		}
	}
	before := o.bandwidth
	o.bandwidth = o.estimator.conclude(now, rtt)
	changed := o.bandwidth
	o.mu.Unlock()
	if changed != before {
		media.Bandwidth(changed)
	}
	return true
}

// sendTotals are what was counted since the link was made.
type sendTotals struct {
	packets, bytes, nacked, asked uint64
	bandwidth                     int
	lossMille                     int
}

func (o *outgoing) totals() sendTotals {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := sendTotals{packets: o.packets, bytes: o.bytes, nacked: o.nacked, asked: o.asked, bandwidth: o.bandwidth}
	for _, l := range o.bySSRC {
		t.lossMille = max(t.lossMille, int(l.fraction)*1000/256)
	}
	return t
}
