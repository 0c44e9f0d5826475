package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// overlayBox is the lines of what lies over the meeting, nil for nothing.
func (s screen) overlayBox() []string {
	switch s.overlay {
	case overlayHelp:
		return s.box("Keys and signs", s.helpLines())
	case overlaySFU:
		return s.box("Who carries the room", s.sfuLines())
	case overlaySafety:
		return s.box("Safety code", s.safetyLines())
	case overlayLeave:
		return s.box("Leave this meeting?", s.leaveLines())
	case overlayHost:
		return s.box("Host", s.hostLines())
	case overlayRemove:
		return s.box("Remove "+s.removed+"?", s.removeLines())
	case overlayRenew:
		return s.box("Make a new invitation?", s.renewLines())
	case overlayInvitation:
		return s.box("Invitation", s.invitationLines())
	default:
		return nil
	}
}

func (s screen) helpLines() []string {
	rows := [][2]string{
		{"c", "write to everybody; Enter sends, Esc is done"},
		{"↑ ↓", "through the people"},
		{"PgUp PgDn", "through the chat"},
		{"h", "raise or lower your hand"},
		{"v", "the safety code, to compare with the others"},
		{"s", "choose who carries the room (with the chair)"},
		{"m", "let in, remove, lock, invite (with the chair)"},
		{"q", "leave, after a question"},
		{"?  Esc", "these keys; close what is open"},
		{"", ""},
		{"▮▮▯", "how loud somebody is; ··· is muted"},
		{"✓  ?", "came by invitation; by password, not proved"},
		{"M C S H R", "microphone, camera, screen, hand, records"},
		{"▂▄▆█", "connection: round trip and loss"},
		{"─  ╌", "a direct way, a relayed one"},
		{"↑  ↓", "what a link sends and receives, bits a second"},
	}
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = s.theme.title.Render(fit(row[0], 10)) + " " + row[1]
	}
	return lines
}

// A choice is one line of the list: automatic, a mesh, or somebody.
type choice struct {
	topology protocol.Topology // "" gives the choice back to the election
	id       identity.PeerID
}

// carriers is what a chair can choose from.
func (s screen) carriers() []choice {
	list := []choice{{}, {topology: protocol.TopologyMesh}}
	for _, p := range s.state.People {
		if p.Kind != protocol.KindBrowser {
			list = append(list, choice{protocol.TopologyStar, p.ID})
		}
	}
	return list
}

func (s screen) sfuLines() []string {
	var lines []string
	for i, c := range s.carriers() {
		text := "Automatic"
		switch c.topology {
		case protocol.TopologyMesh:
			text = "Nobody: everybody is connected directly"
		case protocol.TopologyStar:
			text = s.carrierText(c.id)
		}
		if i == s.chosen {
			lines = append(lines, s.theme.chosen.Render("› "+text))
		} else {
			lines = append(lines, "  "+text)
		}
	}
	return append(lines, "", s.theme.muted.Render("Now: "+Topology(s.state)))
}

func (s screen) carrierText(id identity.PeerID) string {
	p, _ := find(s.state, id)
	text := nameOf(p.Participant)
	if id == s.state.Self {
		text += " (you)"
	} else if p.Kind == protocol.KindHelper {
		text += " (helper)"
	}
	if id == s.state.Self {
		p.Capacity = &s.state.Capacity
	}
	if p.Capacity == nil {
		return text + ", capacity not known"
	}
	text += ", " + kbps(p.Capacity.UplinkKbps) + " up"
	if p.Capacity.Reachable {
		text += ", reachable"
	}
	if !p.Capacity.Willing {
		text += ", not willing"
	}
	return text
}

func (s screen) leaveLines() []string {
	lines := []string{"The meeting goes on without you."}
	if s.record != "" {
		lines = append(lines, "Your recording ends and stays in "+Plain(s.record)+".")
	}
	if s.state.Topology.Topology == protocol.TopologyStar && carrier(s.state.Topology) == s.state.Self {
		lines = append(lines, "This node carries the room now; another takes over.")
	}
	return lines
}

// box frames lines.
func (s screen) box(heading string, lines []string) []string {
	w := width(heading) + 4
	for _, line := range lines {
		w = max(w, width(line)+4)
	}
	w = min(w, s.width-4)
	lines = lines[:min(len(lines), s.height-4)]
	title := fit(" "+heading+" ", min(width(heading)+2, w-3))
	out := []string{s.theme.line.Render("╭─") + s.theme.title.Render(title) + s.theme.line.Render(strings.Repeat("─", w-3-width(title))+"╮")}
	for _, line := range lines {
		out = append(out, s.theme.line.Render("│")+" "+fit(line, w-4)+" "+s.theme.line.Render("│"))
	}
	return append(out, s.theme.line.Render("╰"+strings.Repeat("─", w-2)+"╯"))
}

// over lays a box in the middle of lines that are w columns wide.
func over(lines, box []string, w int) []string {
	boxWidth := width(box[0])
	left, top := (w-boxWidth)/2, (len(lines)-len(box))/2
	for i, line := range box {
		under := lines[top+i]
		lines[top+i] = fit(ansi.TruncateWc(under, left, ""), left) + line + cutFrom(under, left+boxWidth, w)
	}
	return lines
}

// cutFrom is what a line has from a column on; a wide character that the cut
// goes through becomes a space.
func cutFrom(line string, from, w int) string {
	rest := ansi.TruncateLeftWc(line, from, "")
	if width(rest) > w-from {
		rest = " " + ansi.TruncateLeftWc(line, from+1, "")
	}
	return fit(rest, w-from)
}
