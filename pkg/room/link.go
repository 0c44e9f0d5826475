package room

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Shape is what a link was offered with, as this end sees it. It never changes
// while the link lives; a link of another shape is another link.
type Shape string

// The shapes. What one end has as ShapeSFU the other has as ShapeServe.
const (
	ShapeMesh  Shape = "mesh"  // either end sends its own sources
	ShapeSFU   Shape = "sfu"   // the peer can send everybody's
	ShapeServe Shape = "serve" // this end can send everybody's
)

// Purpose is what a link is for now.
type Purpose string

// The purposes.
const (
	PurposeMesh    Purpose = "mesh"    // the peer's own sources
	PurposeSFU     Purpose = "sfu"     // everybody's sources
	PurposeStandby Purpose = "standby" // warm: connected, nothing asked for
	PurposeServe   Purpose = "serve"   // the peer is a receiver of this SFU or standby
)

// Ref names a link: at most one of each shape with each session of a peer.
type Ref struct {
	Peer    identity.PeerID `json:"peer"`
	Session int64           `json:"session"` // the peer's
	Shape   Shape           `json:"shape"`
}

// Slots counts receive slots.
type Slots struct {
	Audio int `json:"audio"`
	Video int `json:"video"`
}

// StarSlots are the slots of a link to an SFU or a standby beyond the four of
// every link.
var StarSlots = Slots{Audio: 4, Video: 16}

// Link is one line of a plan.
type Link struct {
	Ref
	Purpose  Purpose
	Offer    bool  // this end offers: the one that is served; in a mesh the one with the higher session number
	Waits    bool  // not to be offered yet: self is new here and about to be told what is in force
	Extra    Slots // receive slots beyond those of a mesh, at the end that is served
	Draining bool  // wanted no longer, kept until its replacement carries
	Quiet    bool  // ask for nothing on it: tell the peer an empty view
}

// link is what is known of one link in the plan.
type link struct {
	session  int64
	shape    Shape
	purpose  Purpose
	up       bool
	ever     bool // was up before
	carrying bool
	asked    bool  // the peer asks for something
	quiet    bool  // nothing is asked for on it
	since    int64 // when it came up, went down, or was first wanted
	drain    int64 // when it stopped being wanted; 0 while it is
	ease     int64 // when it became the standby's and went on carrying; 0 when it does not
	rtt      int64 // smoothed, milliseconds; 0 before it was measured
}

func (m *member) linkAt(session int64, shape Shape) int {
	for i := range m.links {
		if m.links[i].session == session && m.links[i].shape == shape {
			return i
		}
	}
	return -1
}

// current returns the link of a shape with the peer's present session, or nil.
func (m *member) current(shape Shape) *link {
	if i := m.linkAt(m.Session, shape); i >= 0 {
		return &m.links[i]
	}
	return nil
}

func (l *link) alive() bool { return l != nil && l.up }

func (l *link) carries() bool { return l != nil && l.up && l.carrying }

// touch finds the link of an event and returns a copy that may be changed.
func (d *draft) touch(ref Ref) (*link, Reason) {
	if d.phase != inside {
		return nil, RefusedOutside
	}
	i := d.find(ref.Peer)
	if i < 0 {
		return nil, RefusedStranger
	}
	at := d.members[i].linkAt(ref.Session, ref.Shape)
	if at < 0 {
		return nil, RefusedNotWanted
	}
	return &d.edit(i).links[at], ""
}

func (e LinkUp) apply(d *draft) Reason {
	l, refused := d.touch(e.Link)
	switch {
	case refused != "":
		return refused
	case l.up:
		return RefusedKnown
	}
	l.up, l.ever, l.carrying, l.asked, l.since = true, true, false, true, d.now
	if d.force.By != "" && l.drain == 0 {
		d.act(Show{To: e.Link.Peer})
	}
	return ""
}

func (e LinkCarrying) apply(d *draft) Reason {
	l, refused := d.touch(e.Link)
	switch {
	case refused != "":
		return refused
	case l.carrying:
		return RefusedKnown
	case !l.up:
		return RefusedNotWanted
	}
	l.carrying = true
	return ""
}

func (e LinkDown) apply(d *draft) Reason {
	l, refused := d.touch(e.Link)
	switch {
	case refused != "":
		return refused
	case !l.up:
		return RefusedKnown
	}
	l.up, l.carrying, l.since = false, false, d.now
	d.reviewDoubts()
	return ""
}

func (e LinkAsked) apply(d *draft) Reason {
	l, refused := d.touch(e.Link)
	switch {
	case refused != "":
		return refused
	case !l.up:
		return RefusedNotWanted
	case l.asked == e.Asked:
		return RefusedKnown
	}
	l.asked = e.Asked
	return ""
}

func (e LinkMeasured) apply(d *draft) Reason {
	if e.Millis < 0 || e.Millis > maxMillis {
		return RefusedMalformed
	}
	l, refused := d.touch(e.Link)
	switch {
	case refused != "":
		return refused
	case !l.up:
		return RefusedNotWanted
	}
	if l.rtt == 0 {
		l.rtt = int64(e.Millis)
	} else {
		l.rtt = smooth(l.rtt, int64(e.Millis))
	}
	return ""
}

const maxMillis = 600_000

// heard is the last word of one SFU on whom it has.
type heard struct {
	via   identity.PeerID
	at    int64
	peers []identity.PeerID // sorted
}

func (e Heard) apply(d *draft) Reason {
	if d.phase != inside {
		return RefusedOutside
	}
	if len(e.Peers) > protocol.MaxRoster {
		return RefusedMalformed
	}
	i := d.find(e.Via)
	switch {
	case i < 0:
		return RefusedStranger
	case e.Via != d.arranged.SFU && e.Via != d.arranged.Standby,
		!d.members[i].current(ShapeSFU).alive():
		return RefusedNotWanted
	}
	said := heard{via: e.Via, at: d.now, peers: sorted(e.Peers)}
	kept := make([]heard, 0, 2)
	for _, h := range d.heard {
		if h.via != e.Via && (h.via == d.arranged.SFU || h.via == d.arranged.Standby) {
			kept = append(kept, h)
		}
	}
	d.heard = append(kept, said)
	d.reviewDoubts()
	return ""
}
