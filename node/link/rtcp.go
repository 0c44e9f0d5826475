package link

import (
	"encoding/binary"

	"github.com/parley-mesh/parley/node/router"
)

// The RTCP packets that a link reads (RFC 3550 section 6.4, RFC 4585 section 6,
// RFC 5104 section 4.3.1), by type and format.
const (
	rtcpSenderReport   = 200
	rtcpReceiverReport = 201
	rtcpTransport      = 205
	rtcpPayload        = 206

	formatNack        = 1
	formatTransportCC = 15
	formatPLI         = 1
	formatFIR         = 4
)

// ownSSRC is whom this end's RTCP is from. What it reports on is many streams, and
// none of those that it sends is theirs: any number does.
const ownSSRC = 1

// rtcpPacket is one packet of a compound.
type rtcpPacket struct {
	kind, format uint8
	body         []byte // after the first word
}

// read takes the first packet of a compound, and returns what follows it.
func (p *rtcpPacket) read(b []byte) (rest []byte, ok bool) {
	if len(b) < 8 || b[0]>>6 != 2 {
		return nil, false
	}
	size := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
	if size < 8 || size > len(b) {
		return nil, false
	}
	*p = rtcpPacket{kind: b[1], format: b[0] & 0x1f, body: b[4:size]}
	return b[size:], true
}

// reportBlock is what a receiver says of one stream.
type reportBlock struct {
	ssrc              uint32
	fraction          uint8
	jitter            uint32
	lastReport, since uint32 // of sender reports, in 2^-16 seconds
}

const reportBlockSize = 24

// eachReport calls use for the blocks of a sender's or receiver's report.
func (p *rtcpPacket) eachReport(use func(reportBlock)) {
	at := 4
	if p.kind == rtcpSenderReport {
		at = 24
	}
	for range p.format {
		if len(p.body) < at+reportBlockSize {
			return
		}
		b := p.body[at:]
		use(reportBlock{
			ssrc:       binary.BigEndian.Uint32(b),
			fraction:   b[4],
			jitter:     binary.BigEndian.Uint32(b[12:]),
			lastReport: binary.BigEndian.Uint32(b[16:]),
			since:      binary.BigEndian.Uint32(b[20:]),
		})
		at += reportBlockSize
	}
}

// clocks gives a sender report's clocks.
func (p *rtcpPacket) clocks() (ssrc uint32, ntp uint64, rtp uint32, ok bool) {
	if len(p.body) < 24 {
		return 0, 0, 0, false
	}
	return binary.BigEndian.Uint32(p.body), binary.BigEndian.Uint64(p.body[4:]), binary.BigEndian.Uint32(p.body[12:]), true
}

// media is the stream that a feedback packet is about.
func (p *rtcpPacket) media() (ssrc uint32, ok bool) {
	if len(p.body) < 8 {
		return 0, false
	}
	return binary.BigEndian.Uint32(p.body[4:]), true
}

// nacked lists the packets that are asked for again, at most router.MaxNack.
func (p *rtcpPacket) nacked() []uint16 {
	pairs := p.body[8:]
	var seqs []uint16
	for len(pairs) >= 4 && len(seqs) < router.MaxNack {
		first, others := binary.BigEndian.Uint16(pairs), binary.BigEndian.Uint16(pairs[2:])
		seqs = append(seqs, first)
		for i := range uint16(16) {
			if others>>i&1 == 1 && len(seqs) < router.MaxNack {
				seqs = append(seqs, first+i+1)
			}
		}
		pairs = pairs[4:]
	}
	return seqs
}

// eachKeyFrame calls ask for the streams that payload-specific feedback wants a key
// frame of. False: it is not understood, or ask was never content.
func (p *rtcpPacket) eachKeyFrame(ask func(ssrc uint32) bool) bool {
	asked := false
	switch p.format {
	case formatPLI:
		if about, ok := p.media(); ok {
			asked = ask(about)
		}
	case formatFIR:
		for entries := p.body[min(8, len(p.body)):]; len(entries) >= 8; entries = entries[8:] {
			asked = ask(binary.BigEndian.Uint32(entries)) || asked
		}
	}
	return asked
}
