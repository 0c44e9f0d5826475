package session

import (
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Event is something that a session tells its owner: one of the structs of this
// file. As JSON, beside its Kind, it is a line of parley-node's --json.
type Event interface {
	// Kind is the event's stable word.
	Kind() string
}

// Joined tells that somebody is in the room, self included.
type Joined struct {
	Participant protocol.Participant `json:"participant"`
}

// Left tells that somebody is in it no longer.
type Left struct {
	ID  identity.PeerID  `json:"id"`
	Why protocol.LeftWhy `json:"why"`
}

// Roster is everybody in the room, in order of join number. It comes after
// every change, of presence and roles too, of the safety code, and of who waits.
type Roster struct {
	Participants []protocol.Participant `json:"participants"`
	Safety       Safety                 `json:"safety,omitzero"`
	Waiting      []protocol.Participant `json:"waiting,omitempty"` // to be let in; told to who can
}

// Safety is what everybody in the room reads the same, unless somebody stands
// between; zero before there is an epoch.
type Safety struct {
	Words  [6]string `json:"words"`
	Digits string    `json:"digits"` // six of them
}

// Topology tells who connects to whom from now on.
type Topology struct {
	Topology protocol.Topology `json:"topology"`
	SFU      identity.PeerID   `json:"sfu,omitzero"`
	Standby  identity.PeerID   `json:"standby,omitzero"`
	Reason   protocol.Code     `json:"reason"`
	By       identity.PeerID   `json:"by,omitzero"`         // who said so; "" before anybody has
	Moved    bool              `json:"taken_over,omitzero"` // this participant has everybody from the standby
}

// LinkCondition is how a link is, in one word.
type LinkCondition string

// The conditions.
const (
	LinkConnecting LinkCondition = "connecting"
	LinkUp         LinkCondition = "up"
	LinkDown       LinkCondition = "down" // being mended
	LinkClosed     LinkCondition = "closed"
)

// Link tells how one of this participant's links is, when that changes.
type Link struct {
	Peer      identity.PeerID `json:"peer"`
	Shape     room.Shape      `json:"shape"`
	State     LinkCondition   `json:"state"`
	RTTMillis int             `json:"rtt_ms,omitzero"`
	Relayed   bool            `json:"relayed,omitzero"`
	Overlay   WayPath         `json:"overlay,omitzero"` // to the same node over the overlay; "" to who is none
}

// Slots tells that somebody's source begins or ceases to arrive here.
type Slots struct {
	From   identity.PeerID `json:"from"`
	Source protocol.Source `json:"source"`
	On     bool            `json:"on"`
}

// Chat is a line of chat, self's own included.
type Chat struct {
	From identity.PeerID `json:"from"`
	Name string          `json:"name"`
	Text string          `json:"text"`
	At   time.Time       `json:"at"`
}

// Recording tells that somebody, self included, begins or ceases to record.
type Recording struct {
	ID identity.PeerID `json:"id"`
	On bool            `json:"on"`
}

// Stats are figures of the last seconds.
type Stats struct {
	SendKbps    int         `json:"send_kbps"`
	ReceiveKbps int         `json:"receive_kbps"`
	Links       []LinkState `json:"links"`
	Nodes       []Way       `json:"nodes,omitempty"` // the overlay's ways to the other nodes
}

// Error is something that went wrong and does not end the session.
type Error struct {
	Message string `json:"message"`
	// Alarm is which attempt to come between people this tells of; "" for none.
	Alarm e2ee.AlarmCode `json:"alarm,omitzero"`
}

// The kinds of event.
func (Joined) Kind() string    { return "joined" }
func (Left) Kind() string      { return "left" }
func (Roster) Kind() string    { return "roster" }
func (Topology) Kind() string  { return "topology" }
func (Link) Kind() string      { return "link" }
func (Slots) Kind() string     { return "slots" }
func (Chat) Kind() string      { return "chat" }
func (Recording) Kind() string { return "recording" }
func (Stats) Kind() string     { return "stats" }
func (Error) Kind() string     { return "error" }
