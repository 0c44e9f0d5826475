package link

import (
	"testing"
	"time"
)

// Guards against a path that loses a third of everything and is told to be a
// good one, because what is lost is sent again; and against a packet that was
// only overtaken and counts as lost.
func TestWhatIsSentAgainWasLost(t *testing.T) {
	t.Parallel()
	for name, arrives := range map[string][]uint16{
		"lost for good": {0, 3, 2, 5},
		"repaired":      {0, 3, 2, 5, 1, 4},
	} {
		r := reception{clock: 48_000}
		for i := range uint16(500) {
			group := 64_998 + 6*i // past the last number that there is
			for n, at := range arrives {
				if n == 4 {
					r.asked.ask(group + 1)
					r.asked.ask(group + 4)
				}
				r.add(group+at, 0, time.Second)
			}
		}
		if expected, received := r.recent(); expected != 3000 || received != 2000 {
			t.Errorf("%s: %d of %d", name, received, expected)
		}
		if expected, received := r.recent(); expected != 0 || received != 0 {
			t.Errorf("%s, later: %d of %d", name, received, expected)
		}
	}
}
