package node

import (
	"fmt"

	"github.com/parley-mesh/parley/node/router"
)

// weighedFor is how much of a picture's layer is weighed together, in its RTP
// clock: four seconds, so that no key frame makes it heavy.
const weighedFor = 4 * 90_000

// weight finds the pictures that no router forwards. Pure; the zero weight has
// seen nothing.
type weight struct {
	layers [router.MaxLayers]struct {
		begun bool
		since uint32 // RTP time
		bytes int
	}
	told bool
}

// add takes in a packet, and tells once how many bits per second are too many; 0:
// none are.
func (w *weight) add(p *router.Packet) int {
	if p.Codec.Media() == router.Audio || p.Layer < 0 || p.Layer >= len(w.layers) || w.told {
		return 0
	}
	l := &w.layers[p.Layer]
	if !l.begun {
		l.begun, l.since = true, p.Time
	}
	elapsed := p.Time - l.since // around the end of the clock, too
	if elapsed < weighedFor {
		l.bytes += len(p.Payload)
		return 0
	}
	rate := int(int64(l.bytes) * 8 * 90_000 / int64(elapsed))
	l.since, l.bytes = p.Time, len(p.Payload)
	if rate <= router.MostOf(router.Video) {
		return 0
	}
	w.told = true
	return rate
}

// tooHeavy says what is to be done about it.
func tooHeavy(name string, rate int) error {
	return fmt.Errorf("%s takes %.1f Mbit/s, and a picture of more than %d is not forwarded: publish a smaller one",
		name, float64(rate)/1e6, router.MostOf(router.Video)/1_000_000)
}
