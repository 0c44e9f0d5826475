package router

import "time"

// How a path is followed. Percentages are of the estimate.
const (
	keepWithin  = 95  // what flows already may take this much
	raiseWithin = 80  // and with something larger this much
	sameWithin  = 125 // of what was sent, not of the estimate: layers' rates vary
	leastOfLast = 30  // of its smallest layer, before the last picture goes as well

	holdRaise = int64(2 * time.Second) // after a fall
	holdDrop  = int64(4 * time.Second) // for a picture that was dropped

	firstTry   = int64(4 * time.Second)
	longestTry = int64(2 * time.Minute)
	longestOut = int64(time.Minute)
	tryTime    = int64(3 * time.Second)
	tryLoss    = 0.10                          // a path that loses more is given less, and nothing is tried
	fewLoss    = 0.05                          // one that loses less than this is given more again
	leastRate  = 200_000                       // bits per second that loss alone leaves
	worseLoss  = 0.08                          // more lost than before is trouble
	worseDelay = int64(150 * time.Millisecond) // and so is a round trip so much longer
	lateFor    = int64(time.Second)            // that lasts: a busy machine is late once, and has not got less
	tryFactor  = 2                             // and an estimate so many times smaller than what flows
	tryWithin  = 150                           // of the estimate
)

// A path is what is known of the way to a receiver.
//
// An estimate is a guess at what was not sent: it grows slowly, and a key frame,
// which comes in a burst, makes it fall without need. Therefore what is sent
// more is watched for some time, and counts as carried, within bounds, while
// there is neither loss nor delay; and when the estimate does not allow more for
// long, more is tried. Each failure doubles the time until the next.
type path struct {
	bps    int // 0 unknown
	rtt    int64
	loss   float64  // smoothed, 0…1
	flows  int      // bits per second that were given last
	lossy  int      // what loss leaves, as far as the estimate does not know of it; 0 for all
	proven int      // bits per second that a try has carried
	calm   try      // what the path was like then
	late   lateness // than it was then, or when the try began
	youth  youth
	held   int64 // nothing larger until then

	try     *try
	tryAt   int64 // not before; 0 until something is missing
	tryWait int64
	urgent  bool
}

// A try is more than flowed before, being watched.
type try struct {
	sum   int // bits per second, all that flows
	bps   int // the estimate
	until int64
	loss  float64
	rtt   int64
}

// estimate takes the congestion control's word, 0 for no bound at all, and tells
// whether to act at once.
func (p *path) estimate(at int64, bps int) (urgent bool) {
	before := p.bps
	p.bps = max(bps, 0)
	if p.bps == 0 {
		p.lossy = 0
	}
	// An estimate that was as low when it was proven wrong is no news.
	falls := p.bps*100 < p.calm.bps*keepWithin
	p.calm.bps = max(p.calm.bps, p.bps)
	if p.try != nil && p.bps*tryFactor < p.try.sum || falls && p.bps*tryFactor < p.proven {
		p.trouble(at)
	}
	return before == 0 || p.bps*100 < before*keepWithin || p.urgent
}

// report takes what the receiver says, and tells whether to act at once.
func (p *path) report(at int64, loss float64, rtt int64) (urgent bool) {
	switch {
	case p.try != nil:
		if p.try.worse(loss) || p.late.lasts(at, rtt, p.try.rtt) {
			p.trouble(at)
		}
	case p.proven > 0:
		if p.calm.worse(loss-worseLoss) || p.late.lasts(at, rtt, p.calm.rtt) {
			p.trouble(at)
		}
	}
	if p.youth.hear(at, loss, rtt) {
		p.urgent = true
	}
	p.loss += (loss - p.loss) / 4
	if rtt > 0 {
		if p.rtt == 0 {
			p.rtt = rtt
		}
		p.rtt += (rtt - p.rtt) / 4
	}
	p.byLoss()
	return p.urgent
}

// byLoss gives a path that loses much less and less, as the loss-based half of
// congestion control does. The estimate need not have seen the loss: what was
// sent again in time has arrived.
func (p *path) byLoss() {
	switch {
	case p.loss > tryLoss:
		from := p.flows
		if p.lossy > 0 {
			from = min(from, p.lossy)
		}
		p.lossy = max(leastRate, int(float64(from)*(1-p.loss/2)))
		p.proven, p.urgent = 0, true
	case p.lossy > 0 && p.loss < fewLoss:
		if p.lossy += p.lossy / 20; p.lossy > 4*p.flows || (p.bps > 0 && p.lossy > p.bps) {
			p.lossy = 0
		}
	}
}

// known is what the path carries by estimate and loss, in bits per second; 0 unknown.
func (p *path) known() int {
	if p.lossy > 0 && (p.bps == 0 || p.lossy < p.bps) {
		return p.lossy
	}
	return p.bps
}

func (t *try) worse(loss float64) bool { return loss > t.loss+worseLoss }

// A lateness is since when round trips take much longer than they did; 0 while
// they do not. A page that has much to do answers late as well, and its path has
// not changed.
type lateness int64

// lasts takes a round trip, 0 for unknown, and tells whether it has been late for
// long. before is what it was.
func (l *lateness) lasts(at, rtt, before int64) bool {
	switch {
	case rtt <= 0 || before <= 0:
		return false
	case rtt <= before+worseDelay:
		*l = 0
		return false
	case *l == 0:
		*l = lateness(at)
	}
	return at-int64(*l) >= lateFor
}

// begin watches what flows from now on.
func (p *path) begin(at int64, sum int) {
	p.try, p.late = &try{sum: sum, until: at + tryTime, loss: p.loss, rtt: p.rtt}, 0
}

// end makes of a try what is proven.
func (p *path) end(at int64, sum int) {
	p.calm, p.try = *p.try, nil
	p.calm.bps = p.bps
	p.proven = max(p.proven, sum)
	p.tryWait = firstTry
	p.tryAt = at + p.tryWait
}

// trouble ends a try and what was proven.
func (p *path) trouble(at int64) {
	p.urgent = true
	p.proven, p.late = 0, 0
	if p.try == nil {
		return
	}
	p.try = nil
	p.tryWait = min(2*max(p.tryWait, firstTry), longestTry)
	p.tryAt = at + p.tryWait
	p.held = max(p.held, at+min(p.tryWait/2, longestOut))
}

// carries tells whether as much may flow on as flows.
func (p *path) carries(sum int) bool {
	return p.known() == 0 || sum*100 <= p.known()*keepWithin || sum*100 <= p.proven*sameWithin || p.tries(sum) || p.youth.pardons(sum)
}

// allows tells whether more may flow than does.
func (p *path) allows(sum int) bool {
	return p.known() == 0 || sum*100 <= p.known()*raiseWithin || p.tries(sum) || p.youth.pardons(sum)
}

func (p *path) tries(sum int) bool { return p.try != nil && sum*100 <= p.try.sum*sameWithin }
