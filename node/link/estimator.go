package link

import (
	"math"
	"time"
)

// The bandwidth estimator is Google Congestion Control
// (draft-ietf-rmcat-gcc-02), with the slope of the one-way delay found by
// linear regression as browsers do. pion/interceptor has one too: its history
// costs two allocations for each packet and each estimator three goroutines,
// which at a hundred receivers is most of a forwarder's garbage.
//
// It is pure, and allocates nothing.

// Rates in bits per second.
const (
	startRate = 1_200_000
	minRate   = 250_000 // audio, the smallest picture and what of them is sent again: less is no call
	maxRate   = 100_000_000
)

const (
	groupSpan      = 5 * time.Millisecond // packets sent within count as one burst
	slopeWindow    = 20
	slopeSmoothing = 0.9
	slopeGain      = 4.0
	maxSamples     = 60

	thresholdStart = 12.5 // milliseconds
	thresholdMin   = 6.0
	thresholdMax   = 600.0
	thresholdUp    = 0.0087
	thresholdDown  = 0.039
	overuseFor     = 10.0 // milliseconds

	backoff      = 0.85
	reach        = 4.0 // times what arrives: a larger layer is no more than that
	overLasts    = 150 * time.Millisecond
	queueShort   = 40.0 // milliseconds
	queueLong    = 150.0
	passesAll    = 0.85
	rateWindow   = 500 * time.Millisecond
	lossInterval = 200 * time.Millisecond
)

// usage is what the delay says of the path.
type usage uint8

const (
	normalUse usage = iota
	overUse
	underUse
)

type estimator struct {
	delays delayTrend
	acked  windowRate // what arrives, by the receiver's clock
	sent   windowRate // what was sent, by this one

	rate         float64
	congested    bool // it has been, so the path's capacity is about known
	linkCapacity float64
	usage        usage
	rtt          time.Duration
	changedAt    time.Duration
	overSince    time.Duration
	lowered      time.Duration

	lossRate       float64
	received, lost int
	lossAt         time.Duration
	lossLowered    time.Duration
	lastLoss       float64
	initialised    bool
}

func newEstimator() estimator {
	return estimator{rate: startRate, lossRate: maxRate, delays: newDelayTrend()}
}

// acknowledge takes in that a packet arrived: when it was sent by this clock,
// when it arrived by the receiver's.
func (e *estimator) acknowledge(sent, arrived time.Duration, size int) {
	e.received++
	e.sent.add(sent, size)
	e.acked.add(arrived, size)
	e.delays.add(sent, arrived)
}

// lose takes in that a packet did not arrive.
func (e *estimator) lose(sent time.Duration, size int) {
	e.lost++
	e.sent.add(sent, size)
}

// conclude ends one feedback, and gives the estimate.
func (e *estimator) conclude(now, rtt time.Duration) int {
	if !e.initialised {
		e.initialised, e.changedAt, e.lossAt = true, now, now
	}
	if rtt > 0 {
		e.rtt = rtt
	}
	e.byDelay(now)
	e.byLoss(now)
	return int(min(e.rate, e.lossRate))
}

func (e *estimator) byDelay(now time.Duration) {
	acked, before := e.acked.rate(), e.rate
	elapsed := min((now - e.changedAt).Seconds(), 1)
	e.changedAt = now
	switch e.delays.use {
	case overUse:
		if e.usage != overUse {
			e.overSince = now
		}
		// A busy machine at either end delays a few packets too, and recovers by
		// itself: while the queue is short, wait and see. And once a round trip
		// is enough: until then the path empties.
		queue := e.delays.queue()
		passing := now-e.overSince < overLasts && queue < queueShort ||
			// What is sent arrives as fast: delayed, not too much.
			queue < queueLong && acked > passesAll*e.sent.rate()
		if passing || now-e.lowered < 300*time.Millisecond+e.rtt {
			break
		}
		if acked > 0 {
			e.linkCapacity = acked
			e.rate = min(e.rate, backoff*acked)
		} else {
			e.rate *= backoff
		}
		e.congested, e.lowered = true, now
	case underUse:
		// Queues drain: hold until they are empty.
	case normalUse:
		e.increase(acked, elapsed)
	}
	e.usage = e.delays.use
	// What goes far beyond what was tried is no estimate.
	e.rate = min(e.rate, max(before, reach*acked+startRate))
	e.rate = min(max(e.rate, minRate), maxRate)
}

// increase is additive near the capacity that was found before, else
// multiplicative. A router that sends little because the estimate is low must
// be able to try more, so the estimate may leave what is sent behind; the
// steps are small then, and the path answers in a round trip.
func (e *estimator) increase(acked, elapsed float64) {
	near := e.congested && acked > 0.8*e.linkCapacity && acked < 1.2*e.linkCapacity
	switch {
	case near:
		response := 0.1 + e.rtt.Seconds()
		e.rate += max(0.05*e.rate, 1200*8/response) * elapsed
	case !e.congested:
		e.rate *= math.Pow(1.5, elapsed)
	default:
		e.rate *= math.Pow(1.08, elapsed)
	}
}

// byLoss lowers the rate when more than a tenth is lost, and raises it when
// less than a fiftieth is.
func (e *estimator) byLoss(now time.Duration) {
	if now-e.lossAt < lossInterval || e.received+e.lost == 0 {
		return
	}
	loss := float64(e.lost) / float64(e.received+e.lost)
	e.received, e.lost, e.lossAt = 0, 0, now
	// One bad interval of a few packets is no trend.
	smooth := (e.lastLoss + loss) / 2
	e.lastLoss = loss
	switch {
	case smooth > 0.1:
		if now-e.lossLowered < 300*time.Millisecond+e.rtt {
			return
		}
		e.lossLowered = now
		from := min(e.lossRate, e.rate)
		if acked := e.acked.rate(); acked > 0 {
			from = min(from, acked/(1-min(smooth, 0.5))) // what was sent is what was too much
		}
		e.lossRate = max(minRate, from*(1-0.5*smooth))
	case smooth < 0.02:
		e.lossRate = min(maxRate, e.lossRate*1.05)
	}
}

// windowRate is a rate over the last window of a clock.
type windowRate struct {
	buckets [10]int // bytes, each a tenth of the window
	newest  int64
	begun   bool
	filled  int
}

const bucketSpan = rateWindow / 10

func (a *windowRate) add(at time.Duration, size int) {
	bucket := int64(at / bucketSpan)
	if !a.begun {
		a.begun, a.newest, a.filled = true, bucket, 1
	}
	for a.newest < bucket {
		if bucket-a.newest > int64(len(a.buckets)) {
			a.buckets = [10]int{}
			a.newest, a.filled = bucket, 1
			break
		}
		a.newest++
		a.buckets[a.newest%int64(len(a.buckets))] = 0
		a.filled = min(a.filled+1, len(a.buckets))
	}
	if a.newest-bucket < int64(len(a.buckets)) {
		a.buckets[(bucket%10+10)%10] += size
	}
}

// rate is 0 while too little is known.
func (a *windowRate) rate() float64 {
	if a.filled < len(a.buckets)/2 {
		return 0
	}
	total := 0
	for _, size := range a.buckets {
		total += size
	}
	return float64(total) * 8 / (time.Duration(a.filled) * bucketSpan).Seconds()
}
