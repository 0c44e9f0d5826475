package tui

import (
	"strings"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/room"
)

// speaks is from which level on somebody is taken to speak, of 127; the web
// client's threshold.
const speaks = 32

const loudest = 127

// levelBar is how loud a microphone is, in n cells.
func (s screen) levelBar(level, n int) string {
	on := min(n, (level*n+loudest/2)/loudest)
	if level >= speaks {
		on = max(on, 1)
	}
	return s.theme.accent.Render(strings.Repeat("▮", on)) + s.theme.line.Render(strings.Repeat("▯", n-on))
}

// quality is how good a link is, 0 (lost) to 4.
func quality(l session.LinkState) int {
	if l.State != session.LinkUp {
		return 0
	}
	switch {
	case l.LossMille >= 100 || l.RTTMillis >= 800:
		return 1
	case l.LossMille >= 30 || l.RTTMillis >= 400:
		return 2
	case l.LossMille >= 10 || l.RTTMillis >= 200:
		return 3
	default:
		return 4
	}
}

// connectionBars draws a quality in four columns.
func (s screen) connectionBars(q int) string {
	const bars = "▂▄▆█"
	style := s.theme.accent
	switch q {
	case 0, 1:
		style = s.theme.danger
	case 2:
		style = s.theme.warning
	}
	runes := []rune(bars)
	return style.Render(string(runes[:q])) + s.theme.line.Render(strings.Repeat("·", len(runes)-q))
}

// pathTo is the link by which somebody's sources come here: their own, or the
// SFU's.
func pathTo(s session.State, id identity.PeerID) (session.LinkState, bool) {
	var via, warm *session.LinkState
	for i := range s.Links {
		l := &s.Links[i]
		switch {
		case l.Draining || l.State == session.LinkClosed:
		case l.Peer == id && l.Purpose != room.PurposeStandby:
			return *l, true
		case l.Peer == id:
			warm = l
		case l.Peer == carrier(s.Topology) && l.Shape == room.ShapeSFU:
			via = l
		}
	}
	switch {
	case via != nil:
		return *via, true
	case warm != nil:
		return *warm, true
	default:
		return session.LinkState{}, false
	}
}
