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
		r := newTurmoil(rapid.Uint64().Draw(t, "seed"))
		for range rapid.IntRange(3, 14).Draw(t, "steps") {
			r.lossUp = rapid.SampledFrom([]int{0, 0, 5, 30}).Draw(t, "loss up")
			r.lossDown = rapid.SampledFrom([]int{0, 0, 5, 30}).Draw(t, "loss down")
			r.happen(t)
			for range rapid.IntRange(1, 12).Draw(t, "frames") {
				r.run(1)
				r.nack()
			}
		}
		r.calm(t)
	})
}

// A turmoil is two cameras and two receivers of two slots, with loss on both
// sides of the router.
type turmoil struct {
	*stage
	screens          []*screen
	receivers        []*router.Receiver
	random           uint64
	lossUp, lossDown int // per cent
}

func newTurmoil(seed uint64) *turmoil {
	r := &turmoil{stage: newStage(newCamera(1, 3), newCamera(2, 3)), random: seed}
	for i := range byte(2) {
		screen := newScreen()
		screen.lose = func(int, *router.Out) bool { return r.draw(100) < r.lossDown }
		r.screens = append(r.screens, screen)
		r.receivers = append(r.receivers, r.AddReceiver(peer(10+i), videoSlots(2), router.Everybody, screen))
	}
	for _, c := range r.cameras {
		c.lose = r.badPath(c)
	}
	return r
}

// draw is cheaper than one of rapid's for each packet.
func (r *turmoil) draw(n int) int {
	r.random = r.random*6364136223846793005 + 1442695040888963407
	return int(r.random>>33) % n
}

// badPath loses a camera's packets, brings them late, or twice.
func (r *turmoil) badPath(c *camera) func(p *router.Packet) bool {
	var held []router.Packet
	return func(p *router.Packet) bool {
		for _, late := range held {
			c.source.Write(r.now, &late)
		}
		held = held[:0]
		switch n := r.draw(100); {
		case n < r.lossUp:
			return true
		case n < r.lossUp+r.lossUp/4:
			held = append(held, *p)
			return true
		case n < r.lossUp+r.lossUp/2:
			c.source.Write(r.now, p)
		}
		return false
	}
}

// nack has every receiver ask for what it misses.
func (r *turmoil) nack() {
	for i, screen := range r.screens {
		for slot := range 2 {
			if screen.slots[slot] != nil {
				r.receivers[i].Nack(r.now, slot, screen.missing(slot))
			}
		}
	}
}

// happen is one thing that people, paths or senders do.
func (r *turmoil) happen(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "who")
	camera, receiver := r.cameras[i], r.receivers[i]
	switch rapid.SampledFrom([]string{"views", "views", "views", "bandwidth", "key", "report", "restart", "end", "nothing"}).Draw(t, "what") {
	case "views":
		var views []protocol.View
		for range rapid.IntRange(0, 3).Draw(t, "count") {
			views = append(views, view(byte(rapid.IntRange(1, 3).Draw(t, "whom")), rapid.SampledFrom([]int{0, 160, 640, 1280}).Draw(t, "width")))
		}
		receiver.SetViews(r.now, views)
	case "bandwidth":
		receiver.SetBandwidth(r.now, rapid.SampledFrom([]int{50_000, 150_000, 400_000, 5_000_000}).Draw(t, "bps"))
		receiver.Reception(r.now, 0, uint8(rapid.IntRange(0, 99).Draw(t, "lost")), 30*millisecond)
	case "key":
		receiver.KeyFrame(r.now, rapid.IntRange(-1, 3).Draw(t, "slot"))
	case "report":
		camera.report(r.now)
	case "restart":
		for _, stream := range camera.streams {
			stream.seq += 9999
			stream.time += 123456789
			stream.want = true
		}
	case "end":
		camera.source.SetLayer(rapid.IntRange(-1, 3).Draw(t, "layer"), false)
	}
}

// calm lets everything come right, and demands that each receiver is shown the
// camera that it asks for then, in its largest layer, up to its last frame.
func (r *turmoil) calm(t *rapid.T) {
	r.lossUp, r.lossDown = 0, 0
	for i, rc := range r.receivers {
		rc.SetBandwidth(r.now, 0)
		rc.SetViews(r.now, []protocol.View{view(byte(i+1), 1280)})
	}
	for n := range 60 {
		r.run(1)
		r.nack()
		for i, screen := range r.screens {
			if n%10 != 9 || len(screen.flows) == 0 {
				continue
			}
			// A decoder that cannot go on says so.
			slot := screen.flows[0].Slot
			if frames := screen.decode(t, slot); len(frames) == 0 || frames[len(frames)-1].number+1 != r.cameras[i].streams[2].frame {
				r.receivers[i].KeyFrame(r.now, slot)
			}
		}
	}
	for i, screen := range r.screens {
		if len(screen.flows) != 1 {
			t.Fatalf("receiver %d is told %+v", i, screen.flows)
		}
		for slot := range screen.slots {
			frames := screen.decode(t, slot)
			if screen.flows[0].Slot != slot {
				continue
			}
			if len(frames) == 0 {
				t.Fatalf("receiver %d is shown nothing", i)
			}
			last := frames[len(frames)-1]
			if last.source != byte(i+1) || last.layer != 2 || last.number+1 != r.cameras[i].streams[2].frame {
				t.Fatalf("receiver %d is left with %+v, the camera is at %d", i, last, r.cameras[i].streams[2].frame)
			}
		}
	}
}
