package router

import "time"

// Bounds of asking upstream for what was lost.
const (
	mostMissing  = 256 // of one layer; a larger hole is not filled but jumped over
	mostAsks     = 16
	firstWait    = int64(100 * time.Millisecond) // between two asks, until the path is known
	shortestWait = int64(20 * time.Millisecond)
	longestWait  = int64(400 * time.Millisecond)
)

// A hole is one packet that others have overtaken.
type hole struct {
	number uint64
	seq    uint16
	asks   uint8
	since  int64
	next   int64 // to be asked again
}

// missing are a layer's holes, oldest first, and how long an ask takes to be
// answered.
type missing struct {
	holes []hole
	wait  int64
	kept  int64
	due   int64 // the earliest next
}

// open adds a hole that is asked for at once.
func (m *missing) open(number uint64, seq uint16, at int64) {
	m.holes = append(m.holes, hole{number: number, seq: seq, since: at, next: at})
	m.due = min(m.due, at)
}

// fill removes a hole and learns from it how long an answer takes. An answer to
// the second ask may be one to the first, so only an upper bound is learnt of it.
func (m *missing) fill(number uint64, at int64) bool {
	for i := range m.holes {
		h := &m.holes[i]
		if h.number != number {
			continue
		}
		took := at - h.since
		switch {
		case h.asks == 1:
			m.wait += (took - m.wait) / 4
		case h.asks > 1 && took > m.wait:
			m.wait += (took - m.wait) / 8
		}
		m.wait = min(max(m.wait, shortestWait), longestWait)
		m.holes = append(m.holes[:i], m.holes[i+1:]...)
		return true
	}
	return false
}

// ask tells which to ask for now, and how many it has given up.
func (m *missing) ask(at int64) (seqs []uint16, lost int) {
	if len(m.holes) == 0 || at < m.due {
		return nil, 0
	}
	still := m.holes[:0]
	m.due = at + longestWait
	for _, h := range m.holes {
		if at-h.since > m.kept || h.asks >= mostAsks {
			lost++
			continue
		}
		if at >= h.next {
			seqs = append(seqs, h.seq)
			h.asks++
			h.next = at + min(m.wait*3/2<<(h.asks-1), longestWait)
		}
		m.due = min(m.due, h.next)
		still = append(still, h)
	}
	m.holes = still
	return seqs, lost
}
