package router

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// A wish is a view that may be shown. A receiver's are sorted by what they name:
// whoever sends is asked for what anybody wishes, and in a large room that is as
// many questions as there are people, for each of them as many receivers, and
// with each of these as many views.
type wish struct {
	view  uint8 // its place among the views
	ahead uint8 // views of its kind that are to have a slot before it
}

func keyOf(view protocol.View) Key { return Key{view.From, view.Source} }

func (k Key) compare(to Key) int {
	return cmp.Or(cmp.Compare(k.From, to.From), cmp.Compare(k.Source, to.Source))
}

// ownViews are what a mesh link shows that has not asked yet: everything.
func ownViews(self identity.PeerID) []protocol.View {
	views := make([]protocol.View, 0, 4)
	for _, source := range protocol.Sources() {
		views = append(views, protocol.View{From: self, Source: source})
	}
	return views
}

// setViewsLocked takes views, of which there are MaxViews at most.
func (rc *Receiver) setViewsLocked(views []protocol.View) {
	rc.views, rc.wishes = views, make([]wish, 0, len(views))
	var ahead [Video + 1]uint8
	for i, view := range views {
		key := keyOf(view)
		if !rc.may(key) {
			continue
		}
		media := MediaOf(view.Source)
		rc.wishes = append(rc.wishes, wish{view: uint8(i), ahead: ahead[media]})
		if rc.pin(key, media) < 0 {
			ahead[media]++
		}
	}
	// Of two views of one source the first counts.
	slices.SortStableFunc(rc.wishes, func(a, b wish) int { return keyOf(views[a.view]).compare(keyOf(views[b.view])) })
}

// wants tells whether a source is among the views that there are slots for, and
// how large.
func (rc *Receiver) wants(key Key) (width, height int, wants bool) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.closed {
		return 0, 0, false
	}
	at, found := slices.BinarySearchFunc(rc.wishes, key, func(w wish, key Key) int {
		return keyOf(rc.views[w.view]).compare(key)
	})
	if !found {
		return 0, 0, false
	}
	wish, media := rc.wishes[at], MediaOf(key.Source)
	view, room := rc.views[wish.view], rc.room[media]
	// All audio is wanted: how loud it is tells who gets a slot.
	wants = int(wish.ahead) < room || media == Audio && room > 0 || rc.pin(key, media) >= 0
	return view.Width, view.Height, wants
}
