package protocol

import (
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// CreateRequest is the body of POST /meetings/create.
type CreateRequest struct {
	Title     string               `json:"title" is:"title"`
	Password  string               `json:"password,omitzero" is:"password"` // absent: the rendezvous makes one
	ExpiresAt *time.Time           `json:"expires_at,omitzero"`             // absent: does not expire
	Policy    *meeting.PolicyPatch `json:"policy,omitzero"`
}

// CreateResponse is the answer to it, and the only one that shows the password
// unasked. The client appends "#" and the secret to the link.
type CreateResponse struct {
	MeetingID       meeting.ID      `json:"meeting_id" is:"meeting"`
	Title           string          `json:"title" is:"title"`
	Password        string          `json:"password" is:"password"`
	InvitationToken string          `json:"invitation_token" is:"token"`
	InvitationLink  string          `json:"invitation_link" is:"url"`
	HostID          identity.PeerID `json:"host_id" is:"peer"`
	CreatedAt       time.Time       `json:"created_at"`
	ExpiresAt       *time.Time      `json:"expires_at,omitzero"`
}

// InvitationResponse is the answer to GET /meetings/invitation/{token}.
type InvitationResponse struct {
	MeetingID meeting.ID      `json:"meeting_id" is:"meeting"`
	Title     string          `json:"title" is:"title"`
	Password  string          `json:"password" is:"password"`
	HostID    identity.PeerID `json:"host_id" is:"peer"`
	CreatedAt time.Time       `json:"created_at"`
	ExpiresAt *time.Time      `json:"expires_at,omitzero"`
	Inside    int             `json:"inside" is:"count"`                      // participants now in the room
	Names     []string        `json:"names,omitempty" is:"names" each:"name"` // the first of them
}

// JoinRequest is the body of POST /meetings/join: an ID with its password, or
// an invitation's token.
type JoinRequest struct {
	MeetingID       string `json:"meeting_id,omitzero" is:"meeting"`
	Password        string `json:"password,omitzero" is:"password"`
	InvitationToken string `json:"invitation_token,omitzero" is:"token"`
}

// JoinResponse is the answer to it.
type JoinResponse struct {
	MeetingID    meeting.ID      `json:"meeting_id" is:"meeting"`
	Title        string          `json:"title" is:"title"`
	HostID       identity.PeerID `json:"host_id" is:"peer"`
	Role         Role            `json:"role" is:"role"`
	Via          Via             `json:"via" is:"via"`
	Ticket       string          `json:"ticket" is:"ticket"` // goes into hello, never into a URL; good for two minutes
	SignalingURL string          `json:"signaling_url" is:"url"`
	ExpiresAt    *time.Time      `json:"expires_at,omitzero"`
}

// MeetingSummary is one line of GET /meetings/my-meetings.
type MeetingSummary struct {
	MeetingID    meeting.ID `json:"meeting_id" is:"meeting"`
	Title        string     `json:"title" is:"title"`
	CreatedAt    time.Time  `json:"created_at"`
	ExpiresAt    *time.Time `json:"expires_at,omitzero"`
	Participants int        `json:"participants" is:"count"` // now in the room
}

// MyMeetingsResponse is a page of them, newest first. Next, when there is more,
// is the `after` query parameter of the next page.
type MyMeetingsResponse struct {
	Meetings []MeetingSummary `json:"meetings" is:"meetings"`
	Next     string           `json:"next,omitzero" is:"cursor"`
}

// MeetingResponse is what a host sees of a meeting: the answer to GET and PATCH
// /meetings/{meeting_id}.
type MeetingResponse struct {
	MeetingID      meeting.ID      `json:"meeting_id" is:"meeting"`
	Title          string          `json:"title" is:"title"`
	HostID         identity.PeerID `json:"host_id" is:"peer"`
	CreatedAt      time.Time       `json:"created_at"`
	ExpiresAt      *time.Time      `json:"expires_at,omitzero"`
	Policy         meeting.Policy  `json:"policy"`
	Participants   int             `json:"participants" is:"count"`
	SuspendedUntil *time.Time      `json:"suspended_until,omitzero"` // entry by password, after too many wrong ones
}

// ChangeRequest is the body of PATCH /meetings/{meeting_id}. What is absent
// stays; an expires_at of null takes the expiry away.
type ChangeRequest struct {
	Title     string               `json:"title,omitzero" is:"title"`
	Password  string               `json:"password,omitzero" is:"password"`
	ExpiresAt Expiry               `json:"expires_at,omitzero"`
	Policy    *meeting.PolicyPatch `json:"policy,omitzero"`
}

// RenewRequest is the optional body of POST /meetings/{meeting_id}/invitation.
// An invitation shows its password to whoever holds it, so renewing one makes a
// new password too, unless the host names the one to have.
type RenewRequest struct {
	Password string `json:"password,omitzero" is:"password"`
}

// RenewResponse is the answer to it.
type RenewResponse struct {
	MeetingID       meeting.ID `json:"meeting_id" is:"meeting"`
	Password        string     `json:"password" is:"password"`
	InvitationToken string     `json:"invitation_token" is:"token"`
	InvitationLink  string     `json:"invitation_link" is:"url"`
}

// Expiry is a change of a meeting's expiry: absent (the zero value), a time, or
// null for none.
type Expiry struct {
	Set bool       // false: leave it as it is
	At  *time.Time // nil with Set: never
}

// MarshalJSON gives null for an expiry that is taken away.
func (e Expiry) MarshalJSON() ([]byte, error) {
	if e.At == nil {
		return []byte("null"), nil
	}
	return []byte(`"` + e.At.UTC().Format(time.RFC3339Nano) + `"`), nil
}

// IsZero reports whether the expiry stays as it is.
func (e Expiry) IsZero() bool { return !e.Set }

// WellKnown is the answer to GET /.well-known/parley: what a client must know
// of a rendezvous before it talks to it.
type WellKnown struct {
	Version   string   `json:"version" is:"version"`                // of the rendezvous
	Protocols []string `json:"protocols" is:"features" each:"word"` // the subprotocols of GET /signal
	Origins   []string `json:"origins" is:"urls" each:"url"`        // its public URLs; a bearer token is made for one of them
	Features  []string `json:"features" is:"features" each:"word"`  // words for what this rendezvous can do beside this contract
	// Relay has the full multiaddresses, with /p2p/ and its peer ID, of the
	// libp2p relay for nodes; absent when none runs.
	Relay []string `json:"relay,omitzero" is:"addresses" each:"address"`
}
