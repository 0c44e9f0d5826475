package node

import (
	"fmt"
	"strings"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Door is a way into a meeting: at which rendezvous, and what is shown there.
type Door struct {
	Rendezvous string // its public URL
	Join       protocol.JoinRequest
	// Secret is what stands behind the invitation's #: it stays in this process.
	// Without one this node comes by password, whatever opened the door.
	Secret *meeting.Secret
}

// ParseDoor takes an invitation link, with or without https:// before and the
// secret behind it, or a meeting ID with the password and the rendezvous that
// it is of. An invitation names its own rendezvous and needs no password. It
// fails with ErrDoor and a sentence that does not repeat the invitation.
func ParseDoor(where, rendezvous, password string) (Door, error) {
	where = strings.TrimSpace(where)
	if id, err := meeting.ParseID(where); err == nil {
		return doorByID(id, rendezvous, password)
	}
	if looksLikeID(where) {
		return Door{}, fmt.Errorf("%w: %w", ErrDoor, meeting.ErrID)
	}
	link := where
	if !strings.Contains(link, "://") {
		link = "https://" + link
	}
	inv, err := meeting.ParseInvitation(link)
	if err != nil {
		return Door{}, fmt.Errorf("%w: %w", ErrDoor, err)
	}
	return Door{Rendezvous: inv.Base, Join: protocol.JoinRequest{InvitationToken: inv.Token.Reveal()}, Secret: inv.Secret}, nil
}

func doorByID(id meeting.ID, rendezvous, password string) (Door, error) {
	switch {
	case rendezvous == "":
		return Door{}, fmt.Errorf("%w: a meeting ID needs its rendezvous: name it with --rendezvous", ErrDoor)
	case password == "":
		return Door{}, fmt.Errorf("%w: a meeting ID needs its password: give it with --password", ErrDoor)
	}
	return Door{Rendezvous: rendezvous, Join: protocol.JoinRequest{MeetingID: id.String(), Password: password}}, nil
}

// looksLikeID tells a mistyped ID from something else.
func looksLikeID(s string) bool {
	return s != "" && strings.Trim(s, "0123456789- ") == ""
}
