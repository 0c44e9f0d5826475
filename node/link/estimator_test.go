package link

import (
	"testing"
	"time"
)

// bottleneck is a path that carries so many bits a second, with a queue before
// it. It gives when a packet arrives, or that it is lost.
type bottleneck struct {
	rate  float64
	queue time.Duration // longest
	free  time.Duration
}

func (b *bottleneck) carry(at time.Duration, size int) (time.Duration, bool) {
	start := max(at, b.free)
	if start-at > b.queue {
		return 0, false
	}
	b.free = start + time.Duration(float64(size*8)/b.rate*float64(time.Second))
	return b.free + 20*time.Millisecond, true
}

// drive sends at what wanted gives for the estimate, over the path, for so long.
func drive(e *estimator, path *bottleneck, begin, length time.Duration, wanted func(rate int) int) (rate int) {
	const size = 1200
	rate = int(min(e.rate, e.lossRate))
	next := begin
	for now := begin; now < begin+length; now += 100 * time.Millisecond {
		for next < now+100*time.Millisecond {
			if arrived, ok := path.carry(next, size); ok {
				e.acknowledge(next, arrived, size)
			} else {
				e.lose(next, size)
			}
			next += time.Duration(float64(size*8) / float64(wanted(rate)) * float64(time.Second))
		}
		rate = e.conclude(now+140*time.Millisecond, 50*time.Millisecond)
	}
	return rate
}

func all(rate int) int { return rate }

// The estimate finds what a path carries, whatever that is, and stays about there.
func TestEstimateFindsThePath(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{400_000, 1_000_000, 5_000_000, 20_000_000} {
		e := newEstimator()
		path := &bottleneck{rate: rate, queue: 300 * time.Millisecond}
		drive(&e, path, 0, 20*time.Second, all)
		low, high := maxRate, 0
		for i := range 20 {
			got := drive(&e, path, 20*time.Second+time.Duration(i)*time.Second, time.Second, all)
			low, high = min(low, got), max(high, got)
		}
		if float64(low) < 0.5*rate || float64(high) > 1.4*rate {
			t.Errorf("a path of %.0f is taken for %d to %d", rate, low, high)
		}
	}
}

// A path that narrows is felt within a second or two, and forgotten when it is
// wide again.
func TestEstimateFollowsThePath(t *testing.T) {
	t.Parallel()
	e := newEstimator()
	path := &bottleneck{rate: 5_000_000, queue: 300 * time.Millisecond}
	drive(&e, path, 0, 20*time.Second, all)
	path.rate = 1_000_000
	if got := drive(&e, path, 20*time.Second, 3*time.Second, all); got > 1_300_000 {
		t.Errorf("three seconds after it narrowed, it is taken for %d", got)
	}
	path.rate = 5_000_000
	if got := drive(&e, path, 23*time.Second, 40*time.Second, all); got < 2_500_000 {
		t.Errorf("long after it is wide again, it is taken for %d", got)
	}
}

// A sender that has little to send must not be taken for a path that carries
// little: a larger picture could never be tried.
func TestEstimateLeavesRoomToTry(t *testing.T) {
	t.Parallel()
	e := newEstimator()
	path := &bottleneck{rate: 20_000_000, queue: 300 * time.Millisecond}
	got := drive(&e, path, 0, 20*time.Second, func(int) int { return 150_000 })
	if got < 1_000_000 || got > 3_000_000 {
		t.Errorf("with 150 kbit/s sent it is %d", got)
	}
}

// Guards the hot path: an estimator is fed by every feedback packet of every link.
func TestEstimatorDoesNotAllocate(t *testing.T) {
	e := newEstimator()
	now := time.Duration(0)
	if n := testing.AllocsPerRun(1000, func() {
		now += 5 * time.Millisecond
		e.acknowledge(now, now+20*time.Millisecond, 1200)
		e.conclude(now, 40*time.Millisecond)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
