package protocol

import (
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// ClientFrame is a frame from a client to the rendezvous. Hello comes first;
// after it every frame but Ping and Ack has a sequence number. On the WebSocket
// of a helper that waits to be called, Help comes first and Ping alone follows.
type ClientFrame interface{ clientFrame() }

// ServerFrame is a frame from the rendezvous to a client. Welcome, Refusal,
// Bye, Pong, Ack, Helping and HelpWanted stand alone; every other has a sequence
// number.
type ServerFrame interface{ serverFrame() }

// Hello opens a session, or takes one up again: with a resume ticket and the
// session's own Received it continues where the last WebSocket ended.
type Hello struct {
	MeetingID string          `json:"meeting_id" is:"meeting"`
	Ticket    string          `json:"ticket" is:"ticket"`
	Kind      ParticipantKind `json:"kind" is:"kind"`
	Presence  Presence        `json:"presence"`
	// Session is the session number to continue; 0 asks for a new one.
	Session int64 `json:"session,omitzero" is:"number"`
	// Received is the last server sequence number that arrived in it.
	Received int64 `json:"received,omitzero" is:"number"`
	// Card is the session's key, for the roster.
	Card Card `json:"card,omitzero"`
}

// SendSignal passes a box to one participant.
type SendSignal struct {
	To  identity.PeerID `json:"to" is:"peer"`
	Box string          `json:"box" is:"box"`
}

// SendBroadcast passes a box to everybody else in the roster.
type SendBroadcast struct {
	Box string `json:"box" is:"box"`
}

// SetPresence replaces what the roster says of the sender.
type SetPresence struct {
	Presence Presence `json:"presence"`
}

// Admit lets a waiting participant in. Acting host only.
type Admit struct {
	ID identity.PeerID `json:"id" is:"peer"`
}

// Deny sends a waiting participant away. Acting host only.
type Deny struct {
	ID identity.PeerID `json:"id" is:"peer"`
}

// Remove ends a participant's stay; with Ban its identity cannot come back
// into this meeting. Acting host only.
type Remove struct {
	ID  identity.PeerID `json:"id" is:"peer"`
	Ban bool            `json:"ban,omitzero"`
}

// Lock keeps newcomers out, or lets them in again. Acting host only.
type Lock struct {
	Locked bool `json:"locked"`
}

// SetRole makes a participant co-host or takes it back. Host only.
type SetRole struct {
	ID   identity.PeerID `json:"id" is:"peer"`
	Role Role            `json:"role" is:"role"`
}

// CallHelper asks the rendezvous to send registered helpers into the room, two
// at the most. Acting host only.
type CallHelper struct{}

// Help registers a helper, in the place of a Hello: the WebSocket then brings
// HelpWanted whenever a room calls for one.
type Help struct {
	// Token is a bearer token of the helper's identity, as an HTTP request has.
	Token string `json:"token" is:"bearer"`
}

// Leave ends the session for good.
type Leave struct{}

// Ping asks for a Pong; any frame shows that a client lives.
type Ping struct{}

// Ack tells the last sequence number received, in either direction.
type Ack struct {
	Received int64 `json:"received" is:"number"`
}

func (Hello) clientFrame()         {}
func (SendSignal) clientFrame()    {}
func (SendBroadcast) clientFrame() {}
func (SetPresence) clientFrame()   {}
func (Admit) clientFrame()         {}
func (Deny) clientFrame()          {}
func (Remove) clientFrame()        {}
func (Lock) clientFrame()          {}
func (SetRole) clientFrame()       {}
func (CallHelper) clientFrame()    {}
func (Help) clientFrame()          {}
func (Leave) clientFrame()         {}
func (Ping) clientFrame()          {}
func (Ack) clientFrame()           {}

// Resume is how to take a session up again.
type Resume struct {
	Ticket string `json:"ticket" is:"ticket"`
	Within int    `json:"within" is:"seconds"` // keeps its place in the roster this long
}

// ICEServer is one STUN or TURN server, as WebRTC's RTCIceServer.
type ICEServer struct {
	URLs       []string `json:"urls" is:"urls" each:"url"`
	Username   string   `json:"username,omitzero" is:"credential"`
	Credential string   `json:"credential,omitzero" is:"credential"`
}

// Welcome answers a Hello. With Resumed, the session goes on: roster and
// sequence numbers continue, and Received tells which client frames arrived.
// With Waiting, the participant is not in yet: Roster is empty until a second
// Welcome follows.
type Welcome struct {
	Self       Participant     `json:"self"`
	Title      string          `json:"title" is:"title"`
	HostID     identity.PeerID `json:"host_id" is:"peer"`
	Roster     []Participant   `json:"roster" is:"roster"` // in order of join number, self included
	Policy     meeting.Policy  `json:"policy"`
	ExpiresAt  *time.Time      `json:"expires_at,omitzero"`
	ICEServers []ICEServer     `json:"ice_servers" is:"servers"`
	Resume     Resume          `json:"resume"`
	Resumed    bool            `json:"resumed,omitzero"`
	Received   int64           `json:"received,omitzero" is:"number"`
	Waiting    bool            `json:"waiting,omitzero"`
}

// Joined tells of a new participant.
type Joined struct {
	Participant Participant `json:"participant"`
}

// LeftWhy tells why a participant is gone.
type LeftWhy string

// The reasons. A participant that is LeftLost may still be reachable by its
// links; the others are final.
const (
	LeftLeft    LeftWhy = "left"
	LeftLost    LeftWhy = "lost"
	LeftRemoved LeftWhy = "removed"
	LeftDenied  LeftWhy = "denied"
	LeftEnded   LeftWhy = "ended"
)

// Left tells that a participant is gone.
type Left struct {
	ID  identity.PeerID `json:"id" is:"peer"`
	Why LeftWhy         `json:"why" is:"left"`
}

// Updated replaces a participant's entry: presence, role or session changed.
type Updated struct {
	Participant Participant `json:"participant"`
}

// Waiting tells the acting host who waits to be let in, whenever that changes.
type Waiting struct {
	Waiting []Participant `json:"waiting" is:"roster"`
}

// Signal brings a box from another participant's session.
type Signal struct {
	From    identity.PeerID `json:"from" is:"peer"`
	Session int64           `json:"session" is:"number"`
	Box     string          `json:"box" is:"box"`
}

// Broadcast brings a box that everybody gets.
type Broadcast struct {
	From    identity.PeerID `json:"from" is:"peer"`
	Session int64           `json:"session" is:"number"`
	Box     string          `json:"box" is:"box"`
}

// PolicyChanged tells of a meeting's changed title, policy or expiry.
type PolicyChanged struct {
	Title     string         `json:"title" is:"title"`
	Policy    meeting.Policy `json:"policy"`
	ExpiresAt *time.Time     `json:"expires_at,omitzero"`
	// SuspendedUntil is set, for the acting host alone, while entry by password
	// is suspended because of guessing.
	SuspendedUntil *time.Time `json:"suspended_until,omitzero"`
}

// Refusal tells that one frame was refused; the session goes on.
type Refusal struct {
	Code       Code   `json:"code" is:"code"`
	Detail     string `json:"detail" is:"detail"`
	Field      string `json:"field,omitzero" is:"field"`
	RetryAfter int    `json:"retry_after,omitzero" is:"seconds"`
	Seq        int64  `json:"refused,omitzero" is:"number"` // the refused frame's sequence number
}

// ByeWhy tells why the rendezvous ends a session.
type ByeWhy string

// The reasons. After ByeRestart and ByeSlow a client comes back by its resume
// ticket; after the others it does not.
const (
	ByeElsewhere ByeWhy = "elsewhere" // the same identity opened the meeting in another place
	ByeRemoved   ByeWhy = "removed"
	ByeDenied    ByeWhy = "denied"
	ByeEnded     ByeWhy = "ended"    // deleted or expired
	ByeSlow      ByeWhy = "slow"     // did not read what was sent
	ByeRestart   ByeWhy = "restart"  // the rendezvous is shutting down
	ByeProtocol  ByeWhy = "protocol" // broke the protocol's rules
	ByeExpired   ByeWhy = "expired"  // the ticket is no longer good: join again
)

// Bye is the last frame of a session.
type Bye struct {
	Why        ByeWhy `json:"why" is:"bye"`
	Code       Code   `json:"code,omitzero" is:"code"`
	Detail     string `json:"detail" is:"detail"`
	RetryAfter int    `json:"retry_after,omitzero" is:"seconds"`
}

// Helping answers a Help: the helper is registered for as long as this
// WebSocket is open.
type Helping struct{}

// HelpWanted calls a registered helper into a room: it opens a session of its
// own there, by a Hello of KindHelper with this ticket.
type HelpWanted struct {
	MeetingID meeting.ID `json:"meeting_id" is:"meeting"`
	Ticket    string     `json:"ticket" is:"ticket"`
}

// Pong answers a Ping.
type Pong struct{}

func (Welcome) serverFrame()       {}
func (Joined) serverFrame()        {}
func (Left) serverFrame()          {}
func (Updated) serverFrame()       {}
func (Waiting) serverFrame()       {}
func (Signal) serverFrame()        {}
func (Broadcast) serverFrame()     {}
func (PolicyChanged) serverFrame() {}
func (Refusal) serverFrame()       {}
func (Bye) serverFrame()           {}
func (Helping) serverFrame()       {}
func (HelpWanted) serverFrame()    {}
func (Pong) serverFrame()          {}
func (Ack) serverFrame()           {}
