package tui

import (
	"fmt"
	"time"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const somebody = "Somebody"

func nameOf(p protocol.Participant) string {
	if name := Plain(p.Presence.Name); name != "" {
		return name
	}
	return somebody
}

// find returns somebody of the roster.
func find(s session.State, id identity.PeerID) (session.Person, bool) {
	for _, p := range s.People {
		if p.ID == id {
			return p, true
		}
	}
	return session.Person{}, false
}

func nameIn(s session.State, id identity.PeerID) string {
	p, _ := find(s, id)
	return nameOf(p.Participant)
}

// nodeName is how the one who carries a room is spoken of.
func nodeName(p protocol.Participant, self identity.PeerID) string {
	switch {
	case p.ID == self:
		return "this node"
	case p.Kind == protocol.KindHelper:
		return "the helper " + nameOf(p)
	default:
		return nameOf(p) + "’s node"
	}
}

// Topology is who connects to whom and why, in a line for people.
func Topology(s session.State) string {
	what := "no connections yet"
	switch s.Topology.Topology {
	case protocol.TopologyMesh:
		what = "mesh"
	case protocol.TopologyStar:
		sfu, _ := find(s, carrier(s.Topology))
		what = "star through " + nodeName(sfu.Participant, s.Self)
	case protocol.TopologyTree:
		what = "tree"
	}
	return what + because(s.Topology.Reason)
}

// carrier is who has the room now: the SFU, or the standby for who has moved to
// it.
func carrier(t session.Topology) identity.PeerID {
	if t.Moved {
		return t.Standby
	}
	return t.SFU
}

// because says in words why a topology was chosen.
func because(code protocol.Code) string {
	why, ok := map[protocol.Code]string{
		"small-room":     "the room is small enough",
		"no-candidate":   "too many for it, but nobody here can carry the others",
		"large-room":     "too many for a mesh",
		"stays":          "still the right one",
		"better-sfu":     "clearly better than the one before",
		"sfu-lost":       "the one before cannot be reached",
		"sfu-overloaded": "the one before could not carry the room",
		"new-standby":    "another would take over now",
		"automatic":      "the choice is automatic again",
		"manual":         "the host chose it",
	}[code]
	if !ok {
		return ""
	}
	return " · " + why
}

func kbps(k int) string {
	switch {
	case k <= 0:
		return "–"
	case k < 1000:
		return fmt.Sprintf("%dk", k)
	case k < 10_000:
		return fmt.Sprintf("%.1fM", float64(k)/1000)
	default:
		return fmt.Sprintf("%dM", k/1000)
	}
}

func millis(ms int) string {
	switch {
	case ms <= 0:
		return "–"
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	default:
		return fmt.Sprintf("%.1f s", float64(ms)/1000)
	}
}

func perMille(m int) string {
	if m <= 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.1f %%", float64(m)/10)
}

func clock(at time.Time, in *time.Location) string { return at.In(in).Format("15:04") }
