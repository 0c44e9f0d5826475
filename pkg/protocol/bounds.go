package protocol

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// kinds is every bound of the protocol. Nothing writes to it after it is made.
var kinds = func() map[string]*Kind {
	table := map[string]Kind{
		"title":       text(1, meeting.MaxTitle),
		"name":        text(1, 60),
		"password":    password(meeting.MinPassword, meeting.MaxPassword),
		"chat":        opaque(1, 4000),
		"detail":      text(1, 400),
		"code":        shaped(48, `^[a-z][a-z0-9-]{0,47}$`, "must be a word of small letters, digits and dashes"),
		"field":       text(1, 200),
		"version":     text(1, 60),
		"meeting":     shaped(11, `^(?:[0-9]{9}|[0-9]{3}-[0-9]{3}-[0-9]{3})$`, "must be nine digits, as in 123-456-789"),
		"token":       bytesOf(meeting.TokenSize, "must be the 43 characters after /join/ in an invitation"),
		"peer":        peer(),
		"ticket":      opaque(1, 1024),
		"bearer":      opaque(1, identity.MaxToken),
		"signature":   bytesOf(64, "must be an Ed25519 signature in unpadded base64url"),
		"digest":      bytesOf(32, "must be 32 bytes in unpadded base64url"),
		"session_key": bytesOf(SessionKeySize, "must be an X-Wing public key in unpadded base64url"),
		"url":         opaque(1, 2048),
		"address":     opaque(1, 512),
		"credential":  opaque(1, 512),
		"cursor":      opaque(1, 256),
		"box":         opaque(1, MaxBox),
		"body":        opaque(1, MaxEnvelope),
		"sdp":         opaque(1, MaxSDP),
		"candidate":   opaque(0, 1024),
		"ufrag":       opaque(1, 256),
		"mid":         shaped(16, `^[A-Za-z0-9_-]{1,16}$`, "must be a media line's identification tag"),
		"link":        bytesOf(16, "must be 16 bytes in unpadded base64url"),
		"kind":        oneOf(string(KindBrowser), string(KindNode), string(KindHelper)),
		"role":        oneOf(string(RoleHost), string(RoleCoHost), string(RoleParticipant)),
		"via":         oneOf(string(ViaInvitation), string(ViaPassword)),
		"entry":       oneOf(string(meeting.EntryAny), string(meeting.EntryInvitation)),
		"who":         oneOf(string(meeting.WhoEveryone), string(meeting.WhoHost)),
		"source":      oneOf(string(SourceMic), string(SourceCamera), string(SourceScreen), string(SourceScreenAudio)),
		"topology":    oneOf(string(TopologyMesh), string(TopologyStar), string(TopologyTree)),
		"left":        oneOf(string(LeftLeft), string(LeftLost), string(LeftRemoved), string(LeftDenied), string(LeftEnded)),
		"bye": oneOf(string(ByeElsewhere), string(ByeRemoved), string(ByeDenied), string(ByeEnded),
			string(ByeSlow), string(ByeRestart), string(ByeProtocol), string(ByeExpired)),
		"envelope":   oneOf(string(EnvelopeDirective), string(EnvelopeChat), string(EnvelopeCapacity), string(EnvelopeEpoch)),
		"word":       shaped(48, `^[a-z][a-z0-9.-]{0,47}$`, "must be a word of small letters, digits, dots and dashes"),
		"capacity":   integer(meeting.MinCapacity, meeting.MaxCapacity),
		"mesh_max":   integer(meeting.MinMesh, meeting.MaxMesh),
		"number":     integer(0, MaxInt),
		"count":      integer(0, MaxRoster),
		"line":       integer(0, 255),
		"pixels":     integer(0, 8192),
		"kbps":       integer(0, 10_000_000),
		"cores":      integer(0, 1_000_000),
		"millis":     integer(0, 600_000),
		"seconds":    integer(0, 86_400*366),
		"level":      integer(0, 127),
		"status":     integer(400, 599),
		"mille":      integer(0, 1000),
		"roster":     items(0, MaxRoster),
		"peers":      items(0, MaxRoster),
		"names":      items(0, 12),
		"history":    items(0, MaxHistory),
		"views":      items(0, MaxViews),
		"slots":      items(0, MaxSlots),
		"candidates": items(1, 64),
		"meetings":   items(0, 100),
		"servers":    items(0, 16),
		"urls":       items(1, 16),
		"addresses":  items(0, 64),
		"features":   items(0, 64),
		"rtts":       items(0, MaxRoster),
		"time": {
			Form: FormTime, Min: 20, Max: 30, Pattern: timePattern,
			Says: "must be a time in UTC from the year 2000 on, as in 2026-11-30T18:00:00Z",
		},
	}
	byName := make(map[string]*Kind, len(table))
	for name, k := range table {
		byName[name] = &k
	}
	return byName
}()
