package link

import (
	"testing"
	"testing/synctest"
	"time"
)

// Guards against a link whose heart stands still because another one left, and
// against hearts that beat for nobody.
func TestHeartsBeatForWhoIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var all hearts
		const links = 2*heartLinks + 3
		var beats []<-chan struct{}
		var leaves []func()
		for range links {
			beat, leave := all.join()
			beats, leaves = append(beats, beat), append(leaves, leave)
		}
		count := func(from int) {
			t.Helper()
			time.Sleep(beatEvery)
			synctest.Wait()
			for i, beat := range beats {
				got := len(beat) == 1
				if got {
					<-beat
				}
				if got != (i >= from) {
					t.Errorf("link %d, of those from %d on: %v", i, from, got)
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
