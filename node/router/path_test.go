package router_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// showing are the layers that flow to the stage's only receiver, by source.
func (s *stage) showing() map[byte]int {
	layers := map[byte]int{}
	for _, rc := range s.Stats().Receivers {
		for _, flow := range rc.Flows {
			for _, c := range s.cameras {
				if flow.Key == cameraOf(c.name) {
					layers[c.name] = flow.Layer
				}
			}
		}
	}
	return layers
}

// Guards graceful degradation: everything gets smaller before anything goes, what
// goes is the least important, and it all comes back. One camera's layers take
// about 50, 190 and 580 kbit/s.
func TestDegradation(t *testing.T) {
	t.Parallel()
	s := newStage(newCamera(1, 3), newCamera(2, 3), newCamera(3, 3))
	screen := newScreen()
	rc := s.AddReceiver(peer(9), videoSlots(3), router.Everybody, screen)
	s.run(40)
	rc.SetViews(s.now, []protocol.View{view(2, 1280), view(1, 1280), view(3, 1280)})
	for _, test := range []struct {
		name   string
		bps    int
		frames int
		want   map[byte]int
	}{
		{"plenty", 5_000_000, 20, map[byte]int{1: 2, 2: 2, 3: 2}},
		{"a little less", 2_000_000, 20, map[byte]int{1: 2, 2: 2, 3: 2}},
		{"the last gets smaller", 1_500_000, 20, map[byte]int{2: 2, 1: 2, 3: 1}},
		{"all get smaller", 700_000, 20, map[byte]int{2: 1, 1: 1, 3: 1}},
		{"as small as can be", 170_000, 20, map[byte]int{2: 0, 1: 0, 3: 0}},
		{"the least important goes", 120_000, 20, map[byte]int{2: 0, 1: 0}},
		{"the most important stays", 20_000, 20, map[byte]int{2: 0}},
		{"or nothing", 5_000, 20, map[byte]int{}},
		{"not at once", 5_000_000, 10, map[byte]int{2: 0}},
		{"and back", 5_000_000, 100, map[byte]int{1: 2, 2: 2, 3: 2}},
	} {
		rc.SetBandwidth(s.now, test.bps)
		s.run(test.frames)
		got := s.showing()
		if test.name == "not at once" {
			for name, layer := range got {
				if layer == 2 {
					t.Errorf("%s: %d is back already", test.name, name)
				}
			}
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	for slot := range 3 {
		screen.decode(t, slot)
	}
}

// Guards a receiver whose estimate follows what is sent from staying small for
// ever, and one whose path carries no more from being tried again and again.
func TestTryingMore(t *testing.T) {
	t.Parallel()
	for _, carries := range []bool{true, false} {
		s := newStage(newCamera(1, 3))
		rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, newScreen())
		s.run(40)
		rc.SetBandwidth(s.now, 150_000)
		rc.SetViews(s.now, []protocol.View{view(1, 640)})
		high, tries := 0, 0
		for range 120 * 20 { // two minutes
			before := s.showing()[1]
			s.run(1)
			layer := s.showing()[1]
			if layer == 1 {
				high++
				if before != 1 {
					tries++
				}
			}
			lost := uint8(0)
			if layer == 1 && !carries {
				lost = 100
			}
			rc.Reception(s.now, 0, lost, 30*millisecond)
			rc.SetBandwidth(s.now, 150_000)
		}
		if carries && (high < 100*20 || tries != 1) {
			t.Errorf("a path that carries more was given more %d times, for %d frames", tries, high)
		}
		if !carries && (tries < 2 || tries > 6 || high > 60) {
			t.Errorf("a path that carries no more was tried %d times, for %d frames", tries, high)
		}
	}
}

// Guards everybody else: a receiver with a bad path, that loses, pleads and is
// moved about, changes no packet of the others'.
func TestOthersNoticeNothing(t *testing.T) {
	t.Parallel()
	play := func(bad bool) (*screen, *camera) {
		c := newCamera(1, 3)
		s := newStage(c)
		good, poor := newScreen(), newScreen()
		s.AddReceiver(peer(9), videoSlots(1), router.Everybody, good).SetViews(s.now, []protocol.View{view(1, 1280)})
		rc := s.AddReceiver(peer(8), videoSlots(1), router.Everybody, poor)
		rc.SetViews(s.now, []protocol.View{view(1, 1280)})
		n := 0
		if bad {
			poor.lose = func(int, *router.Out) bool { n++; return n%3 == 0 }
		}
		for range 200 {
			s.run(1)
			if bad {
				rc.SetBandwidth(s.now, 100_000)
				rc.Reception(s.now, 0, 80, 200*millisecond)
				rc.Nack(s.now, 0, poor.missing(0))
				if n%20 < 4 {
					rc.KeyFrame(s.now, 0)
				}
			}
		}
		if layer := s.Stats().Receivers[1].Flows[0].Layer; bad && layer != 0 {
			t.Errorf("the bad path has layer %d", layer)
		}
		return good, c
	}
	calm, _ := play(false)
	noisy, c := play(true)
	if a, b := calm.decode(t, 0), noisy.decode(t, 0); len(a) != len(b) || len(a) < 199 {
		t.Errorf("%d frames without the bad path, %d with it", len(a), len(b))
	}
	keys := 0
	for _, f := range noisy.decode(t, 0) {
		if f.key && f.number > 0 {
			keys++
		}
	}
	if keys > 0 {
		t.Errorf("%d more key frames for the good path, %d asked for", keys, c.keys)
	}
}

// Guards a receiver whose losses are all repaired in time, so that its reports
// and its estimate know of none: it is given less, and more again when the path
// is good again.
func TestRepairedLoss(t *testing.T) {
	t.Parallel()
	s := newStage(newCamera(1, 3))
	screen := newScreen()
	rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, screen)
	rc.SetViews(s.now, []protocol.View{view(1, 1280)})
	lossy := true
	n := 0
	screen.lose = func(_ int, out *router.Out) bool {
		n++
		return lossy && n%5 == 0 && !out.Retransmit
	}
	pass := func(frames int) {
		for i := range frames {
			s.run(1)
			rc.SetBandwidth(s.now, 10_000_000)
			rc.Nack(s.now, 0, screen.missing(0))
			if i%20 == 19 {
				rc.Reception(s.now, 0, 0, 20*millisecond)
			}
		}
	}
	pass(20 * 20)
	if layer := s.showing()[1]; layer != 0 {
		t.Errorf("a fifth is lost, and layer %d flows", layer)
	}
	lossy = false
	pass(90 * 20)
	if layer := s.showing()[1]; layer != 2 {
		t.Errorf("nothing is lost any more, and layer %d flows", layer)
	}
	screen.decode(t, 0)
}
