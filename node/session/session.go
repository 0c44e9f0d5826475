package session

import (
	"context"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Session is one participant's stay. Run owns it; the other methods may be
// called from anywhere.
type Session struct {
	cfg    Config
	events chan Event
}

// New checks the configuration and makes a session; nothing happens before Run.
// It fails with ErrConfig.
func New(cfg Config) (*Session, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Session{cfg: cfg, events: make(chan Event, 256)}, nil
}

// Run stays in the room until Leave (nil), the context's end (its error), or the
// rendezvous' last word (*client.Ended, *client.Refused, or one of the client's
// other errors if it was never let in). When it returns, nothing of the session
// runs any more. It is called once.
func (s *Session) Run(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// Events is where the session tells what happens; closed when Run returns. Who
// does not read loses Stats first and then what is oldest, and is told so by an
// Error event: the session waits for nobody.
func (s *Session) Events() <-chan Event { return s.events }

// State is the session now.
func (s *Session) State() State { return State{} }

// Chat says a line to everybody. It fails with ErrChat or ErrOver.
func (s *Session) Chat(text string) error { return ErrOver }

// Choose overrules the election, or gives it back its choice. It fails with
// ErrNotChair, ErrCandidate, ErrChoice or ErrOver.
func (s *Session) Choose(c room.Choose) error { return ErrOver }

// SetPresence changes what everybody is told of this participant. A source that
// is off is not sent; one that nobody publishes cannot be on.
func (s *Session) SetPresence(change func(*protocol.Presence)) error { return ErrOver }

// SetRecording tells everybody that this participant records, or ceased to. It
// fails with ErrRecord or ErrOver.
func (s *Session) SetRecording(on bool) error { return ErrOver }

// NetworkChanged says that this machine's addresses are not what they were.
func (s *Session) NetworkChanged() {}

// Leave ends the stay; Run returns nil. A second call does nothing.
func (s *Session) Leave() {}
