package tui

import (
	"io"

	"github.com/charmbracelet/lipgloss"
)

// theme is how things look, in the colours of the web client.
type theme struct {
	title, text, muted, line, accent, danger, warning, chosen lipgloss.Style
}

// newTheme asks the output what it can show; without colours (NO_COLOR, a
// file) every style leaves its text as it is.
func newTheme(out io.Writer) theme {
	return themeOf(lipgloss.NewRenderer(out))
}

func themeOf(r *lipgloss.Renderer) theme {
	colour := func(light, dark string) lipgloss.Style {
		return r.NewStyle().Foreground(lipgloss.AdaptiveColor{Light: light, Dark: dark})
	}
	return theme{
		title:   r.NewStyle().Bold(true),
		text:    r.NewStyle(),
		muted:   colour("#5c6a75", "#93a1ad"),
		line:    colour("#b4c0c8", "#3a4651"),
		accent:  colour("#0b7d5a", "#4fd1a5"),
		danger:  colour("#c8322a", "#ff6259").Bold(true),
		warning: colour("#9a5b00", "#ffb648"),
		chosen:  colour("#0b7d5a", "#4fd1a5").Bold(true),
	}
}
