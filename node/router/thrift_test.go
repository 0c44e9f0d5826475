package router_test

import (
	"math/rand/v2"
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards everybody's bandwidth and eyes: people who look around, on paths that
// change, ask for no more key frames than they did when this was measured, and
// see as many frames.
func TestLookingAroundCostsFewKeyFrames(t *testing.T) {
	t.Parallel()
	const people, frames = 8, 1200 // a minute
	cameras := []*camera{newCamera(1, 3), newCamera(2, 3), newCamera(3, 1)}
	s := newStage(cameras...)
	random := rand.New(rand.NewPCG(7, 9))
	var receivers []*router.Receiver
	var screens []*screen
	for i := range byte(people) {
		screens = append(screens, newScreen())
		receivers = append(receivers, s.AddReceiver(peer(10+i), videoSlots(2), router.Everybody, screens[i]))
	}
	views := make([][]protocol.View, people)
	for range frames {
		s.run(1)
		i := random.IntN(people)
		switch random.IntN(8) {
		case 0:
			views[i] = nil
			for range random.IntN(3) {
				views[i] = append(views[i], view(byte(1+random.IntN(3)), []int{160, 640, 1280}[random.IntN(3)]))
			}
			receivers[i].SetViews(s.now, views[i])
		case 1: // away for a moment
			receivers[i].SetViews(s.now, nil)
			s.run(random.IntN(8))
			receivers[i].SetViews(s.now, views[i])
		case 2: // and at somebody else
			receivers[i].SetViews(s.now, []protocol.View{view(3, 640), view(2, 160)})
			s.run(random.IntN(8))
			receivers[i].SetViews(s.now, views[i])
		case 3:
			receivers[i].SetBandwidth(s.now, 100_000<<random.IntN(6))
		}
	}
	keys, shown := 0, 0
	for _, c := range cameras {
		keys += c.keys
	}
	for _, screen := range screens {
		for slot, feed := range screen.slots {
			shown += len(screen.decode(t, slot))
			if gaps := int(feed.top-feed.first()) + 1 - len(feed.packets); gaps != 0 {
				t.Errorf("slot %d has %d gaps although nothing was lost", slot, gaps)
			}
		}
	}
	if keys > 307 || shown < 17_873 {
		t.Errorf("%d requests, %d frames shown", keys, shown)
	}
}
