package link

import (
	"strconv"
	"time"

	"github.com/pion/rtp"

	"github.com/parley-mesh/parley/node/router"
)

// How many of a line's last packets are known by number: as far back as one may
// come late or be sent again.
const (
	sentPictures = 512
	sentSounds   = 128
)

// outLayer is one encoding of mine: an RTP stream with an SSRC of its own. It keeps
// the header that all its packets share.
type outLayer struct {
	out         *outgoing
	line, layer int
	rid         string
	media       router.Media
	ssrc        uint32

	// Guarded by outgoing.mu.
	types     types
	transport uint8 // the extension's number; 0: not negotiated
	plain     rtp.Header
	levelled  rtp.Header // plain, and how loud it is
	number    [2]byte    // of the transport, in both headers
	level     [1]byte
	sent      []sentNumber // a ring, made with the first packet
	begun     bool
	highest   uint16
	reports   [4]sentReport
	reported  int
	fraction  uint8 // the last that the peer said was lost, of 256
}

// sentNumber is how a packet went out. A retransmission must be the same
// packet to the last bit: under AES-GCM a second plaintext or header for one
// number would give the key away (RFC 7714, section 8).
type sentNumber struct {
	used      bool
	seq       uint16
	transport uint16
}

type sentReport struct {
	middle uint32 // of its NTP time
	at     time.Duration
}

// take has the layer go by the peer's numbers.
func (l *outLayer) take(named numbers) error {
	l.out.mu.Lock()
	defer l.out.mu.Unlock()
	l.types = named.types
	return l.makeHeadersLocked(named.extensions)
}

func (l *outLayer) makeHeadersLocked(ids extensions) error {
	l.transport = ids.transportCC
	l.plain = rtp.Header{Version: 2, SSRC: l.ssrc}
	set := func(h *rtp.Header, id uint8, value []byte) error {
		if id == 0 {
			return nil
		}
		return h.SetExtension(id, value)
	}
	if err := set(&l.plain, ids.transportCC, l.number[:]); err != nil {
		return err
	}
	if l.rid != "" { // layers are not declared: their packets say what they are
		if err := set(&l.plain, ids.mid, []byte(strconv.Itoa(l.line))); err != nil {
			return err
		}
		if err := set(&l.plain, ids.rid, []byte(l.rid)); err != nil {
			return err
		}
	}
	l.levelled = l.plain.Clone()
	if err := set(&l.levelled, ids.transportCC, l.number[:]); err != nil { // the clone has bytes of its own
		return err
	}
	if l.media == router.Audio {
		return set(&l.levelled, ids.level, l.level[:])
	}
	return nil
}

// numberLocked gives a packet its transport-wide number: a new one, or for a
// retransmission the one that it had.
func (l *outLayer) numberLocked(packet *router.Out, now time.Duration) error {
	if l.sent == nil {
		l.sent = make([]sentNumber, l.remembers())
	}
	known := &l.sent[int(packet.Seq)%len(l.sent)]
	late := int(int16(l.highest - packet.Seq))
	switch before := known.used && known.seq == packet.Seq; {
	case packet.Retransmit && !before, !packet.Retransmit && before, l.begun && late >= len(l.sent):
		return ErrNumber
	case !packet.Retransmit:
		if !l.begun || late < 0 {
			l.begun, l.highest = true, packet.Seq
		}
		*known = sentNumber{used: true, seq: packet.Seq}
		if l.transport != 0 {
			known.transport = l.out.history.add(now, rtpHeaderSize+len(packet.Payload))
		}
	}
	l.number = [2]byte{byte(known.transport >> 8), byte(known.transport)}
	return nil
}

func (l *outLayer) remembers() int {
	if l.media == router.Audio {
		return sentSounds
	}
	return sentPictures
}

func (l *outLayer) roundTripLocked(b reportBlock, now time.Duration) time.Duration {
	if b.lastReport == 0 {
		return 0
	}
	for _, report := range l.reports {
		if report.middle == b.lastReport {
			held := time.Duration(float64(b.since) / (1 << 16) * float64(time.Second))
			return min(max(0, now-report.at-held), maxRTT)
		}
	}
	return 0
}
