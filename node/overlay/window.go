package overlay

import (
	"golang.org/x/time/rate"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// How much anybody may say: a chat line now and then, a directive, an advert a
// second. A node may speak for browsers as well.
const (
	authorRate, authorBurst       = 20, 200
	publisherRate, publisherBurst = 400, 2000
	maxAuthors                    = 2 * protocol.MaxRoster // remembered
)

// window remembers which of an author's envelopes came: GossipSub forgets after
// two minutes, and an old envelope is as well signed as a new one.
type window struct {
	session int64 // the author's latest
	highest int64
	recent  uint64 // bit i: highest-i came
	rate    *rate.Limiter
}

const windowSize = 64

// first tells whether an envelope comes for the first time. One that is older
// than the window, or of an earlier session, counts as known.
func (w *window) first(session, seq int64) bool {
	switch {
	case session < w.session:
		return false
	case session > w.session:
		w.session, w.highest, w.recent = session, seq, 1
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

// first notes an envelope. It is false as well for an author who says too much.
func (t *Topic) first(e protocol.Envelope) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.authors[e.From]
	if w == nil {
		dropOne(t.authors)
		w = &window{rate: rate.NewLimiter(authorRate, authorBurst)}
		t.authors[e.From] = w
	}
	return w.rate.Allow() && w.first(e.Session, e.Seq)
}

// mayPublish counts what a node brings, its own or another's, before more is
// spent on it.
func (t *Topic) mayPublish(id identity.PeerID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	limit := t.publishers[id]
	if limit == nil {
		dropOne(t.publishers)
		limit = rate.NewLimiter(publisherRate, publisherBurst)
		t.publishers[id] = limit
	}
	return limit.Allow()
}

// dropOne makes room: of so many, most are gone from the room.
func dropOne[V any](m map[identity.PeerID]V) {
	if len(m) < maxAuthors {
		return
	}
	for id := range m {
		delete(m, id)
		return
	}
}
