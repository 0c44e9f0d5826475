package router

import "time"

const (
	// youthTime is how long pictures have flowed before the estimate alone may
	// take them away.
	youthTime = int64(3 * time.Second)
	// unprobed is what a path that has carried nothing yet is trusted with for
	// the smallest layers, in bits per second.
	unprobed = 3_000_000
)

// A youth is the time in which a path's estimate says nothing of what the path
// carries: what hardly anything was sent over has an estimate of a few packets,
// which the first burst makes fall and which rises slowly. The smallest layer of
// what is shown flows in spite of it. What the receiver says of loss is believed at
// once, and of delay when it lasts, and ends the youth; when it has said nothing bad
// until the end, what flowed counts as carried.
type youth struct {
	until int64 // 0 before the first picture
	over  bool
	told  bool     // the receiver has reported
	rtt   int64    // the first that it reported
	late  lateness // than that
	sum   int      // bits per second that may flow
}

// grow gives a young path its smallest layers, as many as it is trusted with, and
// the first at any rate; or ends its youth.
func (p *path) grow(at int64, asks []ask, reserved int) {
	y := &p.youth
	if y.over || p.known() == 0 {
		return
	}
	y.sum = 0
	for i := range asks {
		a := &asks[i]
		if a.count == 0 {
			continue
		}
		if sum := reserved + a.cost(0); y.sum == 0 || sum <= unprobed {
			y.sum, reserved = sum, sum
		}
	}
	switch {
	case y.until == 0 && y.sum > 0:
		y.until, y.over = at+youthTime, p.lossy > 0
	case y.until != 0 && at >= y.until:
		y.over = true
		if y.told && p.flows > 0 {
			p.proven = max(p.proven, min(p.flows, y.sum))
			p.calm = try{bps: p.bps, loss: p.loss, rtt: p.rtt}
		}
	}
}

// hear takes a report on a young path, and tells whether it ends the youth.
func (y *youth) hear(at int64, loss float64, rtt int64) (trouble bool) {
	if y.over || y.until == 0 {
		return false
	}
	y.told = true
	if y.rtt == 0 {
		y.rtt = rtt
	}
	var calm try
	y.over = calm.worse(loss) || y.late.lasts(at, rtt, y.rtt)
	return y.over
}

// pardons tells whether as much may flow whatever the estimate says.
func (y *youth) pardons(sum int) bool { return !y.over && sum <= y.sum }
