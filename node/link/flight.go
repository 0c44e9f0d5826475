package link

import "sync"

// flightSize is how many bursts leave in one system call. All their batches are
// locked meanwhile, for some tenths of a millisecond.
const flightSize = 64

// flight is bursts towards different addresses that leave together.
type flight struct {
	batches [flightSize]*batch // locked, from boarding until they have left
	taken   int
	missed  [flightSize]*batch // in use by somebody else just then
	late    int
	calls   calls
}

var flights = sync.Pool{New: func() any { return new(flight) }}

// board takes what waiting batches hold, and tells how many of them it looked
// at. It waits for none: two flights that wait for each other's would never
// leave.
func (f *flight) board(waiting []*batch) int {
	for i, b := range waiting {
		switch {
		case f.taken == flightSize || f.late == flightSize:
			return i
		case !b.mu.TryLock():
			f.missed[f.late] = b
			f.late++
		case b.held.packets == 0:
			b.mu.Unlock()
		default:
			f.batches[f.taken] = b
			f.taken++
		}
	}
	return len(waiting)
}

// leave sends what has boarded, and then what had missed it.
func (f *flight) leave(s *socket) {
	for sent := s.sendAll(f); sent < f.taken; sent++ {
		_ = s.sendBurst(&f.batches[sent].held)
	}
	for i, b := range f.batches[:f.taken] {
		b.emptyLocked()
		b.mu.Unlock()
		f.batches[i] = nil
	}
	for i, b := range f.missed[:f.late] {
		_ = b.flush()
		f.missed[i] = nil
	}
	f.taken, f.late = 0, 0
}
