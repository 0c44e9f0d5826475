package link

import "time"

// When a link offers, answers, restarts its ICE or is beyond repair: a pure
// state machine. The offerer alone offers, with a generation that rises with
// each ICE restart; the other end asks for one. The Link does what it says.

const (
	// grace is how long ICE may be disconnected before it is restarted: a
	// short dropout heals by itself.
	grace = 2 * time.Second
	// retryAfter is the time from one restart to the next, doubling.
	retryAfter = 3 * time.Second
	// maxAttempts is after how many restarts in vain a link is made anew.
	maxAttempts = 4
	// openWithin is how long the first connection may take before it counts
	// as broken.
	openWithin = 15 * time.Second
)

// never is a time that does not come.
const never = time.Duration(-1)

// negotiation is the state of one end. Times are since the link was made.
type negotiation struct {
	offerer    bool
	generation int64         // of the last offer made or taken; −1 before the first
	pending    bool          // an offer of ours without its answer
	connected  bool          // ICE has been connected in this or an earlier generation
	offeredAt  time.Duration // the last offer made
	mending    bool          // took an offer while broken, and has not been connected since
	brokenAt   time.Duration
	attempts   int // restarts made or asked for since it broke
	deadline   time.Duration
}

// action is what is to be done.
type action uint8

const (
	doNothing action = iota
	doOffer          // with the state's generation
	doAnswer
	doTake // the answer, or the candidates, that came in
	doAsk
	doRemake
)

func (a action) String() string {
	switch a {
	case doOffer:
		return "offer"
	case doAnswer:
		return "answer"
	case doTake:
		return "take"
	case doAsk:
		return "ask"
	case doRemake:
		return "remake"
	default:
		return "nothing"
	}
}

// iceState is what the machine tells apart in the state of ICE.
type iceState uint8

const (
	iceOther iceState = iota // new, checking, closed
	iceConnected
	iceDisconnected
	iceFailed
)

func begin(offerer bool, now time.Duration) negotiation {
	return negotiation{offerer: offerer, generation: -1, offeredAt: now, brokenAt: never, deadline: now + openWithin}
}

// open has the offerer make its first offer.
func (n *negotiation) open() action {
	if n.generation >= 0 {
		return doNothing
	}
	return n.offer()
}

// offered takes in an offer of the peer. A repeated or late one of an earlier
// generation says nothing new.
func (n *negotiation) offered(generation int64) action {
	if n.offerer || generation <= n.generation {
		return doNothing
	}
	n.generation = generation
	n.mending = !n.well()
	return doAnswer
}

func (n *negotiation) answered(generation int64) action {
	if !n.pending || generation != n.generation {
		return doNothing
	}
	n.pending = false
	return doTake
}

// candidates tells whether candidates of a generation are to be taken: in their
// generation alone, and not before its answer.
func (n *negotiation) candidates(generation int64) action {
	if n.pending || generation != n.generation {
		return doNothing
	}
	return doTake
}

// asked: the other end asks for a restart. Both ends notice a broken path at the
// same time: a request that comes soon after an offer is about what that offer
// mends. Only if this end has been connected since, the path may have changed
// again, which is mended once the offer has had its time.
func (n *negotiation) asked(now time.Duration) action {
	if !n.offerer {
		return doNothing
	}
	until := n.offeredAt + retryAfter
	if !n.pending && now >= until {
		return n.repair(now)
	}
	if n.deadline == never {
		n.deadline = until
	}
	return doNothing
}

func (n *negotiation) ice(state iceState, now time.Duration) action {
	switch state {
	case iceConnected:
		n.connected, n.mending, n.brokenAt, n.attempts, n.deadline = true, false, never, 0, never
	case iceDisconnected:
		if n.brokenAt == never {
			n.brokenAt = now
			if n.deadline == never || n.deadline > now+grace {
				n.deadline = now + grace
			}
		}
	case iceFailed:
		if n.attempts == 0 {
			return n.repair(now)
		}
	}
	return doNothing
}

// doubt: this machine's network changed.
func (n *negotiation) doubt(now time.Duration) action {
	if !n.well() {
		return doNothing
	}
	return n.repair(now)
}

func (n *negotiation) well() bool { return n.connected && n.brokenAt == never }

func (n *negotiation) tick(now time.Duration) action {
	if n.deadline == never || now < n.deadline {
		return doNothing
	}
	return n.repair(now)
}

// repair is one restart, or the end of trying.
func (n *negotiation) repair(now time.Duration) action {
	if n.brokenAt == never {
		n.brokenAt = now
	}
	if n.attempts >= maxAttempts {
		if n.offerer {
			n.deadline = never
			return doRemake
		}
		// The answerer waits for the offerer to see the same and make a new link.
		n.deadline = now + retryAfter<<maxAttempts
		return doAsk
	}
	n.deadline = now + retryAfter<<n.attempts
	n.attempts++
	if n.offerer {
		n.offeredAt = now
		return n.offer()
	}
	if n.mending {
		// What it would ask for is here already, and has its time.
		n.mending = false
		return doNothing
	}
	return doAsk
}

// offer is the offerer's alone to do.
func (n *negotiation) offer() action {
	if !n.offerer {
		return doNothing
	}
	n.generation++
	n.pending = true
	return doOffer
}
