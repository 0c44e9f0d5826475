package router

import "time"

// How a path is followed. Percentages are of the estimate.
const (
	keepWithin  = 95 // what flows already may take this much
	raiseWithin = 80 // and with something larger this much
	leastOfLast = 30 // of its smallest layer, before the last picture goes as well

	holdRaise = int64(2 * time.Second) // after a fall
	holdDrop  = int64(4 * time.Second) // for a picture that was dropped

	firstProbe   = int64(4 * time.Second)
	longestProbe = int64(2 * time.Minute)
	probeTime    = int64(3 * time.Second)
	probeLoss    = 0.10                          // nothing is tried on a path that loses more
	worseLoss    = 0.08                          // more lost than before: the try has failed
	worseDelay   = int64(150 * time.Millisecond) // later than before: the same
	fallen       = 90                            // per cent of the estimate before: the same
)

const unlimited = 1 << 50

// A path is what is known of the way to a receiver.
//
// An estimate grows only a little beyond what is sent, so that a receiver that
// was moved down would stay there. Therefore a larger picture is tried after
// some time without trouble, each failure doubling that time. What a try has
// shown to be carried counts until there is trouble again.
type path struct {
	bps    int // 0 unknown
	rtt    int64
	loss   float64 // smoothed, 0…1
	peak   int     // the highest estimate since the last trouble
	proven int     // bits per second that a try has carried
	held   int64   // nothing larger until then

	try     *try
	tryAt   int64 // not before; 0 until something is missing
	tryWait int64
	tryFail bool
}

// A try is a picture made larger although the estimate does not allow it.
type try struct {
	key   Key
	rung  int
	until int64
	loss  float64
	rtt   int64
}

// estimate takes the congestion control's word, and tells whether to act at once.
func (p *path) estimate(at int64, bps int) (urgent bool) {
	before := p.bps
	p.bps = max(bps, 0)
	p.peak = max(p.peak, p.bps)
	if p.bps*100 < p.peak*fallen {
		p.trouble(at)
		p.peak = p.bps
	}
	return before == 0 || p.bps*100 < before*keepWithin || p.tryFail
}

// report takes what the receiver says, and tells whether to act at once.
func (p *path) report(at int64, lost uint8, rtt int64) (urgent bool) {
	loss := float64(lost) / 256
	if p.try != nil && (loss > p.try.loss+worseLoss || (rtt > 0 && p.try.rtt > 0 && rtt > p.try.rtt+worseDelay)) {
		p.trouble(at)
	}
	if p.proven > 0 && loss > p.loss+2*worseLoss {
		p.trouble(at)
	}
	p.loss += (loss - p.loss) / 4
	if rtt > 0 {
		if p.rtt == 0 {
			p.rtt = rtt
		}
		p.rtt += (rtt - p.rtt) / 4
	}
	return p.tryFail
}

// trouble ends a try and what it had proven.
func (p *path) trouble(at int64) {
	p.proven = 0
	if p.try == nil {
		return
	}
	p.try, p.tryFail = nil, true
	p.tryWait = min(2*max(p.tryWait, firstProbe), longestProbe)
	p.tryAt = at + p.tryWait
	p.held = max(p.held, at+holdRaise)
}

// carries is what may flow, in bits per second.
func (p *path) carries() int {
	if p.bps == 0 {
		return unlimited
	}
	return max(p.bps, p.proven)
}
