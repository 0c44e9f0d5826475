package session

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// links makes the links that exist match the plan. It belongs to the loop.
type links struct {
	loop     *loop
	plan     []room.Link
	ties     map[room.Ref]*tie
	failures map[room.Ref]int   // since the last one that opened
	pauses   map[room.Ref]int64 // when the next may be offered, milliseconds
}

func newLinks(l *loop) *links {
	return &links{
		loop: l, ties: make(map[room.Ref]*tie),
		failures: make(map[room.Ref]int), pauses: make(map[room.Ref]int64),
	}
}

// follow makes the links what a plan says.
func (x *links) follow(plan []room.Link) {
	x.plan = plan
	lines := make(map[room.Ref]room.Link, len(plan))
	for _, line := range plan {
		lines[line.Ref] = line
	}
	for ref, t := range x.ties {
		line, planned := lines[ref]
		switch {
		case !planned:
			x.drop(t, true)
		case line != t.line:
			x.repurpose(t, line)
		}
	}
	for ref := range x.failures {
		if _, planned := lines[ref]; !planned {
			x.forgive(ref)
		}
	}
	for _, line := range plan {
		x.offer(line)
	}
}

// repurpose takes in what changed about a link's line in the plan.
func (x *links) repurpose(t *tie, line room.Link) {
	// A standby's link that is on its way out has nothing to carry until then.
	again := t.line.Quiet && !line.Quiet && !line.Draining
	t.line = line
	if again {
		x.loop.core.forgetCarrying(line.Ref)
		t.asked = false
		x.loop.presume(t)
	}
	x.loop.ask(t)
}

// offer makes a link of the plan, where that is this end's part and nothing is
// there or about to be. One that drains was there, or is not worth making; one
// that waits may be so.
func (x *links) offer(line room.Link) {
	if !line.Offer || line.Waits || line.Draining || x.ties[line.Ref] != nil {
		return
	}
	if _, pausing := x.pauses[line.Ref]; pausing {
		return
	}
	x.make(line, newLinkID())
}

// make makes a link; one that cannot be made is tried again after a pause.
func (x *links) make(line room.Link, id string) *tie {
	l := x.loop
	t := &tie{line: line, party: party{line.Peer, line.Session}, id: id, passes: bucket{size: passBurst, rate: passRate}}
	if line.Offer && line.Shape == room.ShapeSFU {
		t.layers = l.outlet.layers()
	}
	t.port = newPort(t, ownLines+line.Extra.Audio+line.Extra.Video, l.router, l.nanos, l.inbox, l.keys.media.claims)
	cfg := link.Config{
		Transport: l.cfg.Transport, ID: id, Offer: line.Offer, Shape: line.Shape, Extra: line.Extra,
		Self: l.self, Session: l.number, Peer: line.Peer, PeerSession: line.Session,
		ICEServers: l.iceServers, Simulcast: t.layers, Events: linkEvents{t, l.inbox}, Media: t.port,
	}
	made, err := link.New(cfg)
	if err != nil {
		l.log.Warn("a link could not be made", "peer", line.Peer, "error", err)
		x.fail(line.Ref)
		return nil
	}
	t.link = made
	t.port.link.Store(made)
	x.ties[line.Ref] = t
	l.bring(t) // the other end may be ready to send before this one is
	l.tellLink(t)
	return t
}

// accept takes a signal of a participant's session about one of its links.
func (x *links) accept(from party, signal protocol.LinkSignal) {
	ends := endsOf(signal)
	if ends.To != x.loop.number {
		return
	}
	for _, t := range x.ties {
		if t.party == from && t.id == ends.Link {
			if _, closes := signal.(protocol.Close); closes {
				x.lose(t, false)
			} else {
				t.link.Accept(signal)
			}
			return
		}
	}
	switch signal := signal.(type) {
	case protocol.Offer:
		x.offered(from, signal)
	case protocol.Restart:
		for _, line := range x.plan {
			if line.Peer == from.id && line.Session == from.session {
				x.offer(line)
			}
		}
	}
}

