package e2ee

import (
	"bytes"
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Times of epochs, in milliseconds.
const (
	// EpochFor is how long the acting host leaves one in force.
	EpochFor = 15 * 60_000

	settleFor = 250           // a change is used for sending when everybody has had time to hear of it
	lingerFor = 10_000        // what was sealed before a change is still on its way this long
	aheadMost = 24 * 3600_000 // a number further ahead of the clock is nobody's clock: it uses up no others
)

const (
	maxHeld   = 8
	maxErased = 256 // IDs of erased epochs that are not taken again
)

// Ring holds the epochs of a meeting and says which of them is in use for
// sending: the acting host's newest as this client sees the chair, else the
// newest of all. Times are milliseconds since 1970. It belongs to one goroutine.
type Ring struct {
	meeting  meeting.ID
	held     []*held
	chair    identity.PeerID
	used     *held
	next     *held // used, or what will be
	switchAt int64 // when next is used; 0 for not
	highest  int64 // number
	erased   [][epochIDSize]byte
}

type held struct {
	*Epoch
	since int64
	idle  int64 // since when it is neither in use nor next
}

// NewRing returns the ring of a meeting, which holds nothing yet: nothing can be
// sent.
func NewRing(m meeting.ID) *Ring { return &Ring{meeting: m} }

// Begin begins an epoch of this client's own, which has the chair. key is 32
// random bytes that are used for nothing else; session and seq are those of the
// statement's envelope. The epoch's grant is for every accepted session but
// helpers.
func (r *Ring) Begin(now int64, key [keySize]byte, who *identity.Identity, session, seq int64, entry meeting.Entry) *Epoch {
	e := newEpoch(r.meeting, max(now, r.highest+1), key, who, session, seq, entry)
	r.highest = e.Number
	r.hold(now, e)
	return e
}

// Take takes the epoch of a grant, and returns the same one when it is held
// already. member tells which session, by its number, is or was an accepted
// member's in this stay, and no helper's. It fails with [ErrEpoch], and with
// [ErrNoEpoch] for one that was erased here, or that was stated in no session
// that was ever in the room as this client knows it.
func (r *Ring) Take(now int64, g protocol.Grant, member func(id identity.PeerID, session int64) bool) (*Epoch, error) {
	e, err := openGrant(r.meeting, g)
	if err != nil {
		return nil, err
	}
	if !member(e.By, g.Envelope.Session) {
		e.erase()
		return nil, ErrNoEpoch // a newcomer may hear of one whose author has just left
	}
	if before := r.Find(e.ID); before != nil {
		e.erase()
		return before, nil
	}
	if slices.Contains(r.erased, e.ID) {
		e.erase()
		return nil, ErrNoEpoch
	}
	r.hold(now, e)
	return e, nil
}

// SetChair tells who has the chair in this client's view; "" for nobody.
func (r *Ring) SetChair(now int64, id identity.PeerID) {
	r.Tick(now)
	r.chair = id
	r.choose(now)
}

// Due tells whether self, which has the chair, must begin an epoch: it has none
// of its own, or one that is in force for [EpochFor]. After somebody was removed
// it must in any case.
func (r *Ring) Due(now int64, self identity.PeerID) bool {
	own := r.newest(self)
	return own == nil || now-own.since >= EpochFor
}

// InUse is what to seal with now; nil before there is any.
func (r *Ring) InUse(now int64) *Epoch {
	r.Tick(now)
	if r.used == nil {
		return nil
	}
	return r.used.Epoch
}

// Newest is what is in use, or is about to be; nil before there is any.
func (r *Ring) Newest() *Epoch {
	if r.next == nil {
		return nil
	}
	return r.next.Epoch
}

// Current is what a newcomer gets: what is in use, and what is about to be.
func (r *Ring) Current(now int64) []*Epoch {
	var list []*Epoch
	for _, e := range []*Epoch{r.InUse(now), r.Newest()} {
		if e != nil && !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}

// Held is every epoch that opens anything, at most eight, in the order in which
// they came.
func (r *Ring) Held() []*Epoch {
	list := make([]*Epoch, len(r.held))
	for i, h := range r.held {
		list[i] = h.Epoch
	}
	return list
}

// Find is the held epoch of an ID, or nil.
func (r *Ring) Find(id [epochIDSize]byte) *Epoch {
	for _, h := range r.held {
		if h.ID == id {
			return h.Epoch
		}
	}
	return nil
}

// Deadline is when Tick has something to do, or 0 for never.
func (r *Ring) Deadline() int64 {
	at := r.switchAt
	for _, h := range r.held {
		if end := h.idle + lingerFor; r.isIdle(h) && (at == 0 || end < at) {
			at = end
		}
	}
	return at
}

// Tick changes what is in use, and erases what has not been for long enough.
func (r *Ring) Tick(now int64) {
	if r.switchAt != 0 && now >= r.switchAt {
		r.change(r.switchAt)
	}
	for _, h := range slices.Clone(r.held) {
		if r.isIdle(h) && now-h.idle >= lingerFor {
			r.erase(h)
		}
	}
}

func (r *Ring) hold(now int64, e *Epoch) {
	r.Tick(now)
	if e.Number <= now+aheadMost {
		r.highest = max(r.highest, e.Number)
	}
	r.held = append(r.held, &held{Epoch: e, since: now, idle: now})
	r.choose(now)
	if len(r.held) <= maxHeld {
		return
	}
	var lowest *held
	for _, h := range r.held {
		if r.isIdle(h) && (lowest == nil || newer(lowest, h)) {
			lowest = h
		}
	}
	r.erase(lowest) // there is one: at most two are not idle
}

func (r *Ring) choose(now int64) {
	best := r.newest(r.chair)
	if best == nil || r.chair == "" {
		best = r.newest("")
	}
	if best == r.next {
		return
	}
	if r.next != r.used {
		r.next.idle = now
	}
	r.next = best
	switch {
	case best == r.used:
		r.switchAt = 0
	case r.used == nil:
		r.change(now)
	default:
		r.switchAt = now + settleFor
	}
}

func (r *Ring) change(at int64) {
	if r.used != nil {
		r.used.idle = at
	}
	r.used, r.switchAt = r.next, 0
}

// newest is the newest epoch by somebody; by anybody for "".
func (r *Ring) newest(by identity.PeerID) *held {
	var best *held
	for _, h := range r.held {
		if (by == "" || h.By == by) && (best == nil || newer(h, best)) {
			best = h
		}
	}
	return best
}

// newer orders epochs the same everywhere, whichever came first.
func newer(a, b *held) bool {
	if a.Number != b.Number {
		return a.Number > b.Number
	}
	return bytes.Compare(a.Commit[:], b.Commit[:]) > 0
}

func (r *Ring) isIdle(h *held) bool { return h != r.used && h != r.next }

func (r *Ring) erase(h *held) {
	h.erase()
	r.held = slices.DeleteFunc(r.held, func(other *held) bool { return other == h })
	r.erased = append(r.erased, h.ID)
	r.erased = r.erased[max(0, len(r.erased)-maxErased):]
}
