package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/node/tui"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

var (
	errNobody = errors.New("nobody of that name is there")
	errWhom   = errors.New("whom? A name or an ID is missing")
	errMore   = errors.New("nothing more is expected behind that command")
)

// parseWords reads an order as a person writes it: a command, and behind it whom it
// is about, by name or by ID. "ban" is "remove" for good.
func parseWords(line string, s session.State) (o order, err error) {
	command, rest, _ := strings.Cut(strings.TrimSpace(tui.Plain(line)), " ")
	o, rest = order{Command: command}, strings.TrimSpace(rest)
	switch command {
	case "admit", "deny":
		o.Participant, err = find(rest, s.Waiting)
	case "remove", "ban":
		var others []protocol.Participant
		for _, p := range s.People {
			if p.ID != s.Self {
				others = append(others, p.Participant)
			}
		}
		o.Command, o.Ban = "remove", command == "ban"
		o.Participant, err = find(rest, others)
	case "entry":
		o.Entry = meeting.Entry(rest)
	default:
		if rest != "" {
			err = errMore
		}
	}
	return o, err
}

// find finds somebody by ID or by name. A name that several have is nobody's.
func find(whom string, among []protocol.Participant) (identity.PeerID, error) {
	if whom == "" {
		return "", errWhom
	}
	var found []string
	for _, p := range among {
		if string(p.ID) == whom {
			return p.ID, nil
		}
		if strings.TrimSpace(tui.Plain(p.Presence.Name)) == whom {
			found = append(found, string(p.ID))
		}
	}
	switch len(found) {
	case 0:
		return "", errNobody
	case 1:
		return identity.PeerID(found[0]), nil
	default:
		return "", fmt.Errorf("several are called that: give the ID of one, %s", strings.Join(found, " or "))
	}
}
