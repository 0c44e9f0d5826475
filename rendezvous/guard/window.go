package guard

import "time"

// slots is how finely a window tells time: a period is cut into so many.
const slots = 60

// window counts events within the last period. It takes the same space however many there are, and errs to the strict side
// by one slot, so that no period, wherever it begins, holds more than was allowed.
type window struct {
	newest int64 // number of the slot that was written last
	counts [slots + 1]uint32
}

func slotLength(per time.Duration) int64 { return max(int64(per)/slots, 1) }

// advance makes now's slot the newest and returns its number. A clock that went back a little stands still; one that went
// back by more than the window begins anew.
func (w *window) advance(now time.Time, per time.Duration) int64 {
	slot := max(now.UnixNano(), 0) / slotLength(per) // a machine without a clock begins in 1970
	switch behind := slot - w.newest; {
	case behind > slots, behind < -slots:
		w.counts = [slots + 1]uint32{}
	case behind < 0:
		return w.newest
	default:
		for i := w.newest + 1; i <= slot; i++ {
			w.counts[i%(slots+1)] = 0
		}
	}
	w.newest = slot
	return slot
}

func (w *window) add(now time.Time, per time.Duration) {
	w.counts[w.advance(now, per)%(slots+1)]++
}

func (w *window) count(now time.Time, per time.Duration) int {
	w.advance(now, per)
	sum := 0
	for _, n := range w.counts {
		sum += int(n)
	}
	return sum
}

// untilBelow is how long after now the window holds fewer than n, if nothing is added. n is at least 1.
func (w *window) untilBelow(n int, now time.Time, per time.Duration) time.Duration {
	sum := w.count(now, per)
	for i := max(w.newest-slots, 0); i <= w.newest && sum >= n; i++ {
		if sum -= int(w.counts[i%(slots+1)]); sum < n {
			return time.Unix(0, (i+slots+1)*slotLength(per)).Sub(now)
		}
	}
	return 0
}

// Meter limits one session's frames. It belongs to that session's goroutine.
type Meter struct {
	rate   Rate
	window window
}

// Allow counts one frame, or says that it is too many.
func (m *Meter) Allow(now time.Time) bool {
	if m.rate.Off {
		return true
	}
	if m.window.count(now, m.rate.Per) >= m.rate.N {
		return false
	}
	m.window.add(now, m.rate.Per)
	return true
}
