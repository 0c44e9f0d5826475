package roomtest

import (
	"flag"
	"os"
	"testing"
)

var (
	seed  = flag.Uint64("seed", 0, "replay one seed with a readable trace")
	seeds = flag.Int("seeds", 0, "how many seeds to run; 0 for the default")
)

const (
	allSeeds   = 10_000
	shortSeeds = 300
)

// TestInvariants guards everything that checks.go says of rooms in trouble. To
// replay a failure: go test ./pkg/room/roomtest -run Invariants -seed N -v
func TestInvariants(t *testing.T) {
	if *seed != 0 {
		r := Run(Options{Seed: *seed, Trace: Text{To: os.Stdout}})
		t.Logf("seed %d: %d participants, %d steps, hash %x", *seed, r.Members, r.Steps, r.Hash)
		for _, f := range r.Failures {
			t.Error(f)
		}
		return
	}
	count := *seeds
	if count == 0 {
		count = allSeeds
		if testing.Short() || raced {
			count = shortSeeds
		}
	}
	steps, large, failed := 0, 0, 0
	for s := 1; s <= count; s++ {
		r := Run(Options{Seed: uint64(s)})
		steps += r.Steps
		if r.Members >= 200 {
			large++
		}
		for _, f := range r.Failures {
			t.Error(f)
		}
		if len(r.Failures) > 0 {
			if failed++; failed >= 5 {
				t.Fatalf("stopped after %d of %d seeds", s, count)
			}
		}
	}
	t.Logf("%d seeds, %d of them with 200 participants, %d steps", count, large, steps)
}
