package router

import "time"

// apart is how much further than the clock two layers' timestamps may be
// believed to be apart.
const apart = int64(2 * time.Second)

// timeOffset is what must be added to a layer's timestamps so that they go on
// where the slot's have ended, e being the first packet.
//
// The same layer keeps its offset. Two layers of one source are compared by
// their sender reports, which tell both on the sender's clock; whatever else by
// when it has arrived. A slot's time always moves on: where it would stand, as
// when the same picture is shown in both layers, offset is more than the ideal,
// which the next change begins from.
func (s *slot) timeOffset(src *Source, to int8, e *entry) (offset, ideal uint32) {
	if s.stints.head().source == 0 {
		return s.time - e.time, s.time - e.time
	}
	clock := src.media.clock()
	arrived := s.time + ticks(e.at-s.at, clock)
	ideal = arrived - e.time
	if same, known := s.sameClock(src, to, clock); known {
		far := int64(int32(e.time + same - arrived))
		if limit := apart * clock / int64(time.Second); far < limit && far > -limit {
			ideal = same
		}
	}
	if least := uint32(clock / 1000); int32(e.time+ideal-s.time) < int32(least) {
		return s.time + least - e.time, ideal
	}
	return ideal, ideal
}

// sameClock is the offset by which a layer shows what was captured at the same
// time as what the slot has shown last.
func (s *slot) sameClock(src *Source, to int8, clock int64) (offset uint32, known bool) {
	head := s.stints.head()
	if head.source != src.id || head.epoch != src.layers[head.layer].epoch {
		return 0, false
	}
	if head.layer == to {
		return head.ideal, true
	}
	from, next := src.layers[head.layer].report, src.layers[to].report
	if !from.known || !next.known {
		return 0, false
	}
	// NTP's 32.32 fixed point: the reports of one sender are seconds apart, so
	// the difference is small.
	between := int64(next.ntp - from.ntp)
	if between > 60<<32 || between < -(60<<32) {
		return 0, false
	}
	return head.ideal + from.rtp + uint32(between*clock>>32) - next.rtp, true
}

// ticks are nanoseconds in a clock's units. Anything over an hour is an hour.
func ticks(ns, clock int64) uint32 {
	ns = min(max(ns, 0), int64(time.Hour))
	return uint32(ns * clock / int64(time.Second))
}
