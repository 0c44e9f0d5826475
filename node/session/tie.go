package session

import (
	"slices"
	"sync/atomic"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// tie is a link of the plan and what belongs to it. But for the two fields that
// carry word of the link's health, it belongs to the loop.
type tie struct {
	line   room.Link
	party  party
	id     string
	layers [ownLines]int // in which each of self's own sources goes out
	link   *link.Link
	port   *port

	opened   bool
	openedAt int64
	welcomed bool // it is asked for what is wanted of it alone
	vitals   link.Vitals

	asks    []protocol.View // what self last asked for on it
	asked   bool            // self has asked
	askedAt int64           // since when the present demand stands
	told    bool            // the peer has said what flows since
	flows   []protocol.Slot // the peer's last word on that

	presumed int64 // until when it is sent everything before it asks; 0 for not

	leaves bool // something that flows no longer is still kept

	views  []protocol.View // what the peer shows
	viewed bool            // the peer has said so
	slots  []protocol.Slot // what the peer was last told that flows

	history int // lines of before that the peer was asked for and may still tell

	heard     []identity.PeerID // what the peer was last told of whom self has, sorted
	heardAt   int64
	viewedAt  int64             // when the peer last said what it shows
	carriedAt int64             // when it last began to carry
	says      []identity.PeerID // whom the peer, an SFU, says to have
	heart     heart             // of an SFU or a standby
	passes    bucket            // boxes that the peer may have passed on
	state     LinkCondition     // the last that the owner was told

	latest atomic.Pointer[link.Vitals]
	posted atomic.Bool
}

// up tells whether control messages go out.
func (t *tie) up() bool { return t.opened && t.vitals.Up && t.heart.stoppedAt == 0 }

// serves tells whether self sends everybody's sources on it.
func (t *tie) serves() bool { return t.line.Shape == room.ShapeServe }

// condition is the one word for how the link is.
func (t *tie) condition() LinkCondition {
	switch {
	case t.up():
		return LinkUp
	case t.opened:
		return LinkDown
	default:
		return LinkConnecting
	}
}

// brings is what the peer's lines bring, as far as it has said so: by line, with
// the peer's own word only about the peer, unless it is an SFU. Before its first
// word a mesh link is taken to bring each source on its line, and a link that is
// served what the peer's presence says.
func (t *tie) brings(presence func(identity.PeerID) (protocol.Presence, bool)) map[int]router.Key {
	lines := map[int]router.Key{}
	if t.link == nil {
		return lines
	}
	if t.flows == nil {
		p, here := presence(t.party.id)
		for i, source := range protocol.Sources() {
			if t.line.Shape == room.ShapeMesh || (t.serves() && here && published(p, source) && source != protocol.SourceScreenAudio) {
				lines[i] = router.Key{From: t.party.id, Source: source}
			}
		}
		return lines
	}
	taken := map[router.Key]bool{}
	for _, s := range t.flows {
		i := slices.IndexFunc(t.link.Lines(), func(l link.Line) bool { return l.Mid == s.Mid })
		key := router.Key{From: s.From, Source: s.Source}
		_, here := presence(s.From)
		switch {
		case i < 0 || !here || taken[key],
			!t.link.Lines()[i].Receive || t.link.Lines()[i].Media != router.MediaOf(s.Source),
			t.line.Shape != room.ShapeSFU && s.From != t.party.id:
			continue
		}
		taken[key] = true
		lines[i] = key
	}
	return lines
}

// bring makes the router's sources what the lines bring. An SFU that is silent
// brings nothing: what comes from elsewhere is the newer word.
func (t *tie) bring(now int64, presence func(identity.PeerID) (protocol.Presence, bool)) {
	t.leaves = false
	var lines map[int]router.Key
	if t.line.Shape != room.ShapeSFU || t.up() {
		lines = t.brings(presence)
	}
	for i := range t.port.intakes {
		if _, flows := lines[i]; t.port.stays(i, flows, now) {
			t.leaves = true
			continue
		}
		t.port.bring(i, lines[i])
	}
}

// linkEvents brings what a link tells into the loop.
type linkEvents struct {
	tie   *tie
	inbox *inbox
}

func (e linkEvents) Signal(_ *link.Link, s protocol.LinkSignal) {
	e.inbox.post(signalled{e.tie, s}, e.tie)
}

func (e linkEvents) Opened(*link.Link) { e.inbox.post(opened{e.tie}, e.tie) }

func (e linkEvents) Control(_ *link.Link, m protocol.ControlMessage) {
	e.inbox.post(controlled{e.tie, m}, e.tie)
}

// Vitals keeps the newest only: the loop looks when it comes to it.
func (e linkEvents) Vitals(_ *link.Link, v link.Vitals) {
	e.tie.latest.Store(&v)
	if !e.tie.posted.Swap(true) {
		e.inbox.post(measured{e.tie}, e.tie)
	}
}

func (e linkEvents) Broken(*link.Link) { e.inbox.post(broke{e.tie}, e.tie) }
