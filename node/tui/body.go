package tui

// compactBody is people over links at the left, and everything said and
// happened in one list at the right.
func (s screen) compactBody(height int) []string {
	leftWidth := max(24, min(60, s.width*21/40))
	links := min(max(1, s.linkRows()), max(1, height/3))
	people := height - links - 1
	left := []pane{
		{s.peopleHeading(), padded(s.peopleLines(people, leftWidth), people)},
		{s.linksHeading(), padded(s.linkLines(links, leftWidth), links)},
	}
	said := s.timelineLines(s.entries, s.width-leftWidth-1)
	heading := "Chat"
	if s.back > 0 {
		heading = "Chat, older"
	}
	right := []pane{{heading, s.fromTheEnd(said, height, s.width-leftWidth-1)}}
	return s.columns(left, right, leftWidth, height)
}

// wideLeft is what the columns of the wide tables need, with room for a name.
const wideLeft = 92

// wideBody is people over links at the left, and chat over what happened at
// the right.
func (s screen) wideBody(height int) []string {
	leftWidth := max(wideLeft, s.width*56/100)
	rightWidth := s.width - leftWidth - 1
	links := min(max(2, s.linkRows()+1), max(3, height*2/5))
	people := height - links - 1
	happened := max(4, height/3)
	left := []pane{
		{s.peopleHeading(), padded(s.peopleLines(people, leftWidth), people)},
		{s.linksHeading(), padded(s.linkLines(links, leftWidth), links)},
	}
	chat, log := parted(s.entries)
	heading := "Chat"
	if s.back > 0 {
		heading = "Chat, older"
	}
	right := []pane{
		{heading, s.fromTheEnd(s.timelineLines(chat, rightWidth), height-happened-1, rightWidth)},
		{"What happened", s.last(s.timelineLines(log, rightWidth), happened)},
	}
	return s.columns(left, right, leftWidth, height)
}

// fromTheEnd shows the last lines that the reader has scrolled to.
func (s screen) fromTheEnd(lines []string, n, w int) []string {
	if len(lines) == 0 {
		for _, line := range wrap("Nothing yet. What you write goes to everybody.", w-2) {
			lines = append(lines, s.theme.muted.Render(" "+line))
		}
		return padded(lines, n)
	}
	return window(lines, n, s.back)
}

func (s screen) last(lines []string, n int) []string { return window(lines, n, 0) }
