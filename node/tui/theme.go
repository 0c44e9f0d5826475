package tui

import (
	"charm.land/lipgloss/v2"
)

// theme is how things look, in the colours of the web client. What a terminal
// cannot show, or NO_COLOR forbids, is taken out where it is written.
type theme struct {
	title, text, muted, line, accent, danger, warning, chosen lipgloss.Style
}

func newTheme(dark bool) theme {
	choose := lipgloss.LightDark(dark)
	colour := func(light, dark string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(choose(lipgloss.Color(light), lipgloss.Color(dark)))
	}
	return theme{
		title:   lipgloss.NewStyle().Bold(true),
		text:    lipgloss.NewStyle(),
		muted:   colour("#5c6a75", "#93a1ad"),
		line:    colour("#b4c0c8", "#3a4651"),
		accent:  colour("#0b7d5a", "#4fd1a5"),
		danger:  colour("#c8322a", "#ff6259").Bold(true),
		warning: colour("#9a5b00", "#ffb648"),
		chosen:  colour("#0b7d5a", "#4fd1a5").Bold(true),
	}
}
