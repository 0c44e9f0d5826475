package record

import "time"

const (
	// clockWindow is how long the earliest arrival counts: paths and clocks drift.
	clockWindow = 5 * time.Second
	// clockSlew is the part of the passing time by which times may be corrected:
	// nobody hears or sees a hundredth.
	clockSlew = 100
	// clockJump is how far timestamps and arrivals may part before the sender is
	// taken to have begun a new count.
	clockJump = 2 * time.Second
)

// clock turns one source's RTP timestamps into the recording's time. A network
// delays packets and never hastens them, so the earliest arrivals of the last
// seconds say best where the sender's clock stands; sound and picture of a person
// come over one path and so meet again. Silence and switched-off cameras stay as
// gaps, because timestamps go on meanwhile (RFC 3550 section 5.1).
type clock struct {
	rate   int64 // ticks a second
	begun  bool
	stamp  uint32 // the last, of which ticks is the unwrapped form
	ticks  int64
	offset time.Duration // from the sender's time to the recording's
	last   int64         // arrival of the last packet

	// The earliest arrival of the present and of the last half window.
	earliest, before time.Duration
	turn             int64 // when the present one began
}

// time returns the recording's time of a packet. at is its arrival, in
// nanoseconds that never fall.
func (c *clock) time(stamp uint32, at int64) time.Duration {
	if !c.begun {
		c.begun = true
		c.stamp, c.last = stamp, at
		c.restart(at)
		return c.sender() + c.offset
	}
	c.ticks += int64(int32(stamp - c.stamp))
	c.stamp = stamp
	elapsed := time.Duration(max(0, at-c.last))
	c.last = max(c.last, at)
	seen := time.Duration(at) - c.sender()
	if (seen - c.offset).Abs() > clockJump {
		c.restart(at)
		return c.sender() + c.offset
	}
	c.observe(seen, at)
	wanted := min(c.earliest, c.before)
	step := elapsed / clockSlew
	c.offset += min(max(wanted-c.offset, -step), step)
	return c.sender() + c.offset
}

// sender is the time of the last timestamp by its own count.
func (c *clock) sender() time.Duration {
	return time.Duration(c.ticks/c.rate)*time.Second + time.Duration(c.ticks%c.rate)*time.Second/time.Duration(c.rate)
}

func (c *clock) restart(at int64) {
	c.offset = time.Duration(at) - c.sender()
	c.earliest, c.before, c.turn = c.offset, c.offset, at
}

func (c *clock) observe(seen time.Duration, at int64) {
	if time.Duration(at-c.turn) > clockWindow/2 {
		c.before, c.earliest, c.turn = c.earliest, seen, at
	}
	c.earliest = min(c.earliest, seen)
}
