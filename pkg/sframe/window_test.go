package sframe

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Guards the bitmap against its model, a set of everything taken: nothing twice,
// nothing too old, everything else.
func TestWindowIsASet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var w Window
		taken := map[uint64]bool{}
		highest := rapid.SampledFrom([]uint64{0, 5000, math.MaxUint64 - 3*WindowSize}).Draw(t, "from")
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			near := rapid.SampledFrom([]uint64{3, WindowSize + 2}).Draw(t, "near")
			ctr := rapid.Uint64Range(highest-min(highest, near), highest+min(near, math.MaxUint64-highest)).Draw(t, "ctr")
			want := !taken[ctr] && (len(taken) == 0 || ctr > highest || highest-ctr < WindowSize)
			if got := w.Fresh(ctr); got != want {
				t.Fatalf("Fresh(%d) is %v with %d as the highest, want %v", ctr, got, highest, want)
			}
			if rapid.IntRange(0, 3).Draw(t, "authentic") == 0 {
				continue // it did not open: the window must not have moved
			}
			w.Take(ctr)
			if want {
				taken[ctr] = true
			}
			if len(taken) == 1 && want {
				highest = ctr
			}
			highest = max(highest, ctr)
			if w.Fresh(ctr) {
				t.Fatalf("%d is fresh after it was taken", ctr)
			}
		}
	})
}

// Guards the edges that a random walk seldom steps on.
func TestWindowEdges(t *testing.T) {
	t.Parallel()
	var w Window
	if !w.Fresh(0) || !w.Fresh(math.MaxUint64) {
		t.Error("a new window has seen something")
	}
	w.Take(0)
	w.Take(WindowSize)
	if w.Fresh(0) || !w.Fresh(1) {
		t.Error("the window is not exactly as wide as it says")
	}
	w.Take(math.MaxUint64)
	if w.Fresh(math.MaxUint64) || w.Fresh(WindowSize) || !w.Fresh(math.MaxUint64-WindowSize+1) || w.Fresh(math.MaxUint64-WindowSize) {
		t.Error("a leap leaves old marks, or loses the new one")
	}
}
