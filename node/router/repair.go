package router

import "time"

// Bounds of answering a receiver's NACKs.
const (
	// mostCredit is how many bytes a slot may be sent again in one go. A slot
	// earns three quarters of what it is sent, enough for a loss of 40 %.
	mostCredit  = 64 << 10
	firstCredit = 16 << 10

	mostRecent   = 32
	leastBetween = int64(15 * time.Millisecond)
)

// again is a packet that was sent again.
type again struct {
	seq uint16
	at  int64
}

// repair bounds what a slot is sent again: by bytes, and each packet once in
// most of a round trip, since a receiver asks several times for what is on its way.
type repair struct {
	spent  int // of mostCredit
	recent *[mostRecent]again
	next   int
}

func (r *repair) earn(bytes int) { r.spent = max(r.spent-bytes*3/4, firstCredit-mostCredit) }

// allow tells whether a packet may be sent again now.
func (r *repair) allow(at int64, seq uint16, bytes int, between int64) bool {
	if r.spent+bytes > firstCredit {
		return false
	}
	if r.recent == nil {
		r.recent = new([mostRecent]again)
	}
	for _, a := range r.recent {
		if a.at != 0 && a.seq == seq && at-a.at < between {
			return false
		}
	}
	r.recent[r.next%mostRecent] = again{seq: seq, at: at}
	r.next++
	r.spent += bytes
	return true
}

// Nack answers a receiver's request for packets of a slot from the source's
// cache. What is not there yet is sent when the source has sent it again; what
// is no longer there, or was of another source, is not.
func (rc *Receiver) Nack(at int64, slot int, seqs []uint16) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if slot < 0 || slot >= len(rc.slots) || rc.slots[slot].source == nil {
		return
	}
	s := &rc.slots[slot]
	src := s.source
	between := max(rc.path.rtt*3/4, leastBetween)
	src.mu.Lock()
	defer src.mu.Unlock()
	sent := false
	for _, seq := range seqs[:min(len(seqs), MaxNack)] {
		stint, number := s.stints.back(seq, s.newest)
		if stint == nil {
			continue
		}
		e := src.layers[stint.layer].cache.get(number)
		if e == nil || !s.repair.allow(at, seq, int(e.size), between) {
			continue
		}
		s.send(src, stint, e, true)
		s.retransmitted++
		src.counts.retransmitted++
		sent = true
	}
	if sent {
		s.down.Flush()
	}
}
