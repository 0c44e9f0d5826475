package router_test

import (
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards who comes new: the estimate of a path that has carried nothing yet falls
// with the first burst and rises slowly. Pictures are shown at once all the same,
// and go on, unless the path itself loses or delays them; that a page answers late
// once, because it has much to do just then, takes none of them away. A camera
// takes about 50 kbit/s.
func TestYoungEstimate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		lost uint8
		rtt  int64
		late int // reports that take so long
		good bool
	}{
		{"a good path", 0, 30 * millisecond, 0, true},
		{"one that loses", 100, 30 * millisecond, 0, false},
		{"one whose queue fills", 0, 300 * millisecond, 20, false},
		{"a busy page", 0, 300 * millisecond, 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(newCamera(1, 1), newCamera(2, 1), newCamera(3, 1))
			s.run(20) // they are measured
			rc := s.AddReceiver(peer(9), videoSlots(3), router.Everybody, newScreen())
			rc.SetViews(s.now, []protocol.View{view(1, 320), view(2, 320), view(3, 320)})
			s.run(3)
			bps := 10_000.0
			for frame := range 20 * 20 {
				rc.SetBandwidth(s.now, int(bps))
				bps *= 1.004 // about 8 % a second
				switch report := frame / 20; {
				case frame%20 != 10:
				case report == 0:
					rc.Reception(s.now, 0, 0, 30*millisecond)
				case report <= test.late:
					rc.Reception(s.now, 0, test.lost, test.rtt)
				default:
					rc.Reception(s.now, 0, test.lost, 30*millisecond)
				}
				s.run(1)
				if shown := len(s.showing()); test.good && shown != 3 {
					t.Fatalf("after %d frames %d pictures are shown", frame, shown)
				}
				if got := s.showing(); !test.good && frame == 55 && len(got) != 0 {
					t.Errorf("trouble was told, and %v is shown", got)
				}
			}
		})
	}
}

// Guards a path on which somebody has only been heard: what its estimate says of
// pictures is as young when the first is asked for.
func TestYoungEstimateOfSound(t *testing.T) {
	t.Parallel()
	s := newStage(newCamera(1, 1))
	rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, newScreen())
	rc.SetBandwidth(s.now, 10_000)
	s.run(200)
	rc.SetViews(s.now, []protocol.View{view(1, 320)})
	s.run(3)
	if got := s.showing(); len(got) != 1 {
		t.Error("nothing is shown")
	}
}

// Guards a path that carries little from pictures that it was trusted with: an
// estimate that falls anew, after its youth, is believed, and so is one that
// nobody's report has contradicted.
func TestYouthEnds(t *testing.T) {
	t.Parallel()
	for _, reported := range []bool{true, false} {
		s := newStage(newCamera(1, 1))
		rc := s.AddReceiver(peer(9), videoSlots(1), router.Everybody, newScreen())
		rc.SetViews(s.now, []protocol.View{view(1, 320)})
		for range 100 {
			rc.SetBandwidth(s.now, 12_000)
			if reported {
				rc.Reception(s.now, 0, 0, 30*millisecond)
			}
			s.run(1)
		}
		if got := s.showing(); (len(got) == 1) != reported {
			t.Errorf("reported %v: after the youth %v is shown", reported, got)
		}
		rc.SetBandwidth(s.now, 8_000)
		s.run(1)
		if got := s.showing(); len(got) != 0 {
			t.Errorf("reported %v: the estimate has fallen, and %v is shown", reported, got)
		}
	}
}
