package link

import "time"

// bucket is how much a peer may say: it fills by time. Pure but for its level.
type bucket struct {
	size, perSecond float64
	level           float64
	at              time.Duration
}

func newBucket(size, perSecond float64) bucket {
	return bucket{size: size, perSecond: perSecond, level: size}
}

// take is false when there is not enough left; then nothing is taken.
func (b *bucket) take(now time.Duration, cost float64) bool {
	if passed := now - b.at; passed > 0 {
		b.level = min(b.size, b.level+passed.Seconds()*b.perSecond)
		b.at = now
	}
	if cost > b.level {
		return false
	}
	b.level -= cost
	return true
}
