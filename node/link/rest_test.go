package link

import (
	"testing"
	"time"
)

// Guards against a port that rests while there is something to read, or when it
// has little to do, where every rest would only delay a packet.
func TestOnlyABusyPortRests(t *testing.T) {
	t.Parallel()
	const quick = time.Microsecond
	for name, c := range map[string]struct {
		every, reading time.Duration // how often something comes, how long a read takes
		want           bool
	}{
		"two links":                       {10 * time.Millisecond, 9 * time.Millisecond, false},
		"a hundred links":                 {300 * time.Microsecond, 200 * time.Microsecond, true},
		"a burst that is there":           {quick, quick, false},
		"just busy":                       {busyWithin / busyWakes, time.Millisecond, true},
		"one datagram more than a moment": {busyWithin/busyWakes + 10*time.Microsecond, time.Millisecond, false},
	} {
		var r rests
		now, rested := time.Second, time.Duration(0)
		for range 4 * busyWakes {
			now += c.every
			rested = r.after(now-c.reading, now)
		}
		if got := rested == restFor; got != c.want {
			t.Errorf("%s: rests %v, %v", name, rested, got)
		}
	}
}

// Guards against a port that rests before it has proven to be busy.
func TestAPortDoesNotRestAtOnce(t *testing.T) {
	t.Parallel()
	var r rests
	for i := range busyWakes {
		now := time.Duration(i+1) * time.Millisecond
		if got := r.after(now-time.Millisecond, now); got != 0 {
			t.Errorf("after %d: %v", i+1, got)
		}
	}
}
