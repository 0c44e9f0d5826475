package protocol

import "github.com/parley-mesh/parley/pkg/identity"

// ParticipantKind tells what sort of client a participant runs.
type ParticipantKind string

// The kinds of participant. A helper lends bandwidth and is no member: it has
// no tile, no chair, no vote and no key.
const (
	KindBrowser ParticipantKind = "browser"
	KindNode    ParticipantKind = "node"
	KindHelper  ParticipantKind = "helper"
)

// Role is what a participant may do in a meeting.
type Role string

// The roles. The identity that created a meeting is its host for good.
const (
	RoleHost        Role = "host"
	RoleCoHost      Role = "co-host"
	RoleParticipant Role = "participant"
)

// Via tells what a participant showed to be let in.
type Via string

// The ways in.
const (
	ViaInvitation Via = "invitation"
	ViaPassword   Via = "password"
)

// Source is one thing that a participant can publish.
type Source string

// The sources, in the order of a link's media lines.
const (
	SourceMic         Source = "mic"
	SourceCamera      Source = "camera"
	SourceScreen      Source = "screen"
	SourceScreenAudio Source = "screen-audio"
)

// Sources lists every source in the order of a link's media lines.
func Sources() [4]Source {
	return [4]Source{SourceMic, SourceCamera, SourceScreen, SourceScreenAudio}
}

// Presence is what a participant tells everybody about itself.
type Presence struct {
	Name   string `json:"name" is:"name"`
	Mic    bool   `json:"mic"`    // the microphone is on
	Camera bool   `json:"camera"` // the camera is on
	Screen bool   `json:"screen"` // a screen is shared
	Hand   bool   `json:"hand"`   // a hand is raised
	// Recording tells that this participant records what it is sent.
	Recording bool `json:"recording,omitzero"`
}

// Participant is one entry of a roster.
type Participant struct {
	ID       identity.PeerID `json:"id" is:"peer"`
	N        int64           `json:"n" is:"number"`       // join number: the one order of the room
	Session  int64           `json:"session" is:"number"` // rises with every page load or process start
	Kind     ParticipantKind `json:"kind" is:"kind"`
	Role     Role            `json:"role" is:"role"`
	Via      Via             `json:"via" is:"via"`
	Presence Presence        `json:"presence"`
	// Card is the session's key. An Updated without one leaves it as it was, for
	// the session is the same.
	Card Card `json:"card,omitzero"`
}

// Card is a session's public key, signed by the participant's identity (package
// e2ee has the bytes). The rendezvous hands it on unread; to whoever has none
// nobody sends anything.
type Card struct {
	Key  string          `json:"key" is:"session_key"` // HPKE, X-Wing
	At   int64           `json:"at" is:"number"`       // when it was made, milliseconds since 1970
	Host identity.PeerID `json:"host" is:"peer"`       // whom this participant takes for the meeting's host
	// Proof shows that its maker has the invitation's secret.
	Proof string `json:"proof,omitzero" is:"digest"`
	Sig   string `json:"sig" is:"signature"`
}

// ActingHost returns who has the chair of a room with this roster: the host
// when present, else the co-host, else the participant by invitation, else the
// participant by password, each with the lowest join number. Helpers never have
// it. It returns "" when nobody can. Every client and the rendezvous compute it
// alike, so nobody votes.
func ActingHost(roster []Participant) identity.PeerID {
	var best *Participant
	for i := range roster {
		p := &roster[i]
		if p.Kind == KindHelper {
			continue
		}
		if best == nil || precedes(p, best) {
			best = p
		}
	}
	if best == nil {
		return ""
	}
	return best.ID
}

func precedes(a, b *Participant) bool {
	if x, y := standing(a), standing(b); x != y {
		return x < y
	}
	return a.N < b.N
}

func standing(p *Participant) int {
	switch {
	case p.Role == RoleHost:
		return 0
	case p.Role == RoleCoHost:
		return 1
	case p.Via == ViaInvitation:
		return 2
	default:
		return 3
	}
}
