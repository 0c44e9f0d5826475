package router_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// wants says by the definition whether a receiver of everybody wants a source:
// the views are taken one after another while there are slots.
func wants(views []protocol.View, slots []router.Slot, self byte, key router.Key) (width, height int, wanted bool) {
	room, pinned := map[router.Media]int{}, map[protocol.Source]bool{}
	for _, s := range slots {
		if s.Pinned == "" {
			room[s.Media]++
		} else {
			pinned[s.Pinned] = true
		}
	}
	media := router.MediaOf(key.Source)
	free := room[media]
	for _, v := range views {
		has := v.From == peer(self) && pinned[v.Source]
		switch {
		case router.MediaOf(v.Source) != media:
		case v.From == key.From && v.Source == key.Source:
			return v.Width, v.Height, has || free > 0 || (media == router.Audio && room[media] > 0)
		case !has:
			free--
		}
	}
	return 0, 0, false
}

// Guards who is asked for what: the index of the views answers as the views do.
func TestWantedIsWhatTheViewsSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const self = 9
		all := protocol.Sources()
		source := rapid.SampledFrom(all[:])
		from := rapid.ByteRange(5, 9)
		var slots []router.Slot
		for range rapid.IntRange(0, 6).Draw(t, "slots") {
			of := source.Draw(t, "kind")
			slot := router.Slot{Media: router.MediaOf(of)}
			if rapid.Bool().Draw(t, "pinned") {
				slot.Pinned = of
			}
			slots = append(slots, slot)
		}
		var views []protocol.View
		for range rapid.IntRange(0, 12).Draw(t, "views") {
			width := rapid.IntRange(0, 3).Draw(t, "width") * 320
			views = append(views, protocol.View{From: peer(from.Draw(t, "from")), Source: source.Draw(t, "source"), Width: width, Height: width})
		}
		r := router.New(router.Config{Self: peer(self), Seed: 1})
		r.AddReceiver(peer(1), slots, router.Everybody, &null{}).SetViews(second, views)
		for n := byte(5); n <= self; n++ {
			for _, of := range protocol.Sources() {
				key := router.Key{From: peer(n), Source: of}
				layers, width, height := r.Wanted(key)
				w, h, wanted := wants(views, slots, self, key)
				if layers[0] != wanted || wanted && (width != w || height != h) {
					t.Fatalf("%v: wanted %v as %d×%d, want %v as %d×%d", key, layers[0], width, height, wanted, w, h)
				}
			}
		}
	})
}

// BenchmarkWanted asks what a hundred people, who show each other as far as
// views go, want of each of them: what a session asks whenever that may change.
func BenchmarkWanted(b *testing.B) {
	const people = 100
	r := router.New(router.Config{Self: peer(200), Seed: 1})
	slots := make([]router.Slot, 32)
	for i := range slots {
		slots[i].Media = router.Video
	}
	for n := range byte(people) {
		var views []protocol.View
		for i := range byte(protocol.MaxViews) {
			views = append(views, protocol.View{From: peer((n + 1 + i) % people), Source: protocol.SourceCamera, Width: 640, Height: 360})
		}
		r.AddReceiver(peer(n), slots, router.Everybody, &null{}).SetViews(second, views)
	}
	b.ReportAllocs()
	for b.Loop() {
		for n := range byte(people) {
			r.Wanted(cameraOf(n))
		}
	}
}
