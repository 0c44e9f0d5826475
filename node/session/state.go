package session

import (
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Phase is how far a stay has come.
type Phase string

// The phases.
const (
	PhaseJoining Phase = "joining"
	PhaseWaiting Phase = "waiting" // to be let in
	PhaseIn      Phase = "in"
	PhaseOver    Phase = "over"
)

// State is a session at one moment, for who shows it. Nothing in it is shared
// with the session: it may be kept and changed.
type State struct {
	Phase     Phase
	Connected bool // to the rendezvous
	MeetingID meeting.ID
	Title     string
	HostID    identity.PeerID
	ExpiresAt *time.Time
	Policy    meeting.Policy // as the rendezvous says
	Entry     meeting.Entry  // who may come in, as this client has it

	Self     identity.PeerID
	Chair    identity.PeerID // the acting host; "" when nobody can be
	People   []Person        // self included, in order of join number
	Waiting  []protocol.Participant
	Topology Topology
	Links    []LinkState
	Ways     []Way             // to the other nodes, over the overlay, in order of their IDs
	Chat     []Chat            // oldest first; the last MaxLines
	Capacity protocol.Capacity // what self tells that it can lend

	// Safety is what everybody in the room reads the same, unless somebody stands
	// between; zero before there is an epoch.
	Safety e2ee.Code
	// Alarms are the last attempts to come between people, oldest first.
	Alarms []e2ee.Alarm
}

// Person is one participant as self sees it.
type Person struct {
	protocol.Participant
	Confirmed   bool               // in the rendezvous' roster
	Proved      bool               // has shown to have the invitation's secret
	Unreachable bool               // a link with them is wanted, and no way is found
	Level       int                // of the microphone, 0 silent to 127
	Flows       []protocol.Source  // what of this participant's arrives here
	Capacity    *protocol.Capacity // what it tells that it can lend; nil when it told nothing
}

// LinkState is one of self's links.
type LinkState struct {
	Peer        identity.PeerID `json:"peer"`
	Shape       room.Shape      `json:"shape"`
	Purpose     room.Purpose    `json:"purpose"`
	State       LinkCondition   `json:"state"`
	Draining    bool            `json:"draining,omitzero"`
	RTTMillis   int             `json:"rtt_ms"`
	LossMille   int             `json:"loss_mille"` // of what the peer sends
	SendKbps    int             `json:"send_kbps"`
	ReceiveKbps int             `json:"receive_kbps"`
	Relayed     bool            `json:"relayed,omitzero"`
}

// MaxLines is how many lines of chat a State holds.
const MaxLines = 1000
