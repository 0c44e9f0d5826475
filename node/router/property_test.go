package router_test

import (
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
	"pgregory.net/rapid"
)

// Guards the one promise to a decoder under everything that can happen at once:
// views, bandwidth, loss on both sides, reordering, repetition, restarts of a
// stream. The decoder's model fails at any seam; and when all is quiet again
// the picture moves and is the one that was asked for.
func TestDecoderNeverStumbles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := newCamera(1, 3), newCamera(2, 3)
		s := newStage(a, b)
		screens := []*screen{newScreen(), newScreen()}
		var receivers []*router.Receiver
		for i, screen := range screens {
			receivers = append(receivers, s.AddReceiver(peer(byte(10+i)), videoSlots(2), router.Everybody, screen))
		}
		lossUp, lossDown := 0, 0
		chance := rapid.IntRange(0, 99)
		random := rapid.Uint64().Draw(t, "seed")
		draw := func(n int) int { // cheaper than a draw of rapid's for each packet
			random = random*6364136223846793005 + 1442695040888963407
			return int(random>>33) % n
		}
		for _, c := range s.cameras {
			var held []router.Packet
			c.lose = func(p *router.Packet) bool {
				for _, late := range held {
					c.source.Write(s.now, &late)
				}
				held = held[:0]
				switch n := draw(100); {
				case n < lossUp:
					return true
				case n < lossUp+lossUp/4:
					held = append(held, *p)
					return true
				case n < lossUp+lossUp/2:
					c.source.Write(s.now, p)
				}
				return false
			}
		}
		for _, screen := range screens {
			screen.lose = func(int, *router.Out) bool { return draw(100) < lossDown }
		}
		nack := func() {
			for i, screen := range screens {
				for slot := range 2 {
					if screen.slots[slot] != nil {
						receivers[i].Nack(s.now, slot, screen.missing(slot))
					}
				}
			}
		}
		for range rapid.IntRange(3, 14).Draw(t, "steps") {
			lossUp = rapid.SampledFrom([]int{0, 0, 5, 30}).Draw(t, "loss up")
			lossDown = rapid.SampledFrom([]int{0, 0, 5, 30}).Draw(t, "loss down")
			i := rapid.IntRange(0, 1).Draw(t, "who")
			switch rapid.SampledFrom([]string{"views", "views", "views", "bandwidth", "key", "report", "restart", "end", "nothing"}).Draw(t, "what") {
			case "views":
				var views []protocol.View
				for range rapid.IntRange(0, 3).Draw(t, "count") {
					views = append(views, view(byte(rapid.IntRange(1, 3).Draw(t, "whom")), rapid.SampledFrom([]int{0, 160, 640, 1280}).Draw(t, "width")))
				}
				receivers[i].SetViews(s.now, views)
			case "bandwidth":
				receivers[i].SetBandwidth(s.now, rapid.SampledFrom([]int{50_000, 150_000, 400_000, 5_000_000}).Draw(t, "bps"))
				receivers[i].Reception(s.now, 0, uint8(chance.Draw(t, "lost")), 30*millisecond)
			case "key":
				receivers[i].KeyFrame(s.now, rapid.IntRange(-1, 3).Draw(t, "slot"))
			case "report":
				s.cameras[i].report(s.now)
			case "restart":
				for _, stream := range s.cameras[i].streams {
					stream.seq += 9999
					stream.time += 123456789
					stream.want = true
				}
			case "end":
				s.cameras[i].source.SetLayer(rapid.IntRange(-1, 3).Draw(t, "layer"), false)
			}
			for range rapid.IntRange(1, 12).Draw(t, "frames") {
				s.run(1)
				nack()
			}
		}
		lossUp, lossDown = 0, 0
		for i, rc := range receivers {
			rc.SetBandwidth(s.now, 0)
			rc.SetViews(s.now, []protocol.View{view(byte(i+1), 1280)})
		}
		for n := range 60 {
			s.run(1)
			nack()
			for i, screen := range screens {
				if n%10 != 9 || len(screen.flows) == 0 {
					continue
				}
				// A decoder that cannot go on says so.
				slot := screen.flows[0].Slot
				if frames := screen.decode(t, slot); len(frames) == 0 || frames[len(frames)-1].number+1 != s.cameras[i].streams[2].frame {
					receivers[i].KeyFrame(s.now, slot)
				}
			}
		}
		for i, screen := range screens {
			for slot := range 2 {
				if screen.slots[slot] == nil {
					continue
				}
				frames := screen.decode(t, slot)
				if len(screen.flows) != 1 {
					t.Fatalf("receiver %d is told %+v", i, screen.flows)
				}
				if screen.flows[0].Slot != slot {
					continue
				}
				if len(frames) == 0 {
					t.Fatalf("receiver %d is shown nothing", i)
				}
				last := frames[len(frames)-1]
				if last.source != byte(i+1) || last.layer != 2 || last.number+1 != s.cameras[i].streams[2].frame {
					t.Fatalf("receiver %d is left with %+v, the camera is at %d", i, last, s.cameras[i].streams[2].frame)
				}
			}
		}
	})
}
