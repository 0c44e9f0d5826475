package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
)

// screen is everything that a picture depends on.
type screen struct {
	width, height int
	theme         theme
	location      *time.Location

	state    session.State
	speaking map[identity.PeerID]bool
	entries  []entry // oldest first

	input  string // the chat's field, drawn
	typing bool
	back   int // lines of the timeline below the window
	first  int // the first person shown

	overlay overlay
	chosen  int    // in the list of the overlay; −1 for nothing
	record  string // the folder of this node's recording, or ""
	removed string // who is about to be removed, or was
	offer   offer
}

// overlay is what lies over the meeting and has the keys.
type overlay uint8

const (
	overlayNone overlay = iota
	overlayHelp
	overlaySFU
	overlaySafety
	overlayLeave
	overlayHost
	overlayRemove
	overlayRenew
	overlayInvitation
)

// Below these sizes nothing useful can be drawn; from the others on there is
// room for words where smaller windows have letters.
const (
	leastWidth, leastHeight = 48, 14
	wideWidth, wideHeight   = 150, 30
)

// view draws a screen: exactly height lines of exactly width columns.
func view(s screen) string {
	switch {
	case s.width <= 0 || s.height <= 0:
		return ""
	case !s.fits():
		return strings.Join(s.tooSmall(), "\n")
	}
	var lines []string
	lines = append(lines, s.titleLine(), s.topologyLine())
	body := s.height - len(lines) - 4 // the rules above and below, the input, the hints
	if s.wide() {
		lines = append(lines, s.wideBody(body)...)
	} else {
		lines = append(lines, s.compactBody(body)...)
	}
	lines = append(lines, s.inputLine(), s.hintLine())
	if box := s.overlayBox(); box != nil {
		lines = over(lines, box, s.width)
	}
	return strings.Join(lines, "\n")
}

func (s screen) fits() bool { return s.width >= leastWidth && s.height >= leastHeight }

func (s screen) wide() bool { return s.width >= wideWidth && s.height >= wideHeight }

func (s screen) tooSmall() []string {
	lines := make([]string, s.height)
	for i := range lines {
		lines[i] = fit("", s.width)
	}
	for i, line := range wrap(fmt.Sprintf("This window has %d × %d characters, and the meeting needs %d × %d. Make it a little larger, please. Ctrl+C twice leaves.",
		s.width, s.height, leastWidth, leastHeight), s.width) {
		if i < len(lines) {
			lines[i] = fit(line, s.width)
		}
	}
	return lines
}

// A pane is a part of the screen with a heading.
type pane struct {
	heading string
	lines   []string
}

// columns puts two stacks of panes beside each other, under and between rules.
// It makes height+2 lines, both rules included.
func (s screen) columns(left, right []pane, leftWidth, height int) []string {
	rightWidth := s.width - leftWidth - 1
	a, b := stack(left), stack(right)
	lines := make([]string, 0, height+2)
	for i := range height + 1 {
		lines = append(lines, s.row(at(a, i), at(b, i), leftWidth, rightWidth, i == 0))
	}
	under := strings.Repeat("─", leftWidth) + "┴" + strings.Repeat("─", rightWidth)
	return append(lines, s.theme.line.Render(under))
}

// A cell is one line of a stack: a rule with a heading, or text.
type cell struct {
	rule bool
	text string
}

func stack(panes []pane) (cells []cell) {
	for _, p := range panes {
		cells = append(cells, cell{true, p.heading})
		for _, line := range p.lines {
			cells = append(cells, cell{false, line})
		}
	}
	return cells
}

func at(cells []cell, i int) cell {
	if i < len(cells) {
		return cells[i]
	}
	return cell{}
}

// row draws a line of both columns and what stands between them.
func (s screen) row(a, b cell, leftWidth, rightWidth int, top bool) string {
	joint := "│"
	switch {
	case top:
		joint = "┬"
	case a.rule && b.rule:
		joint = "┼"
	case a.rule:
		joint = "┤"
	case b.rule:
		joint = "├"
	}
	return s.drawCell(a, leftWidth) + s.theme.line.Render(joint) + s.drawCell(b, rightWidth)
}

func (s screen) drawCell(c cell, w int) string {
	if !c.rule {
		return fit(c.text, w)
	}
	heading := " " + c.text + " "
	rest := max(0, w-1-width(heading))
	return fit(s.theme.line.Render("─")+s.theme.title.Render(heading)+s.theme.line.Render(strings.Repeat("─", rest)), w)
}

// window gives n lines of a list, back lines above its end, padded at the end.
func window(lines []string, n, back int) []string {
	back = min(back, max(0, len(lines)-n))
	end := len(lines) - back
	return padded(lines[max(0, end-n):end], n)
}

func padded(lines []string, n int) []string {
	out := make([]string, n)
	copy(out, lines)
	return out
}
