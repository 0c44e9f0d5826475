package tui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/node/session"
)

// titleLine is the meeting's title and ID, and who records it.
func (s screen) titleLine() string {
	id := s.state.MeetingID.String()
	if s.state.MeetingID == "" {
		id = ""
	}
	recording := s.recorders()
	if recording != "" {
		recording = s.theme.danger.Render("● "+recording) + " "
	}
	title := Plain(s.state.Title)
	// The ID stays whole: people read it to each other.
	room := s.width - 3 - width(id) - width(recording) - 4
	title = s.theme.title.Render(strings.TrimRight(fit(title, min(max(room, 8), width(title))), " "))
	return spread(" "+title+"  "+s.theme.muted.Render(id), recording, s.width)
}

// recorders says who records, in words that fit beside a title.
func (s screen) recorders() string {
	var names []string
	for _, p := range s.state.People {
		if !p.Presence.Recording {
			continue
		}
		if p.ID == s.state.Self {
			names = append(names, "You")
		} else {
			names = append(names, fit(nameOf(p.Participant), min(20, width(nameOf(p.Participant)))))
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		if names[0] == "You" {
			return "You record"
		}
		return names[0] + " records"
	default:
		return fmt.Sprintf("%d record", len(names))
	}
}

// topologyLine says how far the stay is, or who connects to whom.
func (s screen) topologyLine() string {
	end := ""
	if s.state.Phase == session.PhaseIn && !s.state.Connected {
		end = s.theme.warning.Render("server away, meeting goes on") + " "
	}
	switch s.state.Phase {
	case session.PhaseWaiting:
		return spread(" "+s.theme.warning.Render("Waiting to be let in. The host has been told that you are here."), end, s.width)
	case session.PhaseIn:
		return spread(" "+s.theme.accent.Render(s.sign())+" "+Topology(s.state), end, s.width)
	case session.PhaseOver:
		return fit(" "+s.theme.muted.Render("The meeting is over."), s.width)
	default:
		return fit(" "+s.theme.muted.Render("Joining…"), s.width)
	}
}

// sign is the topology in its smallest form.
func (s screen) sign() string {
	if s.state.Topology.SFU != "" {
		return "✳"
	}
	return "∴"
}

// inputAt is the column in which the chat's field begins.
const inputAt = 3

func (s screen) inputLine() string {
	if s.typing {
		return fit(" "+s.theme.accent.Render("›")+" "+s.input, s.width)
	}
	return fit(s.theme.muted.Render(" › press c to write to everybody"), s.width)
}

// hintLine names the keys that do something now.
func (s screen) hintLine() string {
	keys := []string{"c", "chat", "↑↓", "people", "PgUp PgDn", "older", "h", "hand"}
	if s.chairs() {
		keys = []string{"c", "chat", "↑↓", "people", "h", "hand", "m", "host"}
	}
	switch {
	case s.overlay == overlayHelp, s.overlay == overlaySafety, s.overlay == overlayInvitation:
		keys = []string{"Esc", "close"}
	case s.overlay == overlaySFU:
		keys = []string{"↑↓", "choose", "Enter", "take it", "Esc", "close"}
	case s.overlay == overlayLeave:
		keys = []string{"Enter", "leave", "Esc", "stay"}
	case s.overlay == overlayHost:
		keys = []string{"↑↓", "choose", "Enter", "do it", "Esc", "close"}
	case s.overlay == overlayRemove:
		keys = []string{"Enter", "remove", "b", "remove and ban", "Esc", "not"}
	case s.overlay == overlayRenew && s.removed != "":
		keys = []string{"y", "make it", "Enter", "not now"}
	case s.overlay == overlayRenew:
		keys = []string{"Enter", "make it", "Esc", "not now"}
	case s.typing:
		keys = []string{"Enter", "send", "Esc", "done", "PgUp PgDn", "older"}
	default:
		if s.chairs() {
			keys = append(keys, "s", "SFU")
		}
		keys = append(keys, "v", "safety", "?", "help", "q", "leave")
	}
	for len(keys) > 6 && width(strings.Join(keys, " "))+len(keys) > s.width {
		keys = slices.Delete(keys, 2, 4) // the first and the last matter most, and help tells all
	}
	var b strings.Builder
	for i := 0; i < len(keys); i += 2 {
		b.WriteString(" " + s.theme.title.Render(keys[i]) + " " + s.theme.muted.Render(keys[i+1]) + " ")
	}
	return fit(b.String(), s.width)
}

// chairs tells whether this node has the chair.
func (s screen) chairs() bool { return s.state.Chair == s.state.Self && s.state.Self != "" }
