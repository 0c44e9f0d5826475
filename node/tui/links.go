package tui

import (
	"fmt"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/room"
)

func (s screen) linksHeading() string {
	up, down := 0, 0
	for _, l := range s.state.Links {
		up += l.SendKbps
		down += l.ReceiveKbps
	}
	if len(s.state.Links) == 0 {
		return "Links"
	}
	if up+down == 0 {
		return fmt.Sprintf("Links %d", len(s.state.Links))
	}
	return fmt.Sprintf("Links %d  ↑%s ↓%s", len(s.state.Links), kbps(up), kbps(down))
}

// linkLines is the links in at most n lines.
func (s screen) linkLines(n, w int) []string {
	links, ways := s.state.Links, s.state.Ways
	if len(links)+len(ways) == 0 {
		return []string{s.theme.muted.Render(fit(" Nobody to be connected to yet.", w))}
	}
	draw := s.compactLink
	var lines []string
	if s.wide() {
		draw = s.wideLink
		lines = append(lines, s.theme.muted.Render(table(w,
			column{"", 1}, column{"to", 0}, column{"for", 16}, column{"", 12}, column{right("sends", 7), 7},
			column{right("receives", 8), 8}, column{right("lost", 6), 6}, column{right("rtt", 7), 7}, column{"path", 7})))
	}
	for i := range len(links) + len(ways) {
		switch left := len(links) + len(ways) - i; {
		case len(lines) == n-1 && left > 1:
			return append(lines, s.theme.muted.Render(fmt.Sprintf(" … and %d more", left)))
		case i < len(links):
			lines = append(lines, draw(links[i], w))
		default:
			lines = append(lines, s.wayLine(ways[i-len(links)], w))
		}
	}
	return lines
}

// linkRows is how many lines there are for links and ways, without a heading.
func (s screen) linkRows() int { return len(s.state.Links) + len(s.state.Ways) }

// wayLine is how a node is reached over the nodes' own network, in the columns
// of the links.
func (s screen) wayLine(way session.Way, w int) string {
	stroke, path := s.theme.accent.Render("─"), string(way.Path)
	switch way.Path {
	case session.WayRelayed:
		stroke, path = s.theme.accent.Render("╌"), s.theme.warning.Render(path)
	case session.WayNone:
		stroke, path = " ", s.theme.muted.Render(path)
	}
	name := nameIn(s.state, way.Peer)
	if s.wide() {
		return table(w,
			column{stroke, 1}, column{name, 0}, column{s.theme.muted.Render("nodes’ network"), 16}, column{way.Transport, 12},
			column{"", 7}, column{"", 8}, column{"", 6}, column{right(millis(way.RTTMillis), 7), 7}, column{path, 7})
	}
	columns := []column{{stroke, 1}, {name, 0}}
	if w >= rateColumns {
		columns = append(columns, column{s.theme.muted.Render("node"), 7}, column{path, 11})
	} else {
		columns = append(columns, column{path, 7})
	}
	if w >= barColumns {
		columns = append(columns, column{right(millis(way.RTTMillis), 6), 6})
	}
	return table(w, columns...)
}

// dash is a whole line for a direct path and a broken one for a relayed one.
func (s screen) dash(l session.LinkState) string {
	stroke := "─"
	if l.Relayed {
		stroke = "╌"
	}
	switch quality(l) {
	case 0, 1:
		return s.theme.danger.Render(stroke)
	case 2:
		return s.theme.warning.Render(stroke)
	default:
		return s.theme.accent.Render(stroke)
	}
}

func (s screen) compactLink(l session.LinkState, w int) string {
	what := purpose(l)
	switch l.State {
	case session.LinkConnecting:
		what = "opening"
	case session.LinkDown:
		what = "mending"
	case session.LinkClosed:
		what = "closed"
	}
	columns := []column{{s.dash(l), 1}, {nameIn(s.state, l.Peer), 0}, {s.theme.muted.Render(what), 7}}
	if w >= rateColumns {
		columns = append(columns, column{"↑" + kbps(l.SendKbps), 5}, column{"↓" + kbps(l.ReceiveKbps), 5})
	}
	if w >= barColumns {
		columns = append(columns, column{right(millis(l.RTTMillis), 6), 6})
	}
	return table(w, columns...)
}

// rateColumns is from which width on a link's line in a small window has room
// for what goes over it.
const rateColumns = 40

func (s screen) wideLink(l session.LinkState, w int) string {
	path := "direct"
	if l.Relayed {
		path = s.theme.warning.Render("relayed")
	}
	state := string(l.State)
	switch {
	case l.Draining:
		state = "going"
	case l.State == session.LinkDown:
		state = s.theme.danger.Render("being mended")
	}
	return table(w,
		column{s.dash(l), 1}, column{nameIn(s.state, l.Peer), 0}, column{s.theme.muted.Render(longPurpose(l)), 16}, column{state, 12},
		column{right(kbps(l.SendKbps), 7), 7}, column{right(kbps(l.ReceiveKbps), 8), 8}, column{right(perMille(l.LossMille), 6), 6},
		column{right(millis(l.RTTMillis), 7), 7}, column{path, 7})
}

func purpose(l session.LinkState) string {
	switch l.Purpose {
	case room.PurposeSFU:
		return "SFU"
	case room.PurposeStandby:
		return "standby"
	case room.PurposeServe:
		return "served"
	case room.PurposeMesh:
		return "mesh"
	default:
		return ""
	}
}

func longPurpose(l session.LinkState) string {
	switch l.Purpose {
	case room.PurposeSFU:
		return "carries the room"
	case room.PurposeStandby:
		return "stands by"
	case room.PurposeServe:
		return "served from here"
	case room.PurposeMesh:
		return "each other"
	default:
		return ""
	}
}
