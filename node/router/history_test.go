package router

import (
	"testing"

	"pgregory.net/rapid"
)

// Guards against a picture that jumps back after its source was forgotten: the
// history never allows a key frame that is older than what was shown, and it
// refuses no other of the sources that were shown last.
func TestHistoryForgetsNothingThatMatters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type place struct {
			source uint64
			layer  int8
		}
		const sources = mostRemembered + 2
		h := newHistory()
		shown, arrival := map[place]uint64{}, map[place]map[uint64]int64{}
		var order []uint64 // of the sources, the last one shown at the end
		number, at := uint64(1), int64(-1000)
		for range rapid.IntRange(1, 40).Draw(t, "stints") {
			p := place{rapid.Uint64Range(1, sources).Draw(t, "source"), int8(rapid.IntRange(0, MaxLayers-1).Draw(t, "layer"))}
			number, at = number+rapid.Uint64Range(1, 5).Draw(t, "frames"), at+rapid.Int64Range(1, 100).Draw(t, "time")
			if arrival[p] == nil {
				arrival[p] = map[uint64]int64{}
			}
			arrival[p][number] = at
			h.note(p.source, p.layer, number, at)
			shown[p] = number
			for i, source := range order {
				if source == p.source {
					order = append(order[:i:i], order[i+1:]...)
					break
				}
			}
			order = append(order, p.source)
			for p, times := range arrival {
				for key, keyAt := range times {
					passed, older := h.passed(p.source, p.layer, key, keyAt), key < shown[p]
					if older && !passed {
						t.Fatalf("frame %d of %v may be shown after %d", key, p, shown[p])
					}
					if !older && passed && len(order) <= mostRemembered {
						t.Fatalf("frame %d of %v may not be shown, and %d was the last", key, p, shown[p])
					}
				}
			}
			if h.passed(p.source, p.layer, number+1, at+1) || h.passed(sources+1, 0, 1, at+1) {
				t.Fatal("what is newer than everything may not be shown")
			}
		}
	})
}
