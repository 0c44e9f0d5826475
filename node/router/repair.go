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

	asked, askedBefore uint32 // packets that were sent again, and how many at the last report
	sentBefore         uint32 // of the slot's packets, at the last report
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
	first := true
	for _, a := range r.recent {
		if a.at != 0 && a.seq == seq {
			first = false
			if at-a.at < between {
				return false
			}
		}
	}
	if first {
		r.asked++
	}
	r.recent[r.next%mostRecent] = again{seq: seq, at: at}
	r.next++
	r.spent += bytes
	return true
}

// repaired tells what fraction of the slot's packets was sent again since the
// last time. The lock of the slot's owner is held.
func (s *slot) repaired() float64 {
	if src := s.source; src != nil {
		src.mu.Lock()
		defer src.mu.Unlock()
	}
	r := &s.repair
	sent, asked := s.packets-r.sentBefore, r.asked-r.askedBefore
	r.sentBefore, r.askedBefore = s.packets, r.asked
	if sent == 0 {
		return 0
	}
	return min(float64(asked)/float64(sent), 1)
}

// superseded tells whether a stint's packets are of use no longer: the path had
// no room for them, and the key frame of a smaller layer has taken their place.
func (s *slot) superseded(of *stint) bool {
	return s.now != none && of.layer > s.now
}

// Nack answers a receiver's request for packets of a slot from the source's
// cache. What is not there yet is sent when the source has sent it again; what
// is no longer there, was of another source, or of a larger layer that a key
// frame has followed, is not.
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
		stint, number := s.stints.back(src.id, seq)
		if stint == nil || s.superseded(stint) {
			continue
		}
		e := src.layers[stint.layer].cache.get(number)
		if e == nil || !s.repair.allow(at, seq, int(e.size), between) {
			continue
		}
		s.send(src, stint, e, true)
		s.retransmitted++
		src.counts.Retransmitted++
		sent = true
	}
	if sent {
		s.down.Flush()
	}
}
