package router

import "time"

// Times of a change of layer.
const (
	// freshKey is how old a key frame may be that a slot begins with: what came
	// since then is sent at once from the cache, and no other one is asked for.
	freshKey = int64(400 * time.Millisecond)
	// frameEnds is how long the rest of a frame is waited for before another
	// layer begins.
	frameEnds = int64(60 * time.Millisecond)
)

// none is the layer of a slot that is shown none.
const none int8 = -1

// A slot is one receiving place and the numbers that it has run up to.
//
// What it is attached to is guarded by the receiver's lock; everything about
// forwarding by the lock of the source it is attached to, or by the receiver's
// while it is attached to none.
type slot struct {
	Slot
	number int
	down   Downstream
	sink   *sinkSlot // in whose place it stands; down is nil then

	source *Source // attached to
	since  int64   // attached at

	now, next int8 // the layer it is shown, and the one that is to follow at its key frame
	stints    stints
	newest    uint64 // the last number sent in the stint that runs
	last      place
	begun     bool // anything was sent, ever
	open      bool // in the middle of a frame
	seq       uint16
	time      uint32
	at        int64 // when what was sent last had arrived
	picture   uint16
	tl0       uint8
	pleaded   int64 // when the receiver last had a key frame asked for

	out           Out
	packets       uint32
	octets        uint32
	retransmitted uint64
	repair        repair
}

// A place is the stream whose timestamps a slot has followed last.
type place struct {
	source uint64 // its id; 0 none
	layer  int8
	epoch  uint32
	offset uint32
}

// offer forwards a packet that has just come, in its layer's order or late.
func (s *slot) offer(src *Source, layer int8, e *entry, late bool) {
	if late {
		if stint := s.stints.of(src.id, layer, e.number); stint != nil && (s.now != layer || e.number < s.newest) {
			s.send(src, stint, e, false)
			return
		}
	}
	if s.now == layer {
		if e.number > s.newest {
			s.forward(src, s.stints.now(), e)
		}
	}
	if s.next != s.now && (s.next == layer || e.flags&marker != 0) {
		s.change(src, e.at)
	}
}

// forward sends the newest packet of the stint that runs.
func (s *slot) forward(src *Source, stint *stint, e *entry) {
	s.send(src, stint, e, false)
	s.newest, s.at = e.number, e.at
	s.seq = s.out.Seq
	s.time = s.out.Time
	s.open = e.flags&marker == 0
	if e.pictureAt != 0 {
		s.picture = e.picture + stint.picture
		if e.flags&longPicture == 0 {
			s.picture &= 0x7f
		}
	}
	if e.tl0At != 0 {
		s.tl0 = e.tl0 + stint.tl0
	}
}

// change begins the layer that is to follow, if a fresh key frame of it is there
// and the frame that is being sent has ended.
func (s *slot) change(src *Source, at int64) {
	l := &src.layers[s.next]
	first := l.newest
	if src.media == Video {
		if stint := s.stopped(src, at); stint != nil {
			s.goOn(src, stint)
			return
		}
		if !l.hasKey || at-l.keyAt > freshKey || s.passed(src, l) {
			return // none, or too old, or shown already: the picture would jump back
		}
		if s.now != none && s.open && at-s.at < frameEnds {
			return
		}
		first = l.key
	}
	e := l.cache.get(first)
	if e == nil || l.newest-first >= uint64(len(l.cache.entries)) {
		return
	}
	s.stints.end(s.newest)
	offset, ideal := s.timeOffset(src, s.next, e)
	stint := s.stints.begin(stint{
		source: src.id, layer: s.next, first: first, last: running, since: at,
		seq:     s.seq + 1 - uint16(first),
		picture: s.picture + 1 - e.picture,
		tl0:     s.tl0 + 1 - e.tl0,
		time:    offset,
	})
	s.now, s.begun = s.next, true
	s.last = place{source: src.id, layer: s.now, epoch: l.epoch, offset: ideal}
	s.catchUp(src, stint, first)
}

// catchUp sends what has come of the layer that is shown, from a number on.
func (s *slot) catchUp(src *Source, stint *stint, first uint64) {
	l := &src.layers[s.now]
	for number := first; number <= l.newest; number++ {
		if e := l.cache.get(number); e != nil {
			s.forward(src, stint, e)
		}
	}
	s.tell(src, l)
}

// passed tells whether more of the layer that is to follow was sent than its
// newest key frame: with that the picture would jump back. The frame itself may
// be shown again, where another source was shown for a moment.
func (s *slot) passed(src *Source, l *layer) bool {
	stint, shown := s.stints.shown(src.id, s.next, l.key, l.keyAt)
	if !shown || stint == nil {
		return shown
	}
	key, last := l.cache.get(l.key), l.cache.get(stint.last)
	return key == nil || last == nil || key.time != last.time
}

// stopped finds the stint that was sent last, when it is of the layer that is to
// follow and stopped a moment ago: a decoder can take it up where it was left,
// for it has seen nothing else since.
func (s *slot) stopped(src *Source, at int64) *stint {
	if s.now != none || s.stints.count == 0 {
		return nil
	}
	l, t := &src.layers[s.next], &s.stints.list[0]
	switch {
	case t.source != src.id || t.layer != s.next || t.last == running || s.seq != uint16(t.last)+t.seq:
		return nil // something else was sent since
	case s.last.source != src.id || s.last.layer != s.next || s.last.epoch != l.epoch:
		return nil // its stream began anew
	case !l.hasKey || l.key < t.first || l.key > t.last:
		return nil // there is a newer key frame
	case l.newest < t.last || l.newest-t.last >= uint64(len(l.cache.entries)) || at-s.at > freshKey:
		return nil // too much would come at once
	}
	return t
}

// goOn takes up a stint that stopped.
func (s *slot) goOn(src *Source, stint *stint) {
	from := stint.last + 1
	stint.last = running
	s.now, s.begun = s.next, true
	s.catchUp(src, stint, from)
}

// send writes one packet with the slot's numbers.
func (s *slot) send(src *Source, stint *stint, e *entry, again bool) {
	payload := src.layers[stint.layer].cache.payload(e)
	e.patch(payload, stint.picture, stint.tl0)
	out := &s.out
	out.Codec, out.Level, out.Marker = e.codec, e.level, e.flags&marker != 0
	out.Seq = uint16(e.number) + stint.seq
	out.Time = e.time + stint.time
	out.Payload, out.Retransmit = payload, again
	if s.sink != nil {
		s.sink.write(int(stint.layer), e.at, out)
		return
	}
	if s.down.WriteRTP(s.number, out) != nil {
		src.counts.writeErrors++
		return
	}
	s.packets++
	s.octets += uint32(e.size)
	src.counts.packetsOut++
	src.counts.bytesOut += uint64(e.size)
	if !again {
		s.repair.earn(int(e.size))
	}
}

// tell hands a layer's last sender report on, in the slot's timestamps.
func (s *slot) tell(src *Source, l *layer) {
	if stint := s.stints.now(); stint != nil && l.report.known && s.down != nil {
		s.down.SendReport(s.number, l.report.ntp, l.report.rtp+stint.time, s.packets, s.octets)
	}
}

// pause leaves the slot without a layer until next has a key frame.
func (s *slot) pause(next int8) {
	s.stints.end(s.newest)
	s.now, s.next = none, next
	s.open = false
}
