package client

import "time"

const (
	firstDelay = 250 * time.Millisecond
	lastDelay  = 15 * time.Second

	// steadyAfter is how long a connection must have held for the next loss to
	// count as the first: a rendezvous that greets and hangs up is not pressed.
	steadyAfter = 10 * time.Second
)

// delay is how long to wait before the attempt-th try, counted from 0, with
// jitter in [0, 1): between half of a doubling time and all of it, so that a
// room full of clients does not come back in one instant.
func delay(attempt int, jitter float64) time.Duration {
	d := lastDelay
	if attempt < 6 { // 250 ms · 2^6 is over lastDelay
		d = firstDelay << attempt
	}
	return d/2 + time.Duration(jitter*float64(d/2))
}
