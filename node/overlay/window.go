package overlay

import "github.com/parley-mesh/parley/pkg/protocol"

// window remembers which of an author's envelopes came: GossipSub forgets after
// two minutes, and an old envelope is as well signed as a new one.
type window struct {
	session int64 // the author's latest
	highest int64
	recent  uint64 // bit i: highest-i came
}

const windowSize = 64

// first tells whether an envelope comes for the first time. One that is older
// than the window, or of an earlier session, counts as known.
func (w *window) first(session, seq int64) bool {
	switch {
	case session < w.session:
		return false
	case session > w.session:
		*w = window{session: session, highest: seq, recent: 1}
		return true
	case seq > w.highest:
		if ahead := seq - w.highest; ahead < windowSize {
			w.recent <<= ahead
		} else {
			w.recent = 0
		}
		w.highest = seq
		w.recent |= 1
		return true
	}
	behind := w.highest - seq
	if behind >= windowSize || w.recent&(1<<behind) != 0 {
		return false
	}
	w.recent |= 1 << behind
	return true
}

// first notes an envelope.
func (t *Topic) first(e protocol.Envelope) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.authors[e.From]
	if w == nil {
		if len(t.authors) >= 2*protocol.MaxRoster {
			t.forgetLocked()
		}
		w = &window{}
		t.authors[e.From] = w
	}
	return w.first(e.Session, e.Seq)
}

// forgetLocked drops any one author: most of so many are gone.
func (t *Topic) forgetLocked() {
	for author := range t.authors {
		delete(t.authors, author)
		return
	}
}
