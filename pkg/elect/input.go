package elect

import "github.com/parley-mesh/parley/pkg/identity"

// Kind tells what sort of client a participant runs.
type Kind string

// The kinds. A helper carries for others and is no member.
const (
	Browser Kind = "browser"
	Node    Kind = "node"
	Helper  Kind = "helper"
)

// Topology is who connects to whom.
type Topology string

// The topologies. Tree is a name kept for rooms that outgrow one SFU; Choose
// never returns it.
const (
	Mesh Topology = "mesh"
	Star Topology = "star"
	Tree Topology = "tree"
)

// Member is one participant as the choice sees it. The figures of a browser are
// not looked at.
type Member struct {
	ID           identity.PeerID `json:"id"`
	N            int64           `json:"n"` // join number; the lower wins a tie
	Kind         Kind            `json:"kind"`
	Willing      bool            `json:"willing,omitzero"`   // may be made the SFU
	Reachable    bool            `json:"reachable,omitzero"` // accepts connections from outside
	UplinkKbps   int64           `json:"uplink_kbps,omitzero"`
	DownlinkKbps int64           `json:"downlink_kbps,omitzero"`
	CoresMilli   int64           `json:"cores_milli,omitzero"` // idle cores × 1000
	RTTMillis    int64           `json:"rtt_millis,omitzero"`  // median round trip to the members
	// Lost says that the chooser cannot reach it, whatever it advertises.
	Lost bool `json:"lost,omitzero"`
	// Overloaded says that its receivers miss too much of what it sends,
	// whatever it advertises. It carries on only where nobody else can.
	Overloaded bool `json:"overloaded,omitzero"`
}

// Current is the choice in force. The zero value is a mesh.
type Current struct {
	Topology Topology        `json:"topology"`
	SFU      identity.PeerID `json:"sfu,omitzero"`
	Standby  identity.PeerID `json:"standby,omitzero"`
}

// Thresholds are the bounds of the choice.
type Thresholds struct {
	MeshMax         int64 `json:"mesh_max"`          // the most members of a mesh
	MeshMargin      int64 `json:"mesh_margin"`       // a star needs this many fewer to become a mesh
	BeatMille       int64 `json:"beat_mille"`        // how much better another must be, in per mille
	KeepMille       int64 `json:"keep_mille"`        // how much of what is needed lets the present one stay
	ReceiverKbps    int64 `json:"receiver_kbps"`     // uplink for each receiver
	SenderKbps      int64 `json:"sender_kbps"`       // downlink for each sender
	CoresMilliEach  int64 `json:"cores_milli_each"`  // cores × 1000 for each receiver
	UnknownRTTMilli int64 `json:"unknown_rtt_milli"` // stands for a round trip of 0, which means not measured
}

// Defaults returns the thresholds for a largest mesh of meshMax. A receiver is
// reckoned at a picture of medium size and some small ones, which is a hundred
// packets a second, and a packet at the 10 to 20 µs of CPU that one costs a
// forwarder (parley-bench sfu).
func Defaults(meshMax int) Thresholds {
	return Thresholds{
		MeshMax:         int64(meshMax),
		MeshMargin:      1,
		BeatMille:       250,
		KeepMille:       800,
		ReceiverKbps:    600,
		SenderKbps:      600,
		CoresMilliEach:  2,
		UnknownRTTMilli: 150,
	}
}

// Input is everything that the choice depends on.
type Input struct {
	Members    []Member   `json:"members"` // in any order, each ID once
	Current    Current    `json:"current"`
	Thresholds Thresholds `json:"thresholds"`
}
