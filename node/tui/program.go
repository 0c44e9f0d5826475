package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Meeting is what the interface shows and steers.
type Meeting interface {
	// Events ends when the stay is over.
	Events() <-chan session.Event
	State() session.State
	Chat(text string) error
	Choose(room.Choose) error
	SetPresence(func(*protocol.Presence)) error

	// What who has the chair can do, and below what the meeting's host alone can.
	Admit(identity.PeerID) error
	Deny(identity.PeerID) error
	Remove(id identity.PeerID, ban bool) error
	Lock(locked bool) error
	SetEntry(context.Context, meeting.Entry) error
	Renew(context.Context) (client.Renewed, error)
	// Invitation is the newest; false where it is not known.
	Invitation() (meeting.Invitation, bool)

	Leave()
}

// Options are an interface's.
type Options struct {
	Input   io.Reader // a terminal
	Output  io.Writer // a terminal
	Environ []string  // which terminal it is, and whether it is to be coloured (NO_COLOR)
	Record  string    // where this node records to, "" when it does not

	// QR makes a picture of a link, in lines; nil for none.
	QR func(link string) string
}

// countCharacters keeps the renderer to the count of columns that the lines were
// made with, also where the terminal offers another.
func countCharacters(_ tea.Model, msg tea.Msg) tea.Msg {
	if report, ok := msg.(tea.ModeReportMsg); ok && report.Mode == ansi.ModeUnicodeCore {
		return nil
	}
	return msg
}

// Run shows a meeting until its events end, or ctx does. The terminal is as
// before when it returns.
func Run(ctx context.Context, m Meeting, o Options) error {
	program := tea.NewProgram(newModel(ctx, m, o, time.Now),
		tea.WithContext(ctx), tea.WithInput(o.Input), tea.WithOutput(o.Output), tea.WithEnvironment(o.Environ), tea.WithoutSignalHandler(),
		tea.WithFilter(countCharacters))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range m.Events() {
			program.Send(toldMsg{e})
		}
		program.Send(overMsg{})
	}()
	_, err := program.Run()
	if err != nil && ctx.Err() == nil && !errors.Is(err, tea.ErrInterrupted) {
		m.Leave()
		<-done
		return fmt.Errorf("tui: %w", err)
	}
	m.Leave()
	<-done
	return nil
}
