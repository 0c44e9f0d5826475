package session

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// largest stands in a view for a picture that is wanted as large as there is.
const (
	largestWidth  = 3840
	largestHeight = 2160
)

// published tells whether a participant's presence says that a source is on. Of
// the sound of a screen presence says only that there is a screen.
func published(p protocol.Presence, source protocol.Source) bool {
	switch source {
	case protocol.SourceMic:
		return p.Mic
	case protocol.SourceCamera:
		return p.Camera
	case protocol.SourceScreen, protocol.SourceScreenAudio:
		return p.Screen
	default:
		return false
	}
}

// viewsOf is what to ask for of some participants, most important first: voices,
// then screens, then faces; what nobody shows at present comes last, and is the
// first to find no room in the message.
func viewsOf(of []protocol.Participant, want Want) []protocol.View {
	type ranked struct {
		view protocol.View
		rank int
	}
	var all []ranked
	for _, p := range of {
		for _, source := range protocol.Sources() {
			width, height, wanted := want(p, source)
			if !wanted {
				continue
			}
			v := protocol.View{From: p.ID, Source: source}
			if router.MediaOf(source) == router.Video {
				v.Width, v.Height = width, height
				if width <= 0 || height <= 0 {
					v.Width, v.Height = largestWidth, largestHeight
				}
				v.Width, v.Height = min(v.Width, maxPixels), min(v.Height, maxPixels)
			}
			rank := rankOf(source)
			if !published(p.Presence, source) {
				rank += ownLines
			}
			all = append(all, ranked{v, rank})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	all = all[:min(len(all), protocol.MaxViews)]
	views := make([]protocol.View, len(all))
	for i, r := range all {
		views[i] = r.view
	}
	return views
}

const maxPixels = 8192

func rankOf(source protocol.Source) int {
	switch source {
	case protocol.SourceMic:
		return 0
	case protocol.SourceScreenAudio:
		return 1
	case protocol.SourceScreen:
		return 2
	default:
		return 3
	}
}

// expectedOf is what of some views must flow before a link carries: what its
// owner's presence says is there, as far as there are slots for it. Of more
// voices than slots the silent ones flow in none.
func expectedOf(views []protocol.View, presence func(identity.PeerID) (protocol.Presence, bool), slots map[router.Media]int) []router.Key {
	var expected []router.Key
	count := map[router.Media]int{}
	for _, v := range views {
		p, here := presence(v.From)
		// Whether a screen has sound, presence does not tell.
		if !here || v.Source == protocol.SourceScreenAudio || !published(p, v.Source) {
			continue
		}
		media := router.MediaOf(v.Source)
		count[media]++
		if media == router.Video && count[media] > slots[media] {
			continue
		}
		expected = append(expected, router.Key{From: v.From, Source: v.Source})
	}
	if count[router.Audio] <= slots[router.Audio] {
		return expected
	}
	return slices.DeleteFunc(expected, func(k router.Key) bool { return router.MediaOf(k.Source) == router.Audio })
}
