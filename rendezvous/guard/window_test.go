package guard

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// No period, wherever it begins, may hold more than N; and who waits as long as they are told gets in.
func TestWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := Rate{N: rapid.IntRange(1, 40).Draw(t, "n"), Per: rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(t, "per")}
		now := time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "start"), rapid.Int64Range(0, 999_999_999).Draw(t, "fraction"))
		var w window
		var allowed []time.Time
		for range rapid.IntRange(1, 300).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(rate.Per)/int64(rate.N)).Draw(t, "gap")))
			if w.count(now, rate.Per) < rate.N {
				w.add(now, rate.Per)
				allowed = append(allowed, now)
			} else if rapid.IntRange(0, 9).Draw(t, "patient") == 0 {
				wait := w.untilBelow(rate.N, now, rate.Per)
				if wait <= 0 || wait > rate.Per+rate.Per/slots {
					t.Fatalf("told to wait %v of %v", wait, rate.Per)
				}
				now = now.Add(wait)
				if w.count(now, rate.Per) >= rate.N {
					t.Fatalf("waited %v as told, and still too many", wait)
				}
			}
		}
		for i := range allowed {
			if i >= rate.N && allowed[i].Sub(allowed[i-rate.N]) < rate.Per {
				t.Fatalf("%d within %v, allowed are %v", rate.N+1, allowed[i].Sub(allowed[i-rate.N]), rate)
			}
		}
	})
}

// A clock that is set back must neither forgive nor lock for years.
func TestWindowClockSetBack(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	var w window
	w.add(now, time.Hour)
	if n := w.count(now.Add(-time.Minute), time.Hour); n != 1 {
		t.Errorf("a minute back: %d", n)
	}
	w.add(now.AddDate(10, 0, 0), time.Hour)
	if n := w.count(now, time.Hour); n != 0 {
		t.Errorf("ten years back: %d", n)
	}
}

func TestMeter(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	meter := Meter{rate: Rate{N: 3, Per: time.Second}}
	for i := range 5 {
		if got := meter.Allow(now); got != (i < 3) {
			t.Errorf("frame %d: %v", i+1, got)
		}
	}
	if !meter.Allow(now.Add(1100 * time.Millisecond)) {
		t.Error("a second later nothing is allowed")
	}
	off := Meter{rate: Rate{Off: true}}
	for range 1000 {
		if !off.Allow(now) {
			t.Fatal("a rate that is off refuses")
		}
	}
}

func TestTableForgetsTheOldest(t *testing.T) {
	t.Parallel()
	table := newTable[int](3, func(v *string) bool { return *v == "pinned" })
	*table.touch(1) = "pinned"
	*table.touch(2) = "two"
	*table.touch(3) = "three"
	table.touch(2)
	table.touch(4)
	for key, there := range map[int]bool{1: true, 2: true, 3: false, 4: true} {
		if (table.peek(key) != nil) != there {
			t.Errorf("%d is there: %v", key, !there)
		}
	}
	table.remove(1)
	table.remove(99)
	if table.peek(1) != nil || len(table.index) != 2 || table.order.Len() != 2 {
		t.Errorf("after a removal %d and %d are there", len(table.index), table.order.Len())
	}
}
