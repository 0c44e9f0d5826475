package link

import (
	"testing"
	"testing/synctest"
	"time"
)

// Guards against a link whose heart stands still because another one left, against
// hearts that beat for nobody, and against a half beat for who is not anxious.
func TestHeartsBeatForWhoIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all hearts
		const links = 2*heartLinks + 3
		var beats []<-chan int
		var leaves []func()
		for i := range links {
			beat, leave := all.join(func(half int) bool { return half%2 == 0 || i%2 == 0 })
			beats, leaves = append(beats, beat), append(leaves, leave)
		}
		count := func(from int) {
			t.Helper()
			for _, whole := range []bool{false, true} {
				time.Sleep(beatEvery / 2)
				synctest.Wait()
				for i, beat := range beats {
					got := len(beat) == 1
					if got && (<-beat%2 == 0) != whole {
						t.Errorf("link %d takes a beat for half of one, or the other way round", i)
					}
					if want := i >= from && (whole || i%2 == 0); got != want {
						t.Errorf("link %d, of those from %d on, whole %v: %v", i, from, whole, got)
					}
				}
			}
		}
		count(0)
		count(0)
		for _, leave := range leaves[:heartLinks+1] {
			leave()
		}
		count(heartLinks + 1)
		if len(all.beats) != 2 {
			t.Errorf("%d hearts beat for %d links", len(all.beats), links-heartLinks-1)
		}
		for _, leave := range leaves[heartLinks+1:] {
			leave()
		}
		if len(all.beats) != 0 {
			t.Errorf("%d hearts beat for nobody", len(all.beats))
		}
	})
}
