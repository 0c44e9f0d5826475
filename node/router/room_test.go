package router_test

import (
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards a large room: everybody is shown what they asked for, nobody their own,
// and one who comes last changes nothing for those who are there.
func TestRoomOfThirty(t *testing.T) {
	t.Parallel()
	const members, tiles = 30, 9
	s := newStage()
	var screens []*screen
	join := func(n byte) {
		c := newCamera(n, 3)
		c.source = s.AddSource(cameraOf(n), router.Video, true, c)
		s.cameras = append(s.cameras, c)
		screens = append(screens, newScreen())
		var views []protocol.View
		for i := range byte(tiles) {
			width := 160
			if i == 0 {
				width = 1280
			}
			views = append(views, view((n+1+i)%members, width))
		}
		s.AddReceiver(peer(n), videoSlots(16), router.Everybody, screens[n]).SetViews(s.now, views)
	}
	for n := range byte(members - 1) {
		join(n)
	}
	s.run(20)
	var told []int
	for _, screen := range screens {
		told = append(told, screen.told)
	}
	join(members - 1)
	s.run(20)
	for n, screen := range screens {
		changes := screen.told - max(0, append(told, 0)[n])
		asked := (members-1-n+members)%members <= tiles && n != members-1
		if want := 1; asked || n == members-1 {
			if changes != want {
				t.Errorf("member %d, who sees the last one or is it, was told %d times", n, changes)
			}
		} else if changes != 0 {
			t.Errorf("member %d was told %d times of somebody whom it does not show", n, changes)
		}
		if len(screen.flows) != tiles {
			t.Errorf("member %d has %d flows", n, len(screen.flows))
		}
		for _, flow := range screen.flows {
			frames := screen.decode(t, flow.Slot)
			of := s.cameras[(n+1)%members]
			layer := byte(0)
			if flow.Key == cameraOf(of.name) {
				layer = 2
			}
			if len(frames) == 0 {
				t.Fatalf("member %d is shown nothing in slot %d", n, flow.Slot)
			}
			last := frames[len(frames)-1]
			if flow.Key != cameraOf(last.source) || last.source == byte(n) || last.layer != layer || last.number+1 != s.cameras[last.source].streams[0].frame {
				t.Errorf("member %d is shown %+v in slot %d, which has %s", n, last, flow.Slot, flow.Key.Source)
			}
		}
	}
}
