package router

import "time"

// Bounds of a layer's sequence numbers.
const (
	// farAhead is how far a number may be from the newest before it is taken
	// for a packet of another stream, which farRow in a row then are (RFC 3550
	// appendix A.1).
	farAhead = 3000
	farRow   = 2
	// nearRow is how many duplicates in a row are another stream that happens
	// to have almost the same numbers.
	nearRow = 16
	// mostShifts is how many runs of packets without payload are remembered.
	mostShifts = 8
)

// A shift says that numbers are this much below the sequence from here on.
type shift struct {
	from uint64
	by   uint64
}

// A report is what a sender report said last: ntp is rtp.
type report struct {
	known bool
	ntp   uint64
	rtp   uint32
}

// A layer is one of a source's streams, as it comes in.
//
// Sequence numbers are widened to 64 bits, and made into numbers in which
// packets without payload, which senders use as filling, have no place. Numbers
// run on when the stream begins anew.
type layer struct {
	active  bool // there, as far as is known
	started bool
	epoch   uint32 // rises when the stream begins anew
	codec   Codec
	top     uint64 // the widened sequence number of the newest
	newest  uint64 // its number
	lastAt  int64
	strange int32 // the sequence number that would go on where the last unfitting one was, −1 none
	row     int   // how many of them came in a row
	shifts  [mostShifts]shift
	shifted int

	cache   cache
	missing missing

	hasKey        bool
	key           uint64 // the newest key frame's first packet
	keyAt         int64
	width, height int
	asked         int64 // when a key frame was asked for; 0 when none is waited for
	patience      int   // how often it was asked for in vain
	report        report
	rate          rate
}

// verdict is what became of a packet.
type verdict uint8

const (
	taken verdict = iota
	filling
	malformed
	duplicate
	late
)

// take puts a packet among the others.
func (l *layer) take(at int64, p *Packet, d descriptor) (*entry, verdict) {
	begun := l.started
	if begun && p.Codec != l.codec {
		l.begin(p)
	}
	if !begun {
		l.strange = -1
		l.newest = 1<<32 - 1
		l.begin(p)
		l.started = true
	}
	ahead := int64(int16(p.Seq - uint16(l.top)))
	switch {
	case ahead > farAhead || ahead < -farAhead:
		if !l.another(p.Seq, farRow) {
			return nil, malformed
		}
		l.begin(p)
		ahead = 1
	case ahead > mostMissing:
		l.begin(p)
		ahead = 1
	case ahead <= 0:
		e, verdict := l.takeLate(at, p, d, l.top+uint64(ahead))
		if verdict == taken || !l.another(p.Seq, nearRow) {
			return e, verdict
		}
		l.begin(p)
		ahead = 1
	}
	wide := l.top + uint64(ahead)
	l.strange = -1
	l.lastAt = at
	for lost := l.top + 1; lost < wide; lost++ {
		l.newest++
		l.open(l.newest, uint16(lost), at)
	}
	l.top = wide
	if len(p.Payload) == 0 {
		l.shift(wide)
		return nil, filling
	}
	l.newest++
	return l.keep(at, p, d, l.newest), taken
}

// takeLate puts a packet in the place that it left free.
func (l *layer) takeLate(at int64, p *Packet, d descriptor, wide uint64) (*entry, verdict) {
	number, known := l.number(wide)
	if !known || l.newest-number >= uint64(l.cache.mostPackets) {
		return nil, late
	}
	if !l.missing.fill(number, at) {
		if l.cache.get(number) != nil {
			return nil, duplicate
		}
		return nil, late
	}
	if l.newest-number >= uint64(len(l.cache.entries)) {
		return nil, late
	}
	return l.keep(at, p, d, number), taken
}

// another counts packets that fit nowhere but follow each other, and tells
// whether so many in a row are another stream.
func (l *layer) another(seq uint16, row int) bool {
	if l.strange != int32(seq) {
		l.row = 0
	}
	l.row++
	l.strange = int32(seq + 1)
	return l.row >= row
}

// begin makes p the first packet of a stream whose numbers run on.
func (l *layer) begin(p *Packet) {
	if l.started {
		l.epoch++
	}
	l.codec = p.Codec
	l.top = 1<<32 + uint64(p.Seq) - 1
	l.shifts[0] = shift{from: l.top + 1, by: l.top - l.newest}
	l.shifted = 1
	l.missing.holes = l.missing.holes[:0]
	l.hasKey = false
	l.report = report{}
	l.strange = -1
}

// shift leaves a sequence number without a number.
func (l *layer) shift(wide uint64) {
	last := &l.shifts[l.shifted-1]
	if last.from == wide {
		last.from, last.by = wide+1, last.by+1
		return
	}
	if l.shifted == mostShifts {
		copy(l.shifts[:], l.shifts[1:])
		l.shifted--
	}
	l.shifts[l.shifted] = shift{from: wide + 1, by: l.shifts[l.shifted-1].by + 1}
	l.shifted++
}

// number finds the number of a widened sequence number, if it is still known.
func (l *layer) number(wide uint64) (uint64, bool) {
	for i := l.shifted - 1; i >= 0; i-- {
		if s := l.shifts[i]; wide >= s.from {
			return wide - s.by, true
		}
	}
	return 0, false
}

func (l *layer) open(number uint64, seq uint16, at int64) {
	if len(l.missing.holes) < mostMissing {
		l.missing.open(number, seq, at)
	}
}

func (l *layer) keep(at int64, p *Packet, d descriptor, number uint64) *entry {
	e := entry{
		number: number, at: at, time: p.Time, level: p.Level, codec: p.Codec,
		picture: d.picture, tl0: d.tl0, pictureAt: d.pictureAt, tl0At: d.tl0At,
	}
	if p.Marker {
		e.flags |= marker
	}
	if d.pictureLong {
		e.flags |= longPicture
	}
	if d.key {
		if !l.hasKey || number > l.key {
			l.hasKey, l.key, l.keyAt = true, number, at
			l.asked, l.patience = 0, 0
		}
		if d.width != 0 && d.height != 0 {
			l.width, l.height = int(d.width), int(d.height)
		}
	}
	return l.cache.put(e, p.Payload)
}

// A rate measures bits per second, over about a second; what is suddenly many
// times as much, at once.
type rate struct {
	since int64
	bits  int64
	value int
}

const (
	rateWindow = int64(500 * time.Millisecond)
	// manyTimes is how many times what was measured is no key frame any more, and
	// leastMany what it is at the least, in bits of one window.
	manyTimes = 4
	leastMany = 1_000_000
)

// add tells whether that is now many times as much.
func (r *rate) add(at int64, bytes int) (burst bool) {
	if r.since == 0 {
		r.since = at
	}
	if took := at - r.since; took >= rateWindow {
		now := int(r.bits * int64(time.Second) / took)
		if r.value == 0 {
			r.value = now
		} else {
			r.value += (now - r.value) / 2
		}
		r.since, r.bits = at, 0
	}
	r.bits += int64(bytes) * 8
	before := int64(max(r.value, nominal[0]))
	if r.bits < max(manyTimes*before*rateWindow/int64(time.Second), leastMany) {
		return false
	}
	r.value = int(r.bits * int64(time.Second) / max(at-r.since, rateWindow/2))
	r.since, r.bits = at, 0
	return true
}
