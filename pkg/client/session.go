package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// eventQueue is how many events wait for their reader before the session
	// stops reading its WebSocket.
	eventQueue = 64

	// firstTries is how often a session that was never welcomed tries to be.
	firstTries = 3
)

// Event is what a [Session] tells its owner: an Opened, a Came or a Lost.
type Event interface{ event() }

// Opened is the rendezvous' welcome. It comes first, and again after every
// Lost; once more when a waiting participant is let in. Unless
// Welcome.Resumed, its roster replaces all that was known.
type Opened struct{ Welcome protocol.Welcome }

// Came is a frame from the rendezvous: exactly once, in order. Only a Refusal
// may get lost together with the connection.
type Came struct{ Frame protocol.ServerFrame }

// Lost tells that the connection is gone, why, and after which time the session
// tries again. What is sent meanwhile waits.
type Lost struct {
	Err   error
	Again time.Duration
}

func (Opened) event() {}
func (Came) event()   {}
func (Lost) event()   {}

// Session is one participant's place in one meeting. [Session.Run] owns it;
// the other methods may be called from anywhere.
type Session struct {
	client    *Client
	meetingID string
	url       string
	kind      protocol.ParticipantKind
	events    chan Event
	wake      chan struct{} // holds one: there is something to write
	anew      chan struct{} // holds one: the hello is another
	left      chan struct{} // closed by Leave

	// Of Run alone.
	ticket   string
	number   int64     // session number; 0 asks for a new one
	known    bool      // was welcomed once
	welcomed time.Time // on the present connection; zero before it
	resumed  bool      // the present connection took a session up again
	began    int64     // received when the present connection was welcomed

	mu       sync.Mutex
	card     protocol.Card
	presence protocol.Presence
	out      outbox
	received int64 // last frame delivered
	acked    int64 // last frame acknowledged to the rendezvous
	leaving  bool
	running  bool
	ended    bool
}

// NewSession makes the session that a ticket opens. Nothing happens before
// [Session.Run]. It fails with [ErrConfig], or names the member that is out of
// bounds.
func (c *Client) NewSession(joined protocol.JoinResponse, kind protocol.ParticipantKind, presence protocol.Presence) (*Session, error) {
	signaling, err := signalingURL(c.base, joined.SignalingURL)
	if err != nil {
		return nil, err
	}
	s := &Session{
		client: c, meetingID: joined.MeetingID.String(), url: signaling, kind: kind,
		events: make(chan Event, eventQueue), wake: make(chan struct{}, 1), anew: make(chan struct{}, 1), left: make(chan struct{}),
		ticket: joined.Ticket, presence: presence,
	}
	if err := protocol.Validate(s.hello()); err != nil {
		return nil, fmt.Errorf("client: hello: %w", err)
	}
	return s, nil
}

// ShowCard has every hello carry the card of this participant's session key. A
// session that runs says hello anew for it, and nobody notices anything else. It
// names the member that is out of bounds.
func (s *Session) ShowCard(card protocol.Card) error {
	hello := s.hello()
	hello.Card = card
	if err := protocol.Validate(hello); err != nil {
		return fmt.Errorf("client: hello: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.card = card
	select {
	case s.anew <- struct{}{}:
	default:
	}
	return nil
}

// Events is where the session tells what happens. It is closed when Run
// returns. Whoever runs a session reads it: an owner that stops reading is
// dropped by the rendezvous in the end, and taken back when it reads on.
func (s *Session) Events() <-chan Event { return s.events }

// Send queues a frame, to arrive once and in the order of calls. It fails
// without having taken the frame: with a *protocol.FieldError or
// protocol.ErrTooLarge, with [ErrBacklog], or with [ErrEnded]. Hello, Ping,
// Ack and Leave are the session's own and refused.
func (s *Session) Send(f protocol.ClientFrame) error {
	switch f.(type) {
	case nil, protocol.Hello, protocol.Ping, protocol.Ack, protocol.Leave:
		return fmt.Errorf("client: send: %T is the session's own frame", f)
	}
	if err := protocol.Validate(f); err != nil {
		return fmt.Errorf("client: send: %w", err)
	}
	// With the longest number, so that no later number makes it too large.
	if _, err := protocol.EncodeClient(protocol.MaxInt, f); err != nil {
		return fmt.Errorf("client: send: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.leaving {
		return ErrEnded
	}
	if err := s.out.push(f); err != nil {
		return err
	}
	if p, ok := f.(protocol.SetPresence); ok {
		s.presence = p.Presence
	}
	s.wakeUp()
	return nil
}

// Leave ends the session for good: Run tells the rendezvous, if it is
// connected, and returns nil, whether or not anybody reads the events that are
// left. A second call does nothing.
func (s *Session) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving || s.ended {
		return
	}
	s.leaving = true
	s.out.frames = append(s.out.frames, protocol.Leave{}) // even with a full outbox
	close(s.left)
	s.wakeUp()
}

func (s *Session) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run connects, reconnects, and returns when the session is over: nil after
// [Session.Leave], ctx's error, an *[Ended] or *[Refused] with the rendezvous'
// last word, or [ErrUnreachable] or [ErrNotRendezvous] if it was never
// welcomed. A connection that was lost after that is tried again until ctx
// ends. Run is called once.
func (s *Session) Run(ctx context.Context) error {
	if !s.start() {
		return ErrEnded
	}
	defer s.finish()
	for attempt, tries := 0, 1; ; attempt, tries = attempt+1, tries+1 {
		// attempt counts since the connection last held, tries from the start.
		s.welcomed = time.Time{}
		err := s.connection(ctx)
		switch {
		case s.isLeaving():
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("client: %w", context.Cause(ctx))
		case final(err), !s.known && (tries >= firstTries || errors.Is(err, ErrNotRendezvous)):
			return err
		}
		if errors.Is(err, errAnew) {
			continue
		}
		if errors.Is(err, errFrame) && s.stuck() {
			s.forget()
		}
		if !s.welcomed.IsZero() && time.Since(s.welcomed) >= steadyAfter {
			attempt = 0
		}
		wait := max(delay(attempt, rand.Float64()), retryAfter(err))
		if s.known {
			if err := s.deliver(ctx, Lost{err, wait}); err != nil {
				return err
			}
		}
		select {
		case <-time.After(wait):
		case <-s.left:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("client: %w", context.Cause(ctx))
		}
	}
}

func (s *Session) start() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running || s.ended {
		return false
	}
	s.running = true
	return true
}

func (s *Session) finish() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	close(s.events)
}

func (s *Session) isLeaving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leaving
}

// deliver hands an event to the owner, however long that takes.
func (s *Session) deliver(ctx context.Context, e Event) error {
	select {
	case s.events <- e:
		return nil
	case <-s.left:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("client: %w", context.Cause(ctx))
	}
}

// final reports whether trying again is pointless.
func final(err error) bool {
	var ended *Ended
	var refused *Refused
	switch {
	case errors.As(err, &ended):
		return !ended.returns()
	case errors.As(err, &refused):
		return !refused.Temporary()
	default:
		return false
	}
}

// retryAfter is how long the rendezvous asked to be left alone.
func retryAfter(err error) time.Duration {
	var ended *Ended
	var refused *Refused
	seconds := 0
	switch {
	case errors.As(err, &ended):
		seconds = ended.Bye.RetryAfter
	case errors.As(err, &refused):
		seconds = refused.Problem.RetryAfter
	}
	return time.Duration(seconds) * time.Second
}
