package session

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Session is one participant's stay. Run owns it; the other methods may be
// called from anywhere.
type Session struct {
	cfg        Config
	rendezvous *client.Session
	inbox      *inbox
	out        *outbox
	over       chan struct{} // closed when Run has returned
	secrecy    secrecy
	media      *media

	mu      sync.Mutex
	started bool
	last    State // before Run and after it
}

// New checks the configuration and makes a session; nothing happens before Run.
// It fails with ErrConfig.
func New(cfg Config) (*Session, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	presence := newOutlet("", nil, nil, cfg.Publish).initial(cfg.Name, cfg.Recording)
	rendezvous, err := cfg.Client.NewSession(cfg.Joined, cfg.Kind, presence)
	if err != nil {
		return nil, errors.Join(ErrConfig, err)
	}
	made, err := newSecrecy(&cfg, time.Now())
	if err != nil {
		return nil, errors.Join(ErrConfig, err)
	}
	if err := rendezvous.ShowCard(made.self.Card); err != nil {
		return nil, errors.Join(ErrConfig, err)
	}
	in := newInbox()
	return &Session{
		cfg: cfg, rendezvous: rendezvous, secrecy: made, media: newMedia(made.self, in), inbox: in, out: newOutbox(), over: make(chan struct{}),
		last: State{Phase: PhaseJoining, MeetingID: cfg.Joined.MeetingID, Title: cfg.Joined.Title, Self: cfg.Client.Identity().PeerID()},
	}, nil
}

// Run stays in the room until Leave (nil), the context's end (its error), or the
// rendezvous' last word (*client.Ended, *client.Refused, or one of the client's
// other errors if it was never let in). When it returns, nothing of the session
// runs any more. It is called once.
func (s *Session) Run(ctx context.Context) error {
	s.mu.Lock()
	again := s.started
	s.started = true
	s.mu.Unlock()
	if again {
		return ErrOver
	}
	l := newLoop(s)
	// What runs beside the loop outlives ctx by as long as leaving takes.
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	l.couriers.ctx = beside
	defer context.AfterFunc(ctx, func() { time.AfterFunc(leaveWithin, stop) })()

	over := make(chan error, 1)
	l.running.Go(func() { over <- s.rendezvous.Run(beside) })
	l.running.Go(func() { l.keepTime(beside) })
	l.sink()
	l.publish(beside)

	err := l.run(ctx, over)
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	l.phase, l.connected = PhaseOver, false
	s.end(l, stop)
	return err
}

// end lets go of everything, in order, and waits for it.
func (s *Session) end(l *loop, stop context.CancelFunc) {
	l.links.close(false)
	l.core.happened(room.Ended{})
	l.keys.media.sealer.Use(nil) // what came can still be opened
	if l.topic != nil {
		l.topic.Leave()
	}
	l.couriers.end()
	stop()
	for range l.rendezvous.Events() { // nobody else reads what is left
	}
	l.running.Wait()
	l.closing.Wait()
	s.mu.Lock()
	s.last = l.snapshot()
	s.mu.Unlock()
	close(s.over)
	s.inbox.refuse()
	s.out.close()
}

// Events is where the session tells what happens; closed when Run returns. Who
// does not read loses Stats first and then what is oldest, and is told so by an
// Error event: the session waits for nobody.
func (s *Session) Events() <-chan Event { return s.out.ch }

// State is the session now.
func (s *Session) State() State {
	var state State
	if s.call(func(l *loop) error { state = l.snapshot(); return nil }) == nil {
		return state
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Chat says a line to everybody. It fails with ErrChat or ErrOver.
func (s *Session) Chat(text string) error {
	if err := checkLine(text); err != nil {
		return err
	}
	return s.call(func(l *loop) error { return l.say(text) })
}

// Choose overrules the election, or gives it back its choice. It fails with
// ErrNotChair, ErrCandidate, ErrChoice or ErrOver.
func (s *Session) Choose(c room.Choose) error {
	return s.call(func(l *loop) error {
		switch l.core.happened(c) {
		case "":
			return nil
		case room.RefusedNotChair:
			return ErrNotChair
		case room.RefusedCandidate, room.RefusedMalformed:
			return ErrCandidate
		default:
			return ErrChoice
		}
	})
}

// SetPresence changes what everybody is told of this participant. A source that
// is off is not sent; one that nobody publishes cannot be on. Whether it records
// is SetRecording's. It fails with ErrOver, or names the member that is out of
// bounds.
func (s *Session) SetPresence(change func(*protocol.Presence)) error {
	return s.call(func(l *loop) error {
		p := l.presence
		change(&p)
		p.Recording = l.presence.Recording
		if p.Screen && !l.may(l.self, l.policy.Share) {
			p.Screen = false
		}
		if err := protocol.Validate(protocol.SetPresence{Presence: p}); err != nil {
			return err
		}
		l.present(p)
		return nil
	})
}

// SetRecording tells everybody that this participant records, or ceased to. It
// fails with ErrRecord or ErrOver.
func (s *Session) SetRecording(on bool) error {
	return s.call(func(l *loop) error {
		if on && !l.may(l.self, l.policy.Record) {
			return ErrRecord
		}
		p := l.presence
		p.Recording = on
		l.present(p)
		return nil
	})
}

// NetworkChanged says that this machine's addresses are not what they were.
func (s *Session) NetworkChanged() {
	_ = s.call(func(l *loop) error {
		for _, t := range l.links.ties {
			t.link.NetworkChanged()
		}
		return nil
	})
}

// Leave ends the stay; Run returns nil. A second call does nothing.
func (s *Session) Leave() { s.rendezvous.Leave() }

// call has the loop do something and waits for it.
func (s *Session) call(do func(*loop) error) error {
	s.mu.Lock()
	started := s.started
	s.mu.Unlock()
	if !started {
		return ErrOver
	}
	done := make(chan error, 1)
	if !s.inbox.post(command{do, done}, nil) {
		return ErrOver
	}
	select {
	case err := <-done:
		return err
	case <-s.over:
		return ErrOver
	}
}
