package router

import (
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Receiver is one peer that is sent to.
type Receiver struct {
	router *Router
	id     identity.PeerID
	scope  Scope
	down   Downstream
	room   [Video + 1]int // slots of a kind that carry anything

	mu      sync.Mutex
	closed  bool
	slots   []slot
	views   []protocol.View
	wishes  []wish // among them
	path    path
	banned  map[Key]int64 // pictures dropped for want of bandwidth, and until when
	crowded bool          // more audio is asked for than there are slots
	due     int64         // to be looked at again
	video   []ask         // scratch
	audio   []ask         // scratch
	flows   []Flow        // scratch
	told    []Flow
	telling bool
}

// AddReceiver adds a receiver with a fixed number of slots.
func (r *Router) AddReceiver(id identity.PeerID, slots []Slot, only Scope, down Downstream) *Receiver {
	slots = slots[:min(len(slots), mostSlots)]
	rc := &Receiver{router: r, id: id, scope: only, down: down, slots: make([]slot, len(slots))}
	r.mu.Lock()
	r.lastID++
	random := rand.New(rand.NewPCG(r.config.Seed, r.lastID))
	for i := range rc.slots {
		rc.slots[i].init(slots[i], i, random)
		rc.slots[i].down = down
		if slots[i].Pinned == "" {
			rc.room[slots[i].Media]++
		}
	}
	if only == OwnSources {
		rc.setViewsLocked(ownViews(r.config.Self))
	}
	r.receivers = with(r.receivers, rc)
	r.mu.Unlock()
	r.revision.Add(1)
	r.allocate(rc, r.clock.Load())
	return rc
}

// init gives a slot the numbers that it begins with. Sequence numbers begin in
// the lower half, so that a loss at the beginning does not look like a wrap
// (RFC 3711 section 3.3.1).
func (s *slot) init(of Slot, number int, random *rand.Rand) {
	s.Slot, s.number = of, number
	s.history = newHistory()
	s.now, s.next = none, none
	s.seq = uint16(random.Uint32() >> 17)
	s.time = random.Uint32()
	s.picture = uint16(random.Uint32() >> 17)
	s.tl0 = uint8(random.Uint32() >> 24)
}

// SetViews takes what the receiver shows, most important first.
func (rc *Receiver) SetViews(at int64, views []protocol.View) {
	rc.mu.Lock()
	rc.setViewsLocked(slices.Clone(views[:min(len(views), protocol.MaxViews)]))
	clear(rc.banned)
	rc.mu.Unlock()
	rc.router.see(at)
	rc.router.revision.Add(1)
	rc.router.allocate(rc, at)
}

// SetBandwidth takes the estimate of what the path to the receiver carries, in
// bits per second. Before the first, or with 0, it is taken for unlimited.
func (rc *Receiver) SetBandwidth(at int64, bps int) {
	rc.mu.Lock()
	urgent := rc.path.estimate(at, bps)
	rc.mu.Unlock()
	if urgent {
		rc.router.allocate(rc, at)
	}
}

// Reception takes a receiver report (RFC 3550 section 6.4.2): the fraction lost
// in 256ths, and the round trip in nanoseconds, 0 when not known. What was sent
// again counts as lost as well: by the time of the report it has arrived.
func (rc *Receiver) Reception(at int64, slot int, lost uint8, rtt int64) {
	loss := float64(lost) / 256
	rc.mu.Lock()
	if slot >= 0 && slot < len(rc.slots) {
		loss = max(loss, rc.slots[slot].repaired())
	}
	urgent := rc.path.report(at, loss, rtt)
	rc.mu.Unlock()
	if urgent {
		rc.router.allocate(rc, at)
	}
}

// Close removes the receiver. Nothing is written to it when Close has returned.
// A second Close is harmless.
func (rc *Receiver) Close() {
	r := rc.router
	r.mu.Lock()
	r.receivers = without(r.receivers, rc)
	r.mu.Unlock()
	rc.mu.Lock()
	rc.closed = true
	for i := range rc.slots {
		rc.slots[i].detach()
	}
	rc.mu.Unlock()
	r.revision.Add(1)
}

// tell says what flows, with no lock held, in order and until it is true.
func (rc *Receiver) tell() {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.telling {
		return
	}
	rc.telling = true
	for !rc.closed {
		rc.flows = rc.flowsLocked(rc.flows[:0])
		if slices.Equal(rc.flows, rc.told) {
			break
		}
		rc.told = slices.Clone(rc.flows)
		flows := slices.Clone(rc.flows)
		rc.mu.Unlock()
		rc.down.Slots(flows)
		rc.mu.Lock()
	}
	rc.telling = false
}

func (rc *Receiver) flowsLocked(flows []Flow) []Flow {
	for i := range rc.slots {
		if src := rc.slots[i].source; src != nil {
			flows = append(flows, Flow{Slot: i, Key: src.key})
		}
	}
	return flows
}
