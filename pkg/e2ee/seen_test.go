package e2ee

import (
	"math"
	"testing"

	"github.com/parley-mesh/parley/pkg/sframe"
	"pgregory.net/rapid"
)

// Guards the rule for what may be shown against its words: once on a line, no
// more than the window below the line's newest, 4096 below the newest of all
// lines, and 256 when it is the first on its line.
func TestSeenIsWhatTheRuleSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const lines = 3
		o := &origin{}
		var seen [lines]seen
		var taken [lines]map[uint64]bool
		var newest [lines]uint64
		for i := range seen {
			seen[i], taken[i] = newSeen(), map[uint64]bool{}
		}
		start := rapid.SampledFrom([]uint64{0, 1 << 40, math.MaxUint64 - 3*horizon}).Draw(t, "from")
		top, begun := start, false
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			i := rapid.IntRange(0, lines-1).Draw(t, "line")
			near := rapid.SampledFrom([]uint64{2, firstHorizon + 1, sframe.WindowSize + 1, horizon + 1}).Draw(t, "near")
			ctr := rapid.Uint64Range(top-min(top, near), top+min(near, math.MaxUint64-1-top)).Draw(t, "counter")
			below := uint64(0)
			if begun && top > ctr {
				below = top - ctr
			}
			want := below <= firstHorizon
			if len(taken[i]) > 0 {
				want = below <= horizon && !taken[i][ctr] && (ctr > newest[i] || newest[i]-ctr < sframe.WindowSize)
			}
			if got := seen[i].fresh(o, ctr); got != want {
				t.Fatalf("line %d: %d is fresh: %v, want %v, with %d as the newest there and %d of all", i, ctr, got, want, newest[i], top)
			}
			if !want || rapid.IntRange(0, 3).Draw(t, "authentic") == 0 {
				continue // it did not open: nothing must have moved
			}
			seen[i].take(o, ctr)
			taken[i][ctr] = true
			newest[i] = max(newest[i], ctr)
			if !begun {
				top = ctr
			}
			top, begun = max(top, ctr), true
		}
	})
}

// Guards a node's memory: a line remembers a number of origins, and forgets the
// oldest of them first.
func TestSeenForgetsTheOldest(t *testing.T) {
	t.Parallel()
	seen := newSeen()
	var origins []*origin
	for range maxWindows + 1 {
		o := &origin{}
		o.key.Store(new(sframe.Key))
		seen.take(o, 7)
		origins = append(origins, o)
	}
	if len(seen.windows) != maxWindows || len(seen.order) != maxWindows {
		t.Errorf("%d windows, %d in order", len(seen.windows), len(seen.order))
	}
	if !seen.fresh(origins[0], 7) || seen.fresh(origins[1], 7) || seen.fresh(origins[maxWindows], 7) {
		t.Error("not the oldest was forgotten")
	}
	origins[5].key.Store(nil)
	seen.prune()
	if len(seen.windows) != maxWindows-1 || seen.fresh(origins[6], 7) {
		t.Errorf("%d windows when one origin is gone", len(seen.windows))
	}
}
