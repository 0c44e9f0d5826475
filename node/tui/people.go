package tui

import (
	"fmt"
	"strings"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// peopleHeading counts who is here; a helper is nobody.
func (s screen) peopleHeading() string {
	n := 0
	for _, p := range s.state.People {
		if p.Kind != protocol.KindHelper {
			n++
		}
	}
	heading := fmt.Sprintf("People %d", n)
	if unproved := s.byPassword(); unproved > 0 {
		heading += fmt.Sprintf(", %d by password (?)", unproved)
	}
	if waiting := len(s.state.Waiting); waiting > 0 {
		heading += fmt.Sprintf(", %d waiting", waiting)
	}
	return heading
}

// peopleLines is the roster in at most n lines, from the first that is to be
// shown.
func (s screen) peopleLines(n, w int) []string {
	draw := s.compactPerson
	var lines []string
	if s.wide() {
		draw = s.widePerson
		lines = append(lines, s.wideHeading(w))
	}
	people := s.state.People
	first := min(s.first, max(0, len(people)-(n-len(lines))))
	for i := first; i < len(people) && len(lines) < n; i++ {
		if len(lines) == n-1 && i < len(people)-1 {
			lines = append(lines, s.theme.muted.Render(fmt.Sprintf(" … and %d more", len(people)-i)))
			break
		}
		lines = append(lines, draw(people[i], w))
	}
	return lines
}

// A column of the roster: what stands in it, how wide it is.
type column struct {
	text  string
	width int
}

// table puts columns beside each other, one column of space between; the one
// of width 0 takes what is left.
func table(w int, columns ...column) string {
	rest := w - 2
	for _, c := range columns {
		rest -= c.width + 1
	}
	var b strings.Builder
	for _, c := range columns {
		if c.width == 0 {
			c.width = max(rest+1, 1)
		}
		b.WriteString(" " + fit(c.text, c.width))
	}
	return fit(b.String(), w-1) + " "
}

// mark is a letter for what is on, a dot for what is not.
func (s screen) mark(on bool, letter string) string {
	if on {
		return s.theme.text.Render(letter)
	}
	return s.theme.line.Render("·")
}

// compactPerson is a participant in a line of a small window: who speaks, how they
// came, name, role, letters for what is on, connection.
func (s screen) compactPerson(p session.Person, w int) string {
	marks := strings.Join([]string{
		s.mark(p.Presence.Mic, "M"), s.mark(p.Presence.Camera, "C"), s.mark(p.Presence.Screen, "S"),
		s.mark(p.Presence.Hand, s.theme.warning.Render("H")), s.mark(p.Presence.Recording, s.theme.danger.Render("R")),
	}, "")
	if p.Kind == protocol.KindHelper {
		marks = ""
	}
	columns := []column{{s.voice(p, 3), 3}, {s.entryMark(p), 1}, {s.name(p), 0}}
	if w >= roleColumns {
		columns = append(columns, column{s.theme.muted.Render(s.shortRole(p)), 7})
	}
	columns = append(columns, column{marks, 5})
	if w >= barColumns {
		columns = append(columns, column{s.bars(p), 4})
	}
	return table(w, columns...)
}

// From which width on a line in a small window has room for more than a name.
const (
	roleColumns = 31
	barColumns  = 36
)

// pathColumns is from which width on a person's line has room for the way to
// them.
const pathColumns = 108

func (s screen) wideHeading(w int) string {
	columns := []column{
		{"voice", 5},
		{"", 1},
		{"name", 0},
		{"role", 19},
		{"mic", 5},
		{"camera", 6},
		{"screen", 6},
		{"hand", 4},
		{"records", 7},
		{"link", 4},
		{right("rtt", 7), 7},
	}
	if w >= pathColumns {
		columns = append(columns, column{right("gets", 6), 6}, column{"path", 7})
	}
	return s.theme.muted.Render(table(w, columns...))
}

// widePerson is a participant in a line of a large window, in words.
func (s screen) widePerson(p session.Person, w int) string {
	word := func(on bool, yes, no string) string {
		switch {
		case p.Kind == protocol.KindHelper:
			return "" // no member: it has nothing of its own
		case on:
			return yes
		default:
			return s.theme.muted.Render(no)
		}
	}
	columns := []column{
		{s.voice(p, 5), 5},
		{s.entryMark(p), 1},
		{s.name(p), 0},
		{s.theme.muted.Render(s.role(p)), 19},
		{word(p.Presence.Mic, "on", "muted"), 5},
		{word(p.Presence.Camera, "on", "–"), 6},
		{word(p.Presence.Screen, "shares", "–"), 6},
		{word(p.Presence.Hand, s.theme.warning.Render("up"), "–"), 4},
		{word(p.Presence.Recording, s.theme.danger.Render("● rec"), "–"), 7},
		{s.bars(p), 4},
		{right(s.roundTrip(p), 7), 7},
	}
	if w >= pathColumns {
		rate, path := s.way(p)
		columns = append(columns, column{right(rate, 6), 6}, column{path, 7})
	}
	return table(w, columns...)
}

// way is what comes from somebody, and how.
func (s screen) way(p session.Person) (rate, path string) {
	l, ok := pathTo(s.state, p.ID)
	switch {
	case p.ID == s.state.Self || !ok:
		return "–", ""
	case l.Peer != p.ID:
		return "–", s.theme.muted.Render("by SFU")
	case p.Unreachable:
		return "–", s.theme.danger.Render("none")
	case l.Relayed:
		return kbps(l.ReceiveKbps), s.theme.warning.Render("relayed")
	default:
		return kbps(l.ReceiveKbps), "direct"
	}
}

// voice is the level bar of an open microphone.
func (s screen) voice(p session.Person, n int) string {
	if p.Kind == protocol.KindHelper {
		return ""
	}
	if !p.Presence.Mic {
		return s.theme.line.Render(strings.Repeat("·", n))
	}
	return s.levelBar(p.Level, n)
}

func (s screen) name(p session.Person) string {
	name := nameOf(p.Participant)
	switch {
	case p.ID == s.state.Self:
		name += " (you)"
	case !p.Confirmed:
		name += " (away)"
	case p.Unreachable:
		name += " (cannot be reached)"
	}
	switch {
	case s.speaking[p.ID]:
		return s.theme.chosen.Render(name)
	case p.Kind == protocol.KindHelper, !p.Confirmed:
		return s.theme.muted.Render(name)
	default:
		return s.theme.text.Render(name)
	}
}

// role says what somebody is here, and what they came with.
func (s screen) role(p session.Person) string {
	if p.Kind == protocol.KindHelper {
		return string(p.Kind) + s.carries(p)
	}
	role := ""
	switch {
	case p.Role != protocol.RoleParticipant:
		role = string(p.Role) + " · "
	case p.ID == s.state.Chair:
		role = "chair · "
	}
	if carries := s.carries(p); role != "" && carries != "" {
		return strings.TrimSuffix(role, " · ") + carries // only a node or a helper does
	}
	return role + string(p.Kind) + s.carries(p)
}

func (s screen) carries(p session.Person) string {
	switch p.ID {
	case carrier(s.state.Topology):
		return " · SFU"
	case s.state.Topology.Standby:
		return " · standby"
	default:
		return ""
	}
}

// shortRole is the one word that matters most.
func (s screen) shortRole(p session.Person) string {
	switch {
	case p.ID == carrier(s.state.Topology):
		return "SFU"
	case p.Kind == protocol.KindHelper:
		return "helper"
	case p.Role != protocol.RoleParticipant:
		return string(p.Role)
	case p.ID == s.state.Chair:
		return "chair"
	case p.Kind == protocol.KindNode:
		return "node"
	default:
		return ""
	}
}

func (s screen) bars(p session.Person) string {
	if p.ID == s.state.Self {
		return ""
	}
	l, _ := pathTo(s.state, p.ID)
	return s.connectionBars(quality(l))
}

func (s screen) roundTrip(p session.Person) string {
	l, ok := pathTo(s.state, p.ID)
	if p.ID == s.state.Self || !ok {
		return "–"
	}
	return millis(l.RTTMillis)
}
