package router

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
	history   history
	frame     uint64 // the first number of the frame that was sent last
	open      bool   // in the middle of it
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

// offer forwards a packet that has just come, in its layer's order or late.
func (s *slot) offer(src *Source, layer int8, e *entry, late bool) {
	if late {
		if stint := s.stints.of(src.id, layer, e.number); stint != nil {
			s.send(src, stint, e, false)
			return
		}
	}
	if s.now == layer {
		if stint := s.stints.head(); e.number > stint.last {
			s.forward(src, stint, e)
		}
	}
	if s.next != s.now && (s.next == layer || e.flags&marker != 0) {
		s.change(src, e.at)
	}
}

// forward sends the newest packet of the stint that runs.
func (s *slot) forward(src *Source, stint *stint, e *entry) {
	s.send(src, stint, e, false)
	if s.out.Time != s.time {
		s.frame = e.number
	}
	stint.last, s.at = e.number, e.at
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
		src.counts.WriteErrors++
		return
	}
	s.packets++
	s.octets += uint32(e.size)
	src.counts.PacketsOut++
	src.counts.BytesOut += uint64(e.size)
	if !again {
		s.repair.earn(int(e.size))
	}
}

// tell hands the last sender report of the layer that is shown on, in the slot's
// timestamps.
func (s *slot) tell(l *layer) {
	if l.report.known && s.down != nil {
		s.down.SendReport(s.number, l.report.ntp, l.report.rtp+s.stints.head().time, s.packets, s.octets)
	}
}

// pause leaves the slot without a layer until next can begin.
func (s *slot) pause(next int8) { s.now, s.next = none, next }
