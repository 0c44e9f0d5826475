package e2ee

import "github.com/parley-mesh/parley/pkg/identity"

// AlarmCode says what an attack on the room looks like from here. The codes are
// the same in TypeScript.
type AlarmCode string

// The alarms. Altered, replayed and forged may each be an accident once, after
// a reload; what happens often is none.
const (
	AlarmUnsigned     AlarmCode = "unsigned"      // no card, or one that its identity did not sign
	AlarmStale        AlarmCode = "stale"         // an older card than one that was seen
	AlarmUninvited    AlarmCode = "uninvited"     // no proof of membership, where entry is by invitation
	AlarmOtherHost    AlarmCode = "other-host"    // somebody else is called the meeting's host
	AlarmUnprovedRole AlarmCode = "unproved-role" // host or co-host without proof of membership
	AlarmAltered      AlarmCode = "altered"       // a box did not open, or was not its sender's
	AlarmReplayed     AlarmCode = "replayed"      // a box that came before
	AlarmForged       AlarmCode = "forged"        // an envelope or epoch that its author did not sign
	AlarmUnreachable  AlarmCode = "unreachable"   // a link that is wanted comes up by no way
	AlarmRelaxed      AlarmCode = "relaxed"       // a laxer entry policy than the host made, told to the host
)

// Alarm is something that nobody honest does, or only by accident; of who cannot
// be reached it says no more than that. The zero Alarm is none.
type Alarm struct {
	Code AlarmCode
	ID   identity.PeerID // whose entry, box or envelope it seemed to be
	Name string          // "" when none came with it
}

// Sentence is the alarm for people. A name in it is text from outside.
func (a Alarm) Sentence() string {
	who := a.Name
	if who == "" {
		who = "Somebody"
	}
	switch a.Code {
	case AlarmUnsigned:
		return "The server named " + who + " as a participant without a key that they signed. They were kept out."
	case AlarmStale:
		return "The server showed an old key of " + who + " again. It was not accepted."
	case AlarmUninvited:
		return who + " tried to come in without the invitation, which this meeting demands. They were kept out."
	case AlarmOtherHost:
		return who + " was called the host of this meeting, and is not. They are treated as a participant."
	case AlarmUnprovedRole:
		return who + " was given a host's rights without proof of the invitation. They are treated as a participant."
	case AlarmAltered:
		return "Messages from " + who + " arrive altered or are not theirs. Somebody on the way may be tampering with them."
	case AlarmReplayed:
		return "Old messages from " + who + " arrive again. Somebody on the way is repeating them."
	case AlarmForged:
		return "A message in the name of " + who + " was not written by them. It was dropped."
	case AlarmUnreachable:
		return "No way to " + who + " has been found. A network between you, or the server, lets nothing through."
	case AlarmRelaxed:
		return "The server says that anybody with the password may enter this meeting, which its host did not allow. They are kept out."
	default:
		return "Something about " + who + " was not as it should be."
	}
}
