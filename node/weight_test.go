package node

import (
	"math"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/node/router"
)

// Guards against a film that nobody gets, and whose publisher is told nothing; and
// against one that is accused for its key frames.
func TestHeavyPicturesAreTold(t *testing.T) {
	t.Parallel()
	const second, rate = 90_000, 30
	for name, c := range map[string]struct {
		codec      router.Codec
		frame, key int // bytes of a frame, and of one in thirty
		want       bool
	}{
		"a film":              {router.VP8, 8_000, 60_000, false},
		"large key frames":    {router.VP8, 20_000, 500_000, false},
		"a film too large":    {router.VP8, 50_000, 60_000, true},
		"sound is no picture": {router.Opus, 50_000, 50_000, false},
	} {
		var w weight
		told, clock := 0, uint32(math.MaxUint32-second)
		for i := range 30 * rate {
			size := c.frame
			if i%rate == 0 {
				size = c.key
			}
			if got := w.add(&router.Packet{Codec: c.codec, Time: clock, Payload: make([]byte, size)}); got != 0 {
				told++
				if want := (29*c.frame + c.key) * 8; got < want*9/10 || got > want*11/10 {
					t.Errorf("%s: %d bits per second, want about %d", name, got, want)
				}
			}
			clock += second / rate
		}
		if want := map[bool]int{true: 1}[c.want]; told != want {
			t.Errorf("%s: told %d times, want %d", name, told, want)
		}
	}
	if said := tooHeavy("film.webm", 12_340_000).Error(); !strings.Contains(said, "film.webm takes 12.3 Mbit/s") || !strings.Contains(said, "more than 10 ") {
		t.Error(said)
	}
}
