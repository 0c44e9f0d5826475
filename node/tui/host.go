package tui

import (
	"strings"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// deed is one line of the list of what who has the chair can do.
type deed struct {
	what what
	id   identity.PeerID // whom it is about
}

type what uint8

const (
	doAdmit what = iota + 1
	doLock
	doEntry
	doRenew
	doShow
	doRemove
)

// offer is an invitation on the screen.
type offer struct {
	link     string
	password string // "" when it is not known
	code     string // the link as a picture, "" where nobody can draw one
}

// hosts tells whether this node is the meeting's host.
func (s screen) hosts() bool { return s.state.HostID == s.state.Self && s.state.Self != "" }

// deeds is what can be done now: about who waits, about the meeting, about who is
// in it.
func (s screen) deeds() []deed {
	var list []deed
	for _, p := range s.state.Waiting {
		list = append(list, deed{doAdmit, p.ID})
	}
	list = append(list, deed{what: doLock})
	if s.hosts() {
		list = append(list, deed{what: doEntry}, deed{what: doShow}, deed{what: doRenew})
	}
	for _, p := range s.state.People {
		if p.ID != s.state.Self && p.Kind != protocol.KindHelper {
			list = append(list, deed{doRemove, p.ID})
		}
	}
	return list
}

func (s screen) deedText(d deed) string {
	switch d.what {
	case doAdmit:
		return s.waitingName(d.id) + " waits: Enter lets them in, d sends them away"
	case doLock:
		if s.state.Policy.Locked {
			return "Unlock the meeting: newcomers come in again"
		}
		return "Lock the meeting: no newcomers"
	case doEntry:
		if s.state.Entry == meeting.EntryInvitation {
			return "Let in who has the password, not only by invitation"
		}
		return "Let in by invitation only, not who has the password"
	case doShow:
		return "Show the invitation"
	case doRenew:
		return "Make a new invitation and password"
	default:
		return "Remove " + nameIn(s.state, d.id)
	}
}

func (s screen) waitingName(id identity.PeerID) string {
	for _, p := range s.state.Waiting {
		if p.ID == id {
			return nameOf(p)
		}
	}
	return somebody
}

// hostLines is the list, as much of it as there is room for around what is chosen.
func (s screen) hostLines() []string {
	list := s.deeds()
	room := max(1, s.height-4)
	first := max(0, min(s.chosen-room/2, len(list)-room))
	var lines []string
	for i := first; i < min(first+room, len(list)); i++ {
		text := s.deedText(list[i])
		if i == s.chosen {
			lines = append(lines, s.theme.chosen.Render("› "+text))
		} else {
			lines = append(lines, "  "+text)
		}
	}
	return lines
}

func (s screen) removeLines() []string {
	lines := s.explained("They are out at once, and what is said from then on is sealed with a key that they do not have.")
	return append(lines, s.explained("Banned, they cannot come back as who they are.")...)
}

func (s screen) renewLines() []string {
	if s.removed != "" {
		lines := s.explained(s.removed + " knows this meeting’s link and password, and could come back with them under another name.")
		return append(lines, s.explained("A new invitation makes both worthless. Who is inside stays inside.")...)
	}
	return s.explained("The present link and password open nothing any more. Who is inside stays inside.")
}

// invitationLines has the link in pieces that are as long as the window is wide,
// and the picture where that fits.
func (s screen) invitationLines() []string {
	var lines []string
	for link := s.offer.link; link != ""; {
		n := min(len(link), max(1, s.width-8))
		lines = append(lines, s.theme.chosen.Render(link[:n]))
		link = link[n:]
	}
	if s.offer.password != "" {
		lines = append(lines, "", "Password  "+s.offer.password)
	}
	code := strings.Split(strings.TrimRight(s.offer.code, "\n"), "\n")
	switch {
	case s.offer.code == "":
	case len(lines)+1+len(code) <= s.height-4:
		lines = append(append(lines, ""), code...)
	default:
		lines = append(lines, "", s.theme.muted.Render("A taller window shows it as a picture, too."))
	}
	return lines
}
