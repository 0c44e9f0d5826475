package protocol

import (
	"fmt"

	"github.com/parley-mesh/parley/pkg/identity"
)

// The bounds that concern several members at once. web/src/protocol/rules.ts is
// their twin.

func (r JoinRequest) rules() error {
	switch {
	case r.InvitationToken != "" && (r.MeetingID != "" || r.Password != ""):
		return &FieldError{"invitation_token", "must stand alone, without meeting_id and password"}
	case r.InvitationToken != "":
		return nil
	case r.MeetingID == "" && r.Password == "":
		return &FieldError{"meeting_id", "must be given with password, or else an invitation_token"}
	case r.MeetingID == "":
		return &FieldError{"meeting_id", "must be given with password"}
	case r.Password == "":
		return &FieldError{"password", "must be given with meeting_id"}
	}
	return nil
}

func (d Directive) rules() error {
	switch {
	case d.Topology == TopologyMesh && d.SFU != "":
		return &FieldError{"sfu", "must not be given for a mesh"}
	case d.Topology == TopologyMesh && d.Standby != "":
		return &FieldError{"standby", "must not be given for a mesh"}
	case d.Topology != TopologyMesh && d.SFU == "":
		return &FieldError{"sfu", "must be given for a star or a tree"}
	case d.Standby != "" && d.Standby == d.SFU:
		return &FieldError{"standby", "must be another than sfu"}
	}
	return nil
}

func (s Slots) rules() error {
	seen := make(map[string]bool, len(s.Slots))
	for i, slot := range s.Slots {
		if seen[slot.Mid] {
			return &FieldError{fmt.Sprintf("slots[%d].mid", i), "must not be the mid of another slot"}
		}
		seen[slot.Mid] = true
	}
	return nil
}

func (v Views) rules() error {
	type source struct {
		from   identity.PeerID
		source Source
	}
	seen := make(map[source]bool, len(v.Views))
	for i, view := range v.Views {
		s := source{view.From, view.Source}
		if seen[s] {
			return &FieldError{fmt.Sprintf("views[%d]", i), "must not name the source of another view"}
		}
		seen[s] = true
	}
	return nil
}