// offered answers a link that the other end makes, be it in the place of one that
// it may have lost. What is not of this end's wanting is closed: the other must
// make another one, or none.
func (x *links) offered(from party, offer protocol.Offer) {
	i := slices.IndexFunc(x.plan, func(line room.Link) bool {
		return line.Peer == from.id && line.Session == from.session && !line.Offer && !line.Draining &&
			isStar(offer.SDP) == (line.Shape != room.ShapeMesh)
	})
	if i < 0 || offer.Generation > 0 {
		x.loop.post(from, protocol.Close{Ends: protocol.LinkEnds{Link: offer.Ends.Link, To: from.session}})
		return
	}
	line := x.plan[i]
	if before := x.ties[line.Ref]; before != nil {
		x.drop(before, false)
	}
	if t := x.make(line, offer.Ends.Link); t != nil {
		t.link.Accept(offer)
	}
}

// lose lets go of a link that is of no use any more. While it is planned, its
// offerer makes another one after a pause.
func (x *links) lose(t *tie, tell bool) {
	if x.ties[t.line.Ref] != t {
		return
	}
	x.fail(t.line.Ref)
	x.drop(t, tell)
}

func (x *links) fail(ref room.Ref) {
	x.failures[ref]++
	x.pauses[ref] = x.loop.millis() + backoff(x.failures[ref], chance())
}

func (x *links) forgive(ref room.Ref) {
	delete(x.failures, ref)
	delete(x.pauses, ref)
}

// due offers the links whose pause is over and returns when the next one is, or 0.
func (x *links) due(now int64) (next int64) {
	for ref, at := range x.pauses {
		if at > now {
			if next == 0 || at < next {
				next = at
			}
			continue
		}
		delete(x.pauses, ref)
		if i := slices.IndexFunc(x.plan, func(line room.Link) bool { return line.Ref == ref }); i >= 0 {
			x.offer(x.plan[i])
		}
	}
	return next
}

// drop ends a link. Its end takes a moment, for which the loop does not wait.
func (x *links) drop(t *tie, tell bool) {
	delete(x.ties, t.line.Ref)
	t.port.close()
	l := x.loop
	tell = tell && l.core.has(t.party)
	t.link.Close(tell)
	l.closing.Go(func() { <-t.link.Done() })
	l.core.linked(t.line.Ref, unborn)
	l.closed(t)
}

// close ends them all.
func (x *links) close(tell bool) {
	x.plan = nil
	for _, t := range x.ties {
		x.drop(t, tell)
	}
	clear(x.failures)
	clear(x.pauses)
}

// to returns the link to somebody's present session by which messages go, or nil.
func (x *links) to(id identity.PeerID) *tie {
	var best *tie
	for _, t := range x.ties {
		if t.line.Peer == id && t.up() && (best == nil || (best.line.Draining && !t.line.Draining)) {
			best = t
		}
	}
	return best
}

// each returns one link that is up for every peer, in no order.
func (x *links) each() map[identity.PeerID]*tie {
	best := make(map[identity.PeerID]*tie, len(x.ties))
	for _, t := range x.ties {
		if b := best[t.line.Peer]; t.up() && (b == nil || b.line.Draining) {
			best[t.line.Peer] = t
		}
	}
	return best
}

// isStar tells a star's offer from a mesh's by its media lines: a mesh has one
// for each source and the data channels'. Both can be planned with one peer for
// a moment, and the plans of two ends change one after the other.
func isStar(sdp string) bool {
	return strings.Count(sdp, "\nm=") > ownLines+1
}

func endsOf(signal protocol.LinkSignal) protocol.LinkEnds {
	switch s := signal.(type) {
	case protocol.Offer:
		return s.Ends
	case protocol.Answer:
		return s.Ends
	case protocol.Candidates:
		return s.Ends
	case protocol.Restart:
		return s.Ends
	case protocol.Close:
		return s.Ends
	default:
		return protocol.LinkEnds{}
	}
}

func newLinkID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(id[:])
}
