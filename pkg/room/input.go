package room

import (
	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Input is something that happened, and when.
type Input struct {
	At    int64 `json:"at"` // milliseconds, from 1
	Event Event `json:"event"`
}

// Event is what happened: one of the structs of this file.
type Event interface{ apply(d *draft) Reason }

// Policy is what of the meeting's policy the room looks at.
type Policy struct {
	MeshMax int `json:"mesh_max"`
}

// Welcome is the rendezvous' answer to a hello. With Resumed the roster goes on
// as it was and Roster is not looked at; with Waiting nobody is in yet.
type Welcome struct {
	Self    protocol.Participant   `json:"self"`
	Roster  []protocol.Participant `json:"roster"` // self included
	Policy  Policy                 `json:"policy"`
	Resumed bool                   `json:"resumed,omitzero"`
	Waiting bool                   `json:"waiting,omitzero"`
}

// Joined tells of a new participant.
type Joined struct {
	Participant protocol.Participant `json:"participant"`
}

// Left tells that a participant is gone.
type Left struct {
	ID  identity.PeerID  `json:"id"`
	Why protocol.LeftWhy `json:"why"`
}

// Updated replaces a participant's entry.
type Updated struct {
	Participant protocol.Participant `json:"participant"`
}

// PolicyChanged replaces the policy.
type PolicyChanged struct {
	Policy Policy `json:"policy"`
}

// Said brings a directive from an envelope that From signed.
type Said struct {
	From      identity.PeerID    `json:"from"`
	Directive protocol.Directive `json:"directive"`
}

// Advert brings what a participant can lend, from an envelope that From signed.
type Advert struct {
	From     identity.PeerID   `json:"from"`
	Capacity protocol.Capacity `json:"capacity"`
}

// LinkUp tells that a link's control channel is open and its heart beats.
type LinkUp struct {
	Link Ref `json:"link"`
}

// LinkCarrying tells that what this side asked for on a link flows, or that
// there is nothing to flow and the peer has said so. When a link's line in the
// plan is Quiet no longer, it is to be told anew.
type LinkCarrying struct {
	Link Ref `json:"link"`
}

// LinkDown tells that a link's heart stopped. The session goes on mending it
// while it is in the plan.
type LinkDown struct {
	Link Ref `json:"link"`
}

// LinkAsked tells whether the peer asks for anything on a link: false when its
// view of it is empty. A link that just came up counts as asked.
type LinkAsked struct {
	Link  Ref  `json:"link"`
	Asked bool `json:"asked"`
}

// LinkMeasured brings a round trip over a link.
type LinkMeasured struct {
	Link   Ref `json:"link"`
	Millis int `json:"millis"`
}

// Heard tells whom the SFU Via has a carrying link with: everybody in Peers
// lives, and what they send can be had from it.
type Heard struct {
	Via   identity.PeerID   `json:"via"`
	Peers []identity.PeerID `json:"peers"`
}

// Clock tells the time alone.
type Clock struct{}

// Choose is the acting host's own choice in the place of the election's, until
// its SFU is gone. A Topology of "" gives the choice back to the election.
type Choose struct {
	Topology elect.Topology  `json:"topology,omitzero"`
	SFU      identity.PeerID `json:"sfu,omitzero"`
	Standby  identity.PeerID `json:"standby,omitzero"`
}

// Ended tells that this participant's stay is over.
type Ended struct{}
