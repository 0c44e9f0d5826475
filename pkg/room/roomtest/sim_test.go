package roomtest

import (
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
)

// TestMain trades memory for time: a run makes many short-lived values.
func TestMain(m *testing.M) {
	flag.Parse()
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}

var (
	seed  = flag.Uint64("seed", 0, "replay one seed with a readable trace")
	seeds = flag.Int("seeds", 0, "how many seeds to run; 0 for the default")
	from  = flag.Int64("from", 1, "the first seed to run")
)

const (
	allSeeds   = 10_000
	shortSeeds = 100 // with the race detector, or -short
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
	var next, steps, large, failed atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(count) || failed.Load() >= 5 {
					return
				}
				r := Run(Options{Seed: uint64(*from + i - 1)})
				steps.Add(int64(r.Steps))
				if r.Members >= 200 {
					large.Add(1)
				}
				for _, f := range r.Failures {
					t.Error(f)
				}
				if len(r.Failures) > 0 {
					failed.Add(1)
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d seeds, %d of them with 200 participants, %d steps", min(next.Load(), int64(count)), large.Load(), steps.Load())
}

// TestDeterminism guards replay: a seed that does not decide everything, such
// as by a map's order, would make a failure one that nobody sees again.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	for s := uint64(1); s <= 25; s++ {
		if a, b := Run(Options{Seed: s}), Run(Options{Seed: s}); a.Hash != b.Hash || a.Steps != b.Steps {
			t.Errorf("seed %d ran twice and came to %x and %x", s, a.Hash, b.Hash)
		}
	}
}
