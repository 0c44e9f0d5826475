package e2ee

import (
	"sync/atomic"

	"github.com/parley-mesh/parley/pkg/sframe"
)

const (
	// horizon is how far below the highest counter of its origin a frame may be,
	// over all lines: an old one that another line has not seen is no news.
	horizon = 4096
	// firstHorizon is that of the first frame of an origin on a line: what was
	// recorded elsewhere is not to begin anew on another line.
	firstHorizon = 256
	// maxWindows are the origins that one line remembers at a time.
	maxWindows = 64
)

// seen is what came on one line, and so tells whether a counter of an origin may
// be shown there: once, and no older than the horizons say. Ask fresh first, open
// the frame, and take only what proved to be authentic. It is for one goroutine
// at a time; what lines share of an origin is its summit.
type seen struct {
	windows map[*origin]*sframe.Window
	order   []*origin // of windows, oldest first
}

func newSeen() seen { return seen{windows: make(map[*origin]*sframe.Window)} }

func (s *seen) fresh(o *origin, counter uint64) bool {
	below := o.summit.above(counter)
	w := s.windows[o]
	if w == nil {
		return below <= firstHorizon
	}
	return below <= horizon && w.Fresh(counter)
}

func (s *seen) take(o *origin, counter uint64) {
	o.summit.raise(counter)
	w := s.windows[o]
	if w == nil {
		if len(s.order) >= maxWindows {
			delete(s.windows, s.order[0])
			s.order = append(s.order[:0], s.order[1:]...)
		}
		w = new(sframe.Window)
		s.windows[o] = w
		s.order = append(s.order, o)
	}
	w.Take(counter)
}

// prune forgets the origins that do not open any more.
func (s *seen) prune() {
	kept := s.order[:0]
	for _, o := range s.order {
		if o.key.Load() == nil {
			delete(s.windows, o)
			continue
		}
		kept = append(kept, o)
	}
	clear(s.order[len(kept):])
	s.order = kept
}

// A summit is the highest counter of an origin that was authentic, over all
// lines. Any goroutine may use it.
type summit struct {
	next atomic.Uint64 // one more than it; 0 for none
}

// above is how far the summit is above a counter, 0 when it is not.
func (s *summit) above(counter uint64) uint64 {
	next := s.next.Load()
	if next <= counter {
		return 0
	}
	return next - 1 - counter
}

func (s *summit) raise(counter uint64) {
	for {
		next := s.next.Load()
		if counter < next || counter == 1<<64-1 || s.next.CompareAndSwap(next, counter+1) {
			return
		}
	}
}
