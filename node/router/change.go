package router

import "time"

// Times of a change of layer.
const (
	// freshKey is how far a slot may be behind when it begins a layer: what came
	// since then is sent at once. So long no other key frame is asked for.
	freshKey = int64(400 * time.Millisecond)
	// frameEnds is how long the rest of a frame is waited for before another
	// layer begins.
	frameEnds = int64(60 * time.Millisecond)
)

// change moves the slot to the layer that is to follow, when the decoder can
// follow, and sends at once what has come since.
//
// A decoder can go on where the stint that it has seen last was left, unless
// there is a newer key frame; or begin with a key frame. That must be no older
// than the last frame of the layer that the slot has shown: nothing is shown
// after something newer. Of audio every packet is a key frame.
func (s *slot) change(src *Source, at int64) {
	if s.now != none && s.open && at-s.at < frameEnds {
		return
	}
	l, stint := &src.layers[s.next], s.stints.head()
	first, since := l.key, l.keyAt
	goesOn := stint.is(src.id, s.next, l.epoch) && l.key <= stint.last
	if goesOn {
		first, since = stint.last+1, s.at
	} else if !l.hasKey || s.history.passed(src.id, s.next, l.key, l.keyAt) {
		return
	}
	if at-since > freshKey || l.newest+1-first > uint64(len(l.cache.entries)) {
		return
	}
	if !goesOn {
		key := l.cache.get(first)
		if key == nil {
			return
		}
		stint = s.begin(src, l, key)
	}
	s.now = s.next
	for number := first; number <= l.newest; number++ {
		if e := l.cache.get(number); e != nil {
			s.forward(src, stint, e)
		}
	}
	s.tell(l)
}

// begin makes a stint of the layer that is to follow, from a key frame's first
// packet on.
func (s *slot) begin(src *Source, l *layer, key *entry) *stint {
	if head := s.stints.head(); head.source != 0 {
		s.history.note(head.source, head.layer, s.frame, s.at)
	}
	time, ideal := s.timeOffset(src, s.next, key)
	s.frame = key.number
	return s.stints.begin(stint{
		source: src.id, layer: s.next, epoch: l.epoch,
		first: key.number, last: key.number,
		seq:  s.seq + 1 - uint16(key.number),
		time: time, ideal: ideal,
		picture: s.picture + 1 - key.picture,
		tl0:     s.tl0 + 1 - key.tl0,
	})
}
