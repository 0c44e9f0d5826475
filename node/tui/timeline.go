package tui

import (
	"strings"
	"time"
)

// entry is one line of what was written or happened.
type entry struct {
	at   time.Time
	from string // who wrote it; "" for what happened
	text string
	mine bool
	bad  bool // an error
}

// maxEntries bounds what is kept.
const maxEntries = 1000

// timelineLines draws entries for a column, oldest first.
func (s screen) timelineLines(entries []entry, w int) []string {
	var lines []string
	for _, e := range entries {
		lines = append(lines, s.entryLines(e, w)...)
	}
	return lines
}

func (s screen) entryLines(e entry, w int) []string {
	const indent = 7 // a space, the time, a space
	when := " " + s.theme.muted.Render(clock(e.at, s.location)) + " "
	style, text := s.theme.muted, e.text
	if e.bad {
		style = s.theme.warning
	}
	if e.from != "" {
		style, text = s.theme.text, e.from+"  "+e.text
	}
	var lines []string
	for i, line := range wrap(text, w-indent-1) {
		if i > 0 {
			lines = append(lines, strings.Repeat(" ", indent)+style.Render(line))
			continue
		}
		if rest, ok := strings.CutPrefix(line, e.from); ok && e.from != "" {
			line = s.author(e).Render(e.from) + style.Render(rest)
		} else {
			line = style.Render(line)
		}
		lines = append(lines, when+line)
	}
	return lines
}

func (s screen) author(e entry) interface{ Render(...string) string } {
	if e.mine {
		return s.theme.muted
	}
	return s.theme.chosen
}

// parted tells what was written from what happened.
func parted(entries []entry) (chat, log []entry) {
	for _, e := range entries {
		if e.from != "" {
			chat = append(chat, e)
		} else {
			log = append(log, e)
		}
	}
	return chat, log
}
