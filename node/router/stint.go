package router

import "math"

// mostStints is how many stints back a slot answers for.
const mostStints = 4

// A stint is an unbroken time of one layer in a slot, and what is added to its
// numbers there.
type stint struct {
	source      uint64 // its id
	layer       int8
	first, last uint64 // numbers; last is open while the stint runs
	since       int64  // begun at
	seq         uint16
	time        uint32
	picture     uint16
	tl0         uint8
}

const running = math.MaxUint64

// stints are a slot's last ones, newest first. Those of other sources than the
// present one are kept for when the slot returns to them.
type stints struct {
	list  [mostStints]stint
	count int
}

// now is the stint that runs, if one does.
func (s *stints) now() *stint {
	if s.count == 0 || s.list[0].last != running {
		return nil
	}
	return &s.list[0]
}

// end closes the one that runs at the last number that it sent.
func (s *stints) end(last uint64) {
	if now := s.now(); now != nil {
		now.last = last
	}
}

func (s *stints) begin(next stint) *stint {
	copy(s.list[1:], s.list[:mostStints-1])
	s.list[0] = next
	s.count = min(s.count+1, mostStints)
	return &s.list[0]
}

// of finds the stint in which a packet of a source's layer belongs.
func (s *stints) of(source uint64, layer int8, number uint64) *stint {
	for i := range s.list[:s.count] {
		if t := &s.list[i]; t.source == source && t.layer == layer && number >= t.first && number <= t.last {
			return t
		}
	}
	return nil
}

// shown tells whether a key frame that has arrived at keyAt has been shown, and
// in which stint; nil for one that is no longer known, where it may have been.
func (s *stints) shown(source uint64, layer int8, key uint64, keyAt int64) (*stint, bool) {
	if s.count == mostStints && keyAt <= s.list[mostStints-1].since {
		return nil, true
	}
	t := s.of(source, layer, key)
	return t, t != nil
}

// back finds what a slot's sequence number was in a source, newest being the
// last number sent in the stint that runs.
func (s *stints) back(source uint64, seq uint16, newest uint64) (*stint, uint64) {
	for i := range s.list[:s.count] {
		t := &s.list[i]
		if t.source != source {
			continue
		}
		last := t.last
		if last == running {
			last = newest
		}
		number := last - uint64(uint16(last)-(seq-t.seq))
		if number >= t.first && number <= last {
			return t, number
		}
	}
	return nil, 0
}
