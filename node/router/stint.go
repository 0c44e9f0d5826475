package router

// mostStints is how many stints back a slot answers for.
const mostStints = 4

// A stint is an unbroken time of one layer in a slot: which packets it was, and
// what is added to their numbers there.
type stint struct {
	source      uint64 // its id
	layer       int8
	epoch       uint32 // of the layer
	first, last uint64 // numbers; last is the newest that was sent
	seq         uint16
	time        uint32
	ideal       uint32 // what time would be, had the slot's time not had to move on
	picture     uint16
	tl0         uint8
}

// is tells whether a stint is of a layer as it is now.
func (t *stint) is(source uint64, layer int8, epoch uint32) bool {
	return t.source == source && t.layer == layer && t.epoch == epoch
}

// stints are a slot's last ones, newest first; before there are as many, of no
// source. Those of other sources than the present one are kept for when the slot
// returns to them.
type stints [mostStints]stint

// head is the newest one: what the decoder has seen last.
func (s *stints) head() *stint { return &s[0] }

func (s *stints) begin(next stint) *stint {
	copy(s[1:], s[:mostStints-1])
	s[0] = next
	return &s[0]
}

// of finds the stint in which a packet of a source's layer belongs, unless it is
// newer than what was sent.
func (s *stints) of(source uint64, layer int8, number uint64) *stint {
	for i := range s {
		if t := &s[i]; t.source == source && t.layer == layer && number >= t.first && number <= t.last {
			return t
		}
	}
	return nil
}

// back finds what a slot's sequence number was in a source.
func (s *stints) back(source uint64, seq uint16) (*stint, uint64) {
	for i := range s {
		t := &s[i]
		if t.source != source {
			continue
		}
		number := t.last - uint64(uint16(t.last)-(seq-t.seq))
		if number >= t.first && number <= t.last {
			return t, number
		}
	}
	return nil, 0
}
