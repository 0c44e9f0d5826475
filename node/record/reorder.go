package record

import "time"

const (
	// reorderSpan is how many packets may wait for a missing one, and
	// reorderWait how long: a retransmission needs a round trip or two.
	reorderSpan = 256
	reorderWait = int64(250 * time.Millisecond)
	// reorderReset is a step in sequence numbers that is a new count, not a loss.
	reorderReset = 2048
)

// reorder hands a source's packets on in the order of their numbers, once.
type reorder struct {
	begun   bool
	next    uint16
	waiting map[uint16]arrived
	since   int64 // arrival of the first that waits
}

// arrived is a packet with its time of arrival, in nanoseconds.
type arrived struct {
	Packet
	at int64
}

// add takes a packet and calls out for each whose turn has come; lost says that
// some before it are missing for good.
func (r *reorder) add(p arrived, out func(p arrived, lost bool)) {
	if !r.begun {
		r.begun, r.next = true, p.Seq
		r.waiting = make(map[uint16]arrived)
	}
	ahead := int(int16(p.Seq - r.next))
	switch {
	case ahead >= reorderReset || ahead <= -reorderReset:
		r.flush(out)
		r.next, ahead = p.Seq, 0
	case ahead < 0:
		return // there already, or given up
	}
	if ahead > 0 {
		if len(r.waiting) == 0 {
			r.since = p.at
		}
		r.waiting[p.Seq] = p
		if ahead >= reorderSpan {
			r.skip(out)
		}
		return
	}
	out(p, false)
	r.next++
	r.release(out)
}

// expire gives up what did not come in time; now is on the packets' clock.
func (r *reorder) expire(now int64, out func(p arrived, lost bool)) {
	for len(r.waiting) > 0 && now-r.since > reorderWait {
		r.skip(out)
	}
}

// flush hands on whatever waits.
func (r *reorder) flush(out func(p arrived, lost bool)) {
	for len(r.waiting) > 0 {
		r.skip(out)
	}
}

// skip goes on behind the missing packets. Something waits.
func (r *reorder) skip(out func(p arrived, lost bool)) {
	for {
		p, ok := r.waiting[r.next]
		if ok {
			delete(r.waiting, r.next)
			r.next++
			out(p, true)
			break
		}
		r.next++
	}
	r.release(out)
}

// release hands on what follows without a gap.
func (r *reorder) release(out func(p arrived, lost bool)) {
	for {
		p, ok := r.waiting[r.next]
		if !ok {
			break
		}
		delete(r.waiting, r.next)
		r.next++
		out(p, false)
	}
	if len(r.waiting) == 0 {
		return
	}
	first := true
	for _, p := range r.waiting {
		if first || p.at < r.since {
			r.since, first = p.at, false
		}
	}
}
