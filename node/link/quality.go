package link

import "time"

// A hidden page's timers fire once a second, a busy machine's later: less
// silence than a few of those means nothing.
const (
	poorAfter = 3 * time.Second
	lostAfter = 6 * time.Second
)

// signs are what a quality is judged by.
type signs struct {
	everConnected, iceConnected bool
	silent, rtt                 time.Duration // 0 when unknown
	lossMille                   int
}

func qualityOf(s signs) Quality {
	switch {
	case !s.everConnected:
		return Connecting
	case s.silent >= lostAfter:
		return Lost
	case !s.iceConnected, s.silent >= poorAfter, s.rtt > 500*time.Millisecond, s.lossMille > 80:
		return Poor
	case s.rtt > 200*time.Millisecond, s.lossMille > 20:
		return Fair
	default:
		return Good
	}
}
