package link

import "time"

const (
	// restFor is how long a busy port is left alone after it was read empty. What
	// comes meanwhile is taken together: to be woken for each datagram of a hundred
	// links costs more than to read it.
	restFor = 2 * time.Millisecond
	// busyWakes within busyWithin make a port a busy one: less than rests let it have.
	busyWakes  = 8
	busyWithin = 40 * time.Millisecond
	// emptyAfter is how long a read takes at the least that had to wait.
	emptyAfter = 20 * time.Microsecond
)

// rests decides when the reader of a port rests, as a network card that is busy
// moderates its interrupts. Pure; times are of one clock.
type rests struct {
	wakes [busyWakes]time.Duration // a ring of when datagrams ended a wait
	next  int
}

// after takes in that a read began and ended, and returns how long to rest before
// the one after it. Nobody rests while something is there to be read.
func (r *rests) after(began, ended time.Duration) time.Duration {
	if ended-began < emptyAfter {
		return 0
	}
	oldest := r.wakes[r.next]
	r.wakes[r.next] = ended
	r.next = (r.next + 1) % busyWakes
	if oldest == 0 || ended-oldest > busyWithin {
		return 0
	}
	return restFor
}
