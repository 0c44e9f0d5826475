package room

import (
	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Reason is the stable word for why an input was refused or a directive held.
type Reason string

// The reasons. An input that was Held has changed the state; one refused has
// not.
const (
	RefusedClock      Reason = "clock"         // At is no time
	RefusedUnknown    Reason = "unknown-event" // not one of the events
	RefusedMalformed  Reason = "malformed"     // breaks the protocol's own bounds
	RefusedEnded      Reason = "ended"         // the stay is over
	RefusedOutside    Reason = "outside"       // before the welcome, or while waiting
	RefusedNotSelf    Reason = "not-self"      // a welcome for another identity or session
	RefusedSelf       Reason = "self"          // not said of oneself
	RefusedStranger   Reason = "stranger"      // not in the roster
	RefusedKnown      Reason = "known"         // nothing new
	RefusedRemoved    Reason = "removed"       // was removed from this room
	RefusedFull       Reason = "full"          // more than a roster holds
	RefusedNotWanted  Reason = "not-wanted"    // no such link in the plan
	RefusedStale      Reason = "stale"         // something as high or higher is in force
	RefusedTermJump   Reason = "term-jump"     // a term out of reach
	RefusedHelper     Reason = "helper"        // a helper has no say
	RefusedCandidate  Reason = "candidate"     // cannot be SFU or standby
	RefusedNotChair   Reason = "not-chair"     // only the acting host
	RefusedOverloaded Reason = "overloaded"    // too much is held already

	HeldNotChair   Reason = "not-chair-yet" // its author does not have the chair by this roster
	HeldContested  Reason = "contested"     // another says to have self's chair; self says its own again
	HeldUnknownSFU Reason = "sfu-not-yet"   // names an SFU that this roster does not have
)

// Outcome is what a step brought beside the state.
type Outcome struct {
	Refused Reason   `json:"refused,omitzero"`
	Held    Reason   `json:"held,omitzero"`
	Notices []Notice `json:"notices,omitempty"`
	Actions []Action `json:"actions,omitempty"`
}

// Notice is something a person or a log may want to know.
type Notice interface{ notice() }

// Entered tells that somebody is in the room.
type Entered struct {
	ID identity.PeerID `json:"id"`
}

// Gone tells that somebody is in it no longer.
type Gone struct {
	ID  identity.PeerID  `json:"id"`
	Why protocol.LeftWhy `json:"why"`
}

// Doubted tells that the rendezvous lost somebody who is still heard from.
type Doubted struct {
	ID identity.PeerID `json:"id"`
}

// Confirmed tells that the rendezvous has somebody back.
type Confirmed struct {
	ID identity.PeerID `json:"id"`
}

// Restarted tells that somebody came back with a new session, by a reload or
// from another place.
type Restarted struct {
	ID identity.PeerID `json:"id"`
}

// ChairMoved tells that another has the chair; To is "" when nobody can.
type ChairMoved struct {
	From identity.PeerID `json:"from"`
	To   identity.PeerID `json:"to"`
}

// Followed tells that a directive is in force, and who said it.
type Followed struct {
	By        identity.PeerID    `json:"by"`
	Directive protocol.Directive `json:"directive"`
}

// Switched tells that this participant now has everybody from another SFU than
// the directive's first choice (TakenOver), or from that one again.
type Switched struct {
	SFU       identity.PeerID `json:"sfu"`
	TakenOver bool            `json:"taken_over"`
}

func (Entered) notice()    {}
func (Gone) notice()       {}
func (Doubted) notice()    {}
func (Confirmed) notice()  {}
func (Restarted) notice()  {}
func (ChairMoved) notice() {}
func (Followed) notice()   {}
func (Switched) notice()   {}

// Action is something the session is to do.
type Action interface{ action() }

// Say asks for a directive of one's own to be signed and sent to everybody. It
// is in force here already. Figures are the election's, for the sentence that
// explains it.
type Say struct {
	Directive protocol.Directive `json:"directive"`
	Figures   elect.Figures      `json:"figures"`
}

// Show asks for the envelope of the directive in force to be sent to somebody
// who may not have it; to everybody when To is "".
type Show struct {
	To identity.PeerID `json:"to"`
}

// CallHelper asks for helpers to be called into the room through the
// rendezvous: nobody here can be the SFU, or its standby.
type CallHelper struct{}

func (Say) action()        {}
func (Show) action()       {}
func (CallHelper) action() {}
