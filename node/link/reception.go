package link

import (
	"time"

	"github.com/pion/rtcp"
)

// reception counts what arrives of one stream (RFC 3550, appendices A.1, A.3
// and A.8). Pure; times are since the link was made.
type reception struct {
	begun           bool
	base            uint32 // the first number
	highest         uint32 // extended by its cycles
	received        uint64
	priorExpected   uint64
	priorReceived   uint64
	clock           float64 // hertz
	transit, jitter float64 // in the clock's units
	lastAt          time.Duration
	report          uint32 // middle of the last sender report's NTP time
	reportAt        time.Duration
	soonExpected    uint64 // at the last look of the short window
	soonReceived    uint64
	asked           repairs
	repaired        uint64 // of what was received
}

func (r *reception) add(seq uint16, rtp uint32, at time.Duration) {
	r.lastAt = at
	r.received++
	arrival := at.Seconds() * r.clock
	transit := arrival - float64(rtp)
	if !r.begun {
		r.begun, r.base, r.highest, r.transit = true, uint32(seq), uint32(seq), transit
		return
	}
	if step := int16(seq - uint16(r.highest)); step > 0 {
		r.asked.pass(r.highest, step)
		r.highest += uint32(step)
	} else if r.asked.take(seq) {
		r.repaired++
	}
	// A jump of the stream's clock is no jitter.
	if d := max(transit-r.transit, r.transit-transit); d < r.clock {
		r.jitter += (d - r.jitter) / 16
	}
	r.transit = transit
}

func (r *reception) expected() uint64 { return uint64(r.highest-r.base) + 1 }

func (r *reception) lost() uint64 {
	if !r.begun || r.expected() < r.received {
		return 0
	}
	return r.expected() - r.received
}

// block is the report of this stream since the last one.
func (r *reception) block(ssrc uint32, now time.Duration) rtcp.ReceptionReport {
	expected := r.expected()
	expectedNow, receivedNow := expected-r.priorExpected, r.received-r.priorReceived
	r.priorExpected, r.priorReceived = expected, r.received
	b := rtcp.ReceptionReport{
		SSRC:               ssrc,
		TotalLost:          uint32(min(r.lost(), 1<<23-1)),
		LastSequenceNumber: r.highest,
		Jitter:             uint32(r.jitter),
	}
	if expectedNow > 0 && receivedNow < expectedNow {
		b.FractionLost = uint8(min(255, (expectedNow-receivedNow)*256/expectedNow))
	}
	if r.report != 0 {
		b.LastSenderReport, b.Delay = r.report, uint32((now-r.reportAt).Seconds()*(1<<16))
	}
	return b
}

// recent gives what was expected, and received without having to be asked for
// again, since it was last called.
func (r *reception) recent() (expected, received uint64) {
	if !r.begun {
		return 0, 0
	}
	all, came := r.expected(), r.received-r.repaired
	expected, received = all-r.soonExpected, came-r.soonReceived
	r.soonExpected, r.soonReceived = all, came
	return expected, received
}
