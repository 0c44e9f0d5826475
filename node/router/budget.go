package router

import "slices"

// budgetLocked gives every picture the largest layer that it wants and that the
// path carries: first the smallest of each, then step by step, the most
// important first each time. What does not fit gets nothing. Who sends far more
// than a camera does is thought of when all others have theirs. reserved is what
// audio takes.
func (rc *Receiver) budgetLocked(at int64, asks []ask, reserved int) {
	p := &rc.path
	p.urgent = false
	p.grow(at, asks, reserved)
	sum, blocked := reserved, -1
	for _, late := range []bool{false, true} {
		for i := range asks {
			a := &asks[i]
			if late != (a.cost(0) > heavy) {
				continue
			}
			switch {
			case a.count == 0 || rc.fitsLocked(at, a, 0, sum+a.cost(0)):
				a.give = 0
			case !late && i == 0 && p.known() >= reserved+a.cost(0)*leastOfLast/100:
				a.give = 0
			default:
				if blocked < 0 && !late {
					blocked = i
				}
				continue
			}
			sum += a.cost(0)
		}
	}
	for rung := 1; rung < MaxLayers; rung++ {
		for i := range asks {
			a := &asks[i]
			if a.give != rung-1 || rung >= a.count {
				continue
			}
			more := max(a.cost(rung)-a.cost(rung-1), 0)
			if !rc.fitsLocked(at, a, rung, sum+more) {
				if blocked < 0 {
					blocked = i
				}
				continue
			}
			a.give = rung
			sum += more
		}
	}
	for i := range asks {
		rc.fellLocked(at, &asks[i])
	}
	rc.tryLocked(at, asks, blocked, sum)
}

// fitsLocked tells whether a picture may have a rung, when everything would then
// take sum bits per second.
func (rc *Receiver) fitsLocked(at int64, a *ask, rung, sum int) bool {
	p := &rc.path
	switch {
	case p.known() == 0:
		return true
	case rung <= a.now:
		return p.carries(sum)
	case rung == 0:
		return at >= rc.banned[a.source.key] && p.allows(sum)
	default:
		return at >= p.held && p.allows(sum)
	}
}

// fellLocked notes what the path has taken away, so that it does not come back
// at once.
func (rc *Receiver) fellLocked(at int64, a *ask) {
	if a.give >= a.now {
		return
	}
	rc.path.held = at + holdRaise
	if a.give < 0 {
		if rc.banned == nil {
			rc.banned = map[Key]int64{}
		}
		rc.banned[a.source.key] = at + holdDrop
	}
}

// tryLocked begins and ends tries; sum is what flows now.
func (rc *Receiver) tryLocked(at int64, asks []ask, blocked, sum int) {
	p := &rc.path
	p.flows = sum
	if p.known() == 0 {
		return
	}
	if p.try != nil {
		if at >= p.try.until {
			p.end(at, min(sum, p.try.sum))
		}
		return
	}
	if sum*tryFactor > p.known() && slices.ContainsFunc(asks, func(a ask) bool { return a.give > a.now }) {
		p.begin(at, sum)
		return
	}
	if blocked < 0 {
		p.tryAt = 0
		return
	}
	if p.tryAt == 0 {
		p.tryWait = firstTry
		p.tryAt = at + p.tryWait
	}
	a := &asks[blocked]
	more := max(a.cost(a.give+1)-a.cost(a.give), 0)
	if at < p.tryAt || at < p.held || p.loss > tryLoss || (sum+more)*100 > p.known()*tryWithin {
		return
	}
	a.give++
	p.flows += more
	p.begin(at, p.flows)
}
