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
	latest := map[[2]byte]uint32{} // the newest frame shown of each source's layers
	var (
		last      shown
		any       bool   // a frame has been shown
		broken    = true // a gap since the last frame: only a key frame helps
		lastSeq   int64
		lastTime  uint32
		picture   uint16
		pictures  bool
		tl0       byte
		collected byte
		current   frame
	)
	for i, n := range numbers {
		p := f.packets[n]
		if i > 0 && n != lastSeq+1 {
			broken, collected, pictures = true, 0, false
		}
		lastSeq = n
		if len(p.Payload) == 0 {
			continue
		}
		this, id, base := read(t, p.Payload)
		if this.index == 0 {
			if i > 0 && int32(p.Time-lastTime) <= 0 {
				t.Fatalf("slot %d: time of packet %d stands at %d after %d: %+v after %+v", slot, n, p.Time, lastTime, this, current)
			}
			if pictures && id != (picture+1)&0x7fff {
				t.Fatalf("slot %d: picture %d follows %d: %+v after %+v", slot, id, picture, this, current)
			}
			if pictures && base != tl0 && base != tl0+1 {
				t.Fatalf("slot %d: TL0PICIDX %d follows %d: %+v after %+v", slot, base, tl0, this, current)
			}
			if collected != 0 {
				broken = true
			}
			tl0 = base
			picture, pictures, collected, current = id, true, 0, this
		} else if collected != 0 && (id != picture || p.Time != lastTime) {
			t.Fatalf("slot %d: packet %d %+v is of picture %d at %d in picture %d at %d", slot, n, this, id, p.Time, picture, lastTime)
		}
		lastTime = p.Time
		if this.index != collected || this.number != current.number || this.layer != current.layer || this.source != current.source {
			if this.index == 0 {
				t.Fatalf("slot %d: packet %d %+v begins in the middle of %+v", slot, n, this, current)
			}
			collected = 0
			broken = true
			continue
		}
		collected++
		if p.Marker != (collected == this.count) {
			t.Fatalf("slot %d: packet %d %+v has marker %v", slot, n, this, p.Marker)
		}
		if collected < this.count {
			continue
		}
		collected = 0
		if this.key {
			broken = false
		}
		if !this.key && !broken && any && (last.layer != this.layer || last.source != this.source || last.number+1 != this.number) {
			t.Fatalf("slot %d: no gap and no key frame, but %+v follows %+v", slot, this, last.frame)
		}
		if broken {
			continue
		}
		which := [2]byte{this.source, this.layer}
		// A key frame may come once more when nothing of its source was shown after it.
		if newest, known := latest[which]; known && (this.number < newest || this.number == newest && !this.key) {
			t.Fatalf("slot %d: %+v is shown after frame %d", slot, this, newest)
		}
		latest[which] = this.number
		last, any = shown{this, p.Time, n}, true
		frames = append(frames, last)
	}
	return frames
}
