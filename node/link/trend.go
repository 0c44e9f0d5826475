package link

import "time"

// delayTrend tells from when bursts were sent and when they arrived whether a
// queue on the path grows: draft-ietf-rmcat-gcc-02 sections 5.2 to 5.4, with a
// trendline in place of the Kalman filter. Times are milliseconds.
type delayTrend struct {
	group, previous burstTimes
	first           float64 // the first arrival

	accumulated, smoothed float64
	least                 float64 // of smoothed: with an empty queue
	times, delays         [slopeWindow]float64
	samples               int
	slope                 float64

	threshold   float64
	thresholdAt float64
	over        float64
	overs       int
	lastTrend   float64
	use         usage
}

// burstTimes is a burst: when its first and last packet were sent, and when
// its last arrived.
type burstTimes struct {
	begun             bool
	opened, sent, got float64
}

// clockDrift bounds how far two clocks run apart, of the time passed.
const clockDrift = 0.001

func newDelayTrend() delayTrend { return delayTrend{threshold: thresholdStart} }

func inMillis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (t *delayTrend) add(sentAt, arrivedAt time.Duration) {
	sent, got := inMillis(sentAt), inMillis(arrivedAt)
	switch {
	case !t.group.begun:
		t.group = burstTimes{true, sent, sent, got}
		t.first = got
		return
	case sent < t.group.opened:
		return // of an earlier burst, overtaken
	case sent-t.group.opened <= inMillis(groupSpan):
		t.group.sent, t.group.got = max(t.group.sent, sent), max(t.group.got, got)
		return
	}
	if t.previous.begun {
		t.update(t.group.sent-t.previous.sent, t.group.got-t.previous.got, t.group.got)
	}
	t.previous, t.group = t.group, burstTimes{true, sent, sent, got}
}

func (t *delayTrend) update(sentApart, gotApart, at float64) {
	if gotApart < 0 || gotApart > 3000 || sentApart > 3000 {
		// The receiver's clock jumped, or nothing was sent for long.
		*t = delayTrend{threshold: t.threshold, group: t.group, first: at}
		return
	}
	t.accumulated += gotApart - sentApart
	t.smoothed = slopeSmoothing*t.smoothed + (1-slopeSmoothing)*t.accumulated
	t.least = min(t.smoothed, t.least+clockDrift*gotApart)
	i := t.samples % slopeWindow
	t.times[i], t.delays[i] = at-t.first, t.smoothed
	t.samples++
	if t.samples >= slopeWindow {
		t.slope = t.regression()
	}
	t.detect(sentApart, at)
}

// queue is about how long the path's queue is.
func (t *delayTrend) queue() float64 { return t.smoothed - t.least }

// regression is the slope of delay over time by least squares.
func (t *delayTrend) regression() float64 {
	var meanTime, meanDelay float64
	for i := range slopeWindow {
		meanTime += t.times[i]
		meanDelay += t.delays[i]
	}
	meanTime /= slopeWindow
	meanDelay /= slopeWindow
	var top, bottom float64
	for i := range slopeWindow {
		d := t.times[i] - meanTime
		top += d * (t.delays[i] - meanDelay)
		bottom += d * d
	}
	if bottom == 0 {
		return t.slope
	}
	return top / bottom
}

func (t *delayTrend) detect(sentApart, at float64) {
	if t.samples < 2 {
		return
	}
	trend := float64(min(t.samples, maxSamples)) * t.slope * slopeGain
	switch {
	case trend > t.threshold:
		t.over += sentApart
		t.overs++
		if t.over > overuseFor && t.overs > 1 && trend >= t.lastTrend {
			t.over, t.overs = 0, 0
			t.use = overUse
		}
	case trend < -t.threshold:
		t.over, t.overs, t.use = 0, 0, underUse
	default:
		t.over, t.overs, t.use = 0, 0, normalUse
	}
	t.lastTrend = trend
	t.adapt(trend, at)
}

// adapt moves the threshold with the trend, so that neither a competing flow
// starves this one nor a steady jitter counts as congestion.
func (t *delayTrend) adapt(trend, at float64) {
	size := max(trend, -trend)
	passed := min(at-t.thresholdAt, 100)
	t.thresholdAt = at
	if size > t.threshold+15 {
		return // a spike is no reason to be deaf to the next
	}
	k := thresholdUp
	if size < t.threshold {
		k = thresholdDown
	}
	t.threshold += k * (size - t.threshold) * passed
	t.threshold = min(max(t.threshold, thresholdMin), thresholdMax)
}
