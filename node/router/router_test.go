package router_test

import (
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// stage is one camera or several, one receiver or several, and a clock.
type stage struct {
	*router.Router
	now     int64
	cameras []*camera
}

const frameTime = 50 * millisecond

func newStage(cameras ...*camera) *stage {
	s := &stage{Router: router.New(router.Config{Self: peer(200), Seed: 1}), now: second, cameras: cameras}
	for _, c := range cameras {
		c.source = s.AddSource(cameraOf(c.name), router.Video, true, c)
	}
	return s
}

// run lets frames pass.
func (s *stage) run(frames int) {
	for range frames {
		s.now += frameTime
		for _, c := range s.cameras {
			c.shoot(s.now)
		}
		s.Tick(s.now)
	}
}

func videoSlots(n int) (slots []router.Slot) {
	for range n {
		slots = append(slots, router.Slot{Media: router.Video})
	}
	return slots
}

func layersOf(frames []shown) (layers []byte) {
	for _, f := range frames {
		if len(layers) == 0 || layers[len(layers)-1] != f.layer {
			layers = append(layers, f.layer)
		}
	}
	return layers
}

// Guards the promise of every view: nothing unasked is sent, and what is asked
// for is shown in the layer that is large enough.
func TestLayerBySize(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		width int
		want  byte
	}{{"a thumbnail", 160, 0}, {"a tile", 640, 1}, {"almost a tile", 800, 1}, {"the stage", 1280, 2}, {"any size", 0, 2}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(newCamera(1, 3))
			screen := newScreen()
			rc := s.AddReceiver(peer(9), videoSlots(2), router.Everybody, screen)
			s.run(5)
			if len(screen.slots) != 0 {
				t.Fatal("something flows to a receiver that has asked for nothing")
			}
			rc.SetViews(s.now, []protocol.View{view(1, test.width)})
			s.run(40)
			frames := screen.decode(t, 0)
			if len(frames) < 35 || frames[len(frames)-1].layer != test.want {
				t.Fatalf("%d frames, the last of layer %v", len(frames), layersOf(frames))
			}
			if len(screen.flows) != 1 || screen.flows[0] != (router.Flow{Slot: 0, Key: cameraOf(1)}) {
				t.Fatalf("told %+v", screen.flows)
			}
			rc.SetViews(s.now, nil)
			before := len(screen.slots[0].packets)
			s.run(5)
			if len(screen.slots[0].packets) != before || len(screen.flows) != 0 {
				t.Fatal("what is not shown any more flows on")
			}
		})
	}
}

// Guards against a seam: layers up and down, another source in the same slot, a
// pause, all in one slot.
func TestNoSeam(t *testing.T) {
	t.Parallel()
	a, b := newCamera(1, 3), newCamera(2, 1)
	s := newStage(a, b)
	screen := newScreen()
	rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, screen)
	for i, views := range [][]protocol.View{
		{view(1, 160)},
		{view(1, 1280)},
		{view(1, 640)},
		{view(2, 640), view(1, 640)},
		{view(1, 160)},
		nil,
		{view(1, 160)},
		{view(2, 0)},
		{view(1, 0)},
	} {
		rc.SetViews(s.now, views)
		s.run(10)
		for _, c := range s.cameras {
			if i%2 == 0 {
				c.report(s.now)
			}
		}
		s.run(5)
	}
	frames := screen.decode(t, 0)
	var order []byte
	for _, f := range frames {
		if which := f.source<<4 | f.layer; len(order) == 0 || order[len(order)-1] != which {
			order = append(order, which)
		}
	}
	if want := []byte{0x10, 0x12, 0x11, 0x20, 0x10, 0x20, 0x12}; string(order) != string(want) {
		t.Fatalf("shown were %x, want %x", order, want)
	}
	if len(frames) < 9*15-15-20 {
		t.Fatalf("only %d frames were shown", len(frames))
	}
}

// Guards lip synchronisation and smooth motion: with sender reports a frame has
// the time of its capture, whichever layer shows it.
func TestTimesAcrossLayers(t *testing.T) {
	t.Parallel()
	s := newStage(newCamera(1, 3))
	screen := newScreen()
	rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, screen)
	rc.SetViews(s.now, []protocol.View{view(1, 160)})
	s.run(10)
	s.cameras[0].report(s.now)
	for range 4 {
		rc.SetViews(s.now, []protocol.View{view(1, 1280)})
		s.run(10)
		rc.SetViews(s.now, []protocol.View{view(1, 160)})
		s.run(10)
	}
	frames := screen.decode(t, 0)
	for i := 1; i < len(frames); i++ {
		apart := int64(frames[i].number) - int64(frames[i-1].number)
		// A frame that is shown in both layers is 1 ms apart from itself.
		got := int64(int32(frames[i].time - frames[i-1].time))
		if want := apart * 4500; got < want-90 || got > want+90 {
			t.Fatalf("frame %d of layer %d follows %d of %d by %d ticks, not %d", frames[i].number, frames[i].layer, frames[i-1].number, frames[i-1].layer, got, want)
		}
	}
	if len(screen.slots[0].reports) < 8 {
		t.Fatalf("%d sender reports for eight layer changes", len(screen.slots[0].reports))
	}
}

// Guards against a picture that jumps back: who returns to a layer at once is
// not shown its last key frame a second time.
func TestReturnToALayer(t *testing.T) {
	t.Parallel()
	s := newStage(newCamera(1, 3))
	screen := newScreen()
	rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, screen)
	for _, width := range []int{160, 640, 160, 640, 160, 1280, 640} {
		rc.SetViews(s.now, []protocol.View{view(1, width)})
		s.run(3)
	}
	s.run(20)
	if frames := screen.decode(t, 0); len(frames) < 38 || frames[len(frames)-1].layer != 1 {
		t.Errorf("%d frames of 41, layers %v", len(frames), layersOf(frames))
	}
}

// Guards against a picture that jumps back: who returns to a source at once is
// not shown its last key frame a second time, whether or not anything else was
// shown in between, and not for long nothing at all.
func TestReturnToASource(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		between []byte // the sources seen meanwhile, a frame each
		lost    bool   // whatever those send
	}{
		{name: "from another", between: []byte{1}},
		{name: "from one that did not come", between: []byte{1}, lost: true},
		{name: "from many", between: []byte{1, 3, 4, 5, 6}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var cameras []*camera
			for n := range byte(6) {
				cameras = append(cameras, newCamera(n+1, 1))
			}
			s := newStage(cameras...)
			screen := newScreen()
			rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, screen)
			rc.SetViews(s.now, []protocol.View{view(2, 160)})
			s.run(2)
			for _, n := range test.between {
				cameras[n-1].lose = func(*router.Packet) bool { return test.lost }
				rc.SetViews(s.now, []protocol.View{view(n, 160)})
				s.run(1)
			}
			rc.SetViews(s.now, []protocol.View{view(2, 160)})
			s.run(12)
			frames := screen.decode(t, 0)
			if last := frames[len(frames)-1]; last.source != 2 || last.number+1 != cameras[1].streams[0].frame {
				t.Errorf("left with %+v, the camera is at %d", last.frame, cameras[1].streams[0].frame)
			}
		})
	}
}
