package tui

import (
	"fmt"
	"strings"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// entryMark is how somebody came in, in one sign.
func (s screen) entryMark(p session.Person) string {
	switch {
	case p.Kind == protocol.KindHelper:
		return ""
	case p.Via == protocol.ViaInvitation:
		return s.theme.accent.Render("✓")
	default:
		return s.theme.warning.Render("?")
	}
}

// byPassword counts whom the server alone vouches for.
func (s screen) byPassword() (n int) {
	for _, p := range s.state.People {
		if p.Kind != protocol.KindHelper && p.Via != protocol.ViaInvitation {
			n++
		}
	}
	return n
}

// covered counts whose keys the safety code covers.
func (s screen) covered() (n int) {
	for _, p := range s.state.People {
		if p.Kind != protocol.KindHelper {
			n++
		}
	}
	return n
}

// safetyText is how wide the safety code's explanation is at most.
const safetyText = 62

func (s screen) safetyLines() []string {
	code := s.state.Safety
	if code.Digits == "" {
		return s.explained("There is no code yet: it comes with the first key of the meeting.")
	}
	words := wrap(strings.Join(code.Words[:], "  "), min(safetyText, s.width-8))
	var lines []string
	for _, line := range words {
		lines = append(lines, s.theme.chosen.Render(strings.TrimSpace(line)))
	}
	lines = append(lines, s.theme.chosen.Render(grouped(code.Digits)), "")
	lines = append(lines, s.explained("Read it aloud to each other. Where everybody sees the same, nobody sits between you. Where somebody does not, say nothing that matters, leave, and make a new meeting.")...)
	lines = append(lines, "")
	who := fmt.Sprintf("It covers the keys of %d people", s.covered())
	if s.covered() == 1 {
		who = "It covers your key alone"
	}
	if host, here := find(s.state, s.state.HostID); here {
		name := nameOf(host.Participant)
		if host.ID == s.state.Self {
			name = "you"
		}
		who += ", and that the host is " + name
	}
	lines = append(lines, s.explained(who+". It changes when somebody comes or goes.")...)
	if n := s.byPassword(); n > 0 {
		vouched := fmt.Sprintf("%d of them came by password (?): for them the server alone vouches.", n)
		if n == 1 {
			vouched = "One of them came by password (?): for them the server alone vouches."
		}
		for _, line := range wrap(vouched, min(safetyText, s.width-8)) {
			lines = append(lines, s.theme.warning.Render(line))
		}
	}
	return lines
}

func (s screen) explained(text string) []string {
	lines := wrap(text, min(safetyText, s.width-8))
	for i, line := range lines {
		lines[i] = s.theme.text.Render(strings.TrimRight(line, " "))
	}
	return lines
}

// grouped puts a space between the halves of the digits, as they are read aloud.
func grouped(digits string) string {
	half := len(digits) / 2
	return digits[:half] + " " + digits[half:]
}
