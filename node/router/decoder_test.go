package router_test

import (
	"slices"
	"sync"

	"github.com/parley-mesh/parley/node/router"
)

// A screen is a receiver's end: it keeps what came in every slot, asks for what
// is missing when it is told to, and decodes it in the end.
type screen struct {
	mu    sync.Mutex
	slots map[int]*feed
	flows []router.Flow
	told  int
	lose  func(slot int, out *router.Out) bool
}

// A feed is what came in one slot, by widened sequence number.
type feed struct {
	packets map[int64]router.Out
	top     int64
	reports []reportOf
}

type reportOf struct {
	ntp uint64
	rtp uint32
}

func newScreen() *screen { return &screen{slots: map[int]*feed{}} }

func (s *screen) feed(slot int) *feed {
	f := s.slots[slot]
	if f == nil {
		f = &feed{packets: map[int64]router.Out{}, top: -1}
		s.slots[slot] = f
	}
	return f
}

func (s *screen) WriteRTP(slot int, out *router.Out) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.feed(slot)
	if f.top < 0 {
		f.top = 1<<32 | int64(out.Seq)
	}
	wide := f.top + int64(int16(out.Seq-uint16(f.top)))
	f.top = max(f.top, wide)
	if s.lose != nil && s.lose(slot, out) {
		return nil
	}
	kept := *out
	kept.Payload = slices.Clone(out.Payload)
	f.packets[wide] = kept
	return nil
}

func (s *screen) Flush() {}

func (s *screen) SendReport(slot int, ntp uint64, rtp, _, _ uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.feed(slot)
	f.reports = append(f.reports, reportOf{ntp, rtp})
}

func (s *screen) Slots(flows []router.Flow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flows = flows
	s.told++
}

// missing are the gaps of the last packets in a slot.
func (s *screen) missing(slot int) (seqs []uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.feed(slot)
	for n := max(f.top-100, f.first()); n < f.top; n++ {
		if _, ok := f.packets[n]; !ok {
			seqs = append(seqs, uint16(n))
		}
	}
	return seqs
}

func (f *feed) first() int64 {
	first := f.top
	for n := range f.packets {
		first = min(first, n)
	}
	return first
}

// A shown frame is one that the decoder has shown.
type shown struct {
	frame
	time uint32
	wide int64
}

// decode does what a decoder does, and fails the test at whatever it would
// stumble over: it is given the packets in the order of their numbers.
func (s *screen) decode(t failer, slot int) (frames []shown) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.feed(slot)
	var numbers []int64
	for n := range f.packets {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	d := decoder{t: t, slot: slot, latest: map[[2]byte]uint32{}, broken: true}
	for i, n := range numbers {
		if i > 0 && n != numbers[i-1]+1 {
			d.broken, d.collected, d.pictures = true, 0, false
		}
		if p := f.packets[n]; len(p.Payload) > 0 {
			d.take(n, &p, i == 0)
		}
	}
	return d.frames
}

// A decoder is what a receiver's decoder knows of one slot.
type decoder struct {
	t      failer
	slot   int
	frames []shown
	latest map[[2]byte]uint32 // the newest frame shown of each source's layers
	broken bool               // a gap since the last frame: only a key frame helps

	current   frame // whose packets are being collected
	collected byte
	time      uint32
	picture   uint16
	pictures  bool // picture and tl0 are those of the packet before
	tl0       byte
}

// take is given the next packet.
func (d *decoder) take(n int64, p *router.Out, first bool) {
	d.t.Helper()
	this, picture, tl0 := read(d.t, p.Payload)
	if this.index == 0 {
		d.begin(n, p, this, picture, tl0, first)
	} else if d.collected != 0 && (picture != d.picture || p.Time != d.time) {
		d.t.Fatalf("slot %d: packet %d %+v is of picture %d at %d in picture %d at %d", d.slot, n, this, picture, p.Time, d.picture, d.time)
	}
	d.time = p.Time
	if this.index != d.collected || this.number != d.current.number || this.layer != d.current.layer || this.source != d.current.source {
		if this.index == 0 {
			d.t.Fatalf("slot %d: packet %d %+v begins in the middle of %+v", d.slot, n, this, d.current)
		}
		d.broken, d.collected = true, 0
		return
	}
	d.collected++
	if p.Marker != (d.collected == this.count) {
		d.t.Fatalf("slot %d: packet %d %+v has marker %v", d.slot, n, this, p.Marker)
	}
	if d.collected == this.count {
		d.collected = 0
		d.show(shown{this, p.Time, n})
	}
}

// begin is given the first packet of a frame.
func (d *decoder) begin(n int64, p *router.Out, this frame, picture uint16, tl0 byte, first bool) {
	d.t.Helper()
	switch {
	case !first && int32(p.Time-d.time) <= 0:
		d.t.Fatalf("slot %d: time of packet %d stands at %d after %d: %+v after %+v", d.slot, n, p.Time, d.time, this, d.current)
	case d.pictures && picture != (d.picture+1)&0x7fff:
		d.t.Fatalf("slot %d: picture %d follows %d: %+v after %+v", d.slot, picture, d.picture, this, d.current)
	case d.pictures && tl0 != d.tl0 && tl0 != d.tl0+1:
		d.t.Fatalf("slot %d: TL0PICIDX %d follows %d: %+v after %+v", d.slot, tl0, d.tl0, this, d.current)
	}
	d.broken = d.broken || d.collected != 0
	d.picture, d.tl0, d.pictures = picture, tl0, true
	d.current, d.collected = this, 0
}

// show is given a frame all of which has come.
func (d *decoder) show(this shown) {
	d.t.Helper()
	if d.broken = d.broken && !this.key; d.broken {
		return
	}
	if count := len(d.frames); count > 0 && !this.key {
		last := d.frames[count-1]
		if last.layer != this.layer || last.source != this.source || last.number+1 != this.number {
			d.t.Fatalf("slot %d: no gap and no key frame, but %+v follows %+v", d.slot, this, last)
		}
	}
	which := [2]byte{this.source, this.layer}
	// A key frame may come once more when nothing of its source was shown after it.
	if newest, known := d.latest[which]; known && (this.number < newest || this.number == newest && !this.key) {
		d.t.Fatalf("slot %d: %+v is shown after frame %d", d.slot, this, newest)
	}
	d.latest[which] = this.number
	d.frames = append(d.frames, this)
}
