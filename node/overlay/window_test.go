package overlay

import (
	"testing"

	"pgregory.net/rapid"
)

// Guards against an envelope that is taken twice, whatever the order it comes in;
// and against losing what comes a little late.
func TestWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var w window
		type key struct{ session, seq int64 }
		seen := make(map[key]bool)
		var latest key
		for range rapid.IntRange(1, 300).Draw(t, "envelopes") {
			k := key{rapid.Int64Range(1, 3).Draw(t, "session"), rapid.Int64Range(1, 200).Draw(t, "seq")}
			got := w.first(k.session, k.seq)
			near := k.session > latest.session || k.session == latest.session && k.seq > latest.seq-windowSize
			if want := near && !seen[k]; got != want {
				t.Fatalf("%+v after %+v: taken %v, want %v", k, latest, got, want)
			}
			seen[k] = true
			if k.session > latest.session || k.session == latest.session && k.seq > latest.seq {
				latest = k
			}
		}
	})
}
