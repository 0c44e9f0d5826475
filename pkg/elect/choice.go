package elect

import "github.com/parley-mesh/parley/pkg/identity"

// Reason is the stable word for why a choice was made.
type Reason string

// The reasons.
const (
	ReasonSmall       Reason = "small-room"     // few enough for a mesh
	ReasonNoCandidate Reason = "no-candidate"   // too many for a mesh, but nobody can carry a star
	ReasonLarge       Reason = "large-room"     // too many for a mesh
	ReasonStays       Reason = "stays"          // the star in force is still right
	ReasonBetter      Reason = "better-sfu"     // another carries clearly better
	ReasonSFULost     Reason = "sfu-lost"       // the SFU is gone or cannot be reached
	ReasonOverloaded  Reason = "sfu-overloaded" // the SFU no longer carries the room
	ReasonStandby     Reason = "new-standby"    // only the standby changes
)

// Figures are the numbers behind a choice, for the sentence that explains it.
type Figures struct {
	Members   int64 `json:"members"`
	MeshMax   int64 `json:"mesh_max"`
	Receivers int64 `json:"receivers"`
	NeedKbps  int64 `json:"need_kbps"`  // uplink that the room needs
	HaveKbps  int64 `json:"have_kbps"`  // uplink of the SFU
	RTTMillis int64 `json:"rtt_millis"` // the SFU's median round trip, 0 when not measured
	Score     int64 `json:"score"`      // of the SFU
	Against   int64 `json:"against"`    // score of the best other candidate
}

// Choice is what the acting host would say.
type Choice struct {
	Topology Topology        `json:"topology"`
	SFU      identity.PeerID `json:"sfu"`
	Standby  identity.PeerID `json:"standby"` // may be absent in a star
	Reason   Reason          `json:"reason"`
	Figures  Figures         `json:"figures"`
}

// Differs tells whether the choice is another than the one in force.
func (c Choice) Differs(current Current) bool {
	if c.Topology != Star {
		return current.Topology == Star || current.Topology == Tree
	}
	return current.Topology != Star || c.SFU != current.SFU || c.Standby != current.Standby
}

// Choose returns the right topology for a room. It is total: numbers out of
// range are taken for the nearest in range, and an ID given twice for its first
// entry.
func Choose(in Input) Choice {
	room := survey(in)
	if room.fitsMesh(in.Current) {
		return Choice{Topology: Mesh, Reason: ReasonSmall, Figures: room.figures(nil)}
	}
	incumbent := room.find(in.Current.SFU)
	sfu := room.pick(in.Current.SFU, in.Current.Standby, "")
	if sfu == nil && in.Current.Topology == Star && incumbent != nil && incumbent.lasts {
		sfu = incumbent // a star that loses packets is better than a mesh too large
	}
	if sfu == nil {
		return Choice{Topology: Mesh, Reason: ReasonNoCandidate, Figures: room.figures(nil)}
	}
	choice := Choice{
		Topology: Star,
		SFU:      sfu.member.ID,
		Reason:   reason(in.Current, incumbent, sfu),
		Figures:  room.figures(sfu),
	}
	if standby := room.pick(in.Current.Standby, "", sfu.member.ID); standby != nil {
		choice.Standby = standby.member.ID
	}
	if choice.Reason == ReasonStays && choice.Standby != in.Current.Standby {
		choice.Reason = ReasonStandby
	}
	return choice
}

func reason(current Current, incumbent, chosen *candidate) Reason {
	switch {
	case current.Topology != Star:
		return ReasonLarge
	case incumbent == chosen:
		return ReasonStays
	case incumbent == nil || incumbent.member.Lost:
		return ReasonSFULost
	case !incumbent.keeps:
		return ReasonOverloaded
	default:
		return ReasonBetter
	}
}
