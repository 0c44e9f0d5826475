package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// helping is a helper with what it was told so far.
type helping struct {
	t    *testing.T
	told chan client.HelpEvent
	done chan error
}

func help(t *testing.T, ctx context.Context, c *client.Client) *helping {
	t.Helper()
	h := &helping{t, make(chan client.HelpEvent, 64), make(chan error, 1)}
	go func() { h.done <- c.Help(ctx, func(e client.HelpEvent) { h.told <- e }) }()
	return h
}

func told[E client.HelpEvent](h *helping) E {
	h.t.Helper()
	synctest.Wait()
	e, ok := (<-h.told).(E)
	if !ok {
		h.t.Fatalf("told something else than a %T", e)
	}
	return e
}

// A helper is called into a meeting by a ticket, and stays registered.
func TestHelp(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		ctx, cancel := context.WithCancel(t.Context())
		h := help(t, ctx, s.guest)
		told[client.Helping](h)
		time.Sleep(5 * time.Minute) // its pings keep it there
		id := s.guest.Identity().PeerID()
		s.rendezvous.Call(id, s.created.MeetingID)
		call := told[client.Wanted](h).Call
		if call.MeetingID != s.created.MeetingID {
			t.Errorf("called to %v", call.MeetingID)
		}
		session, err := s.guest.NewSession(s.guest.Called(call), protocol.KindHelper, protocol.Presence{Name: "Helper"})
		if err != nil {
			t.Fatal(err)
		}
		r := &running{session, t, id, make(chan error, 1), cancel}
		go func() { r.done <- r.Run(ctx) }()
		if w := expect[client.Opened](r).Welcome; w.Self.Kind != protocol.KindHelper {
			t.Errorf("welcome = %+v", w)
		}
		cancel()
		if err := <-h.done; !errors.Is(err, context.Canceled) {
			t.Errorf("Help = %v", err)
		}
		synctest.Wait()
		if left := s.rendezvous.Helpers(); len(left) != 0 {
			t.Errorf("still registered: %v", left)
		}
	})
}

// Guards against helpers that are gone for good after a restart of the
// rendezvous.
func TestHelpComesBack(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		h := help(t, t.Context(), s.guest)
		told[client.Helping](h)
		s.rendezvous.Fail(protocol.CodeUnavailable)
		s.rendezvous.Restart()
		for range 20 {
			if lost := told[client.Lost](h); lost.Err == nil || lost.Again <= 0 || lost.Again > 15*time.Second {
				t.Fatalf("lost = %+v", lost)
			}
		}
		s.rendezvous.Fail("")
		told[client.Helping](h)
		if got := s.rendezvous.Helpers(); len(got) != 1 {
			t.Errorf("registered: %v", got)
		}
	})
}

// Guards against a helper that presses a rendezvous which said no.
func TestHelpIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		s.rendezvous.NoHelpers(true)
		var refused *client.Refused
		if err := <-help(t, t.Context(), s.guest).done; !errors.As(err, &refused) || refused.Code() != protocol.CodeUnauthenticated {
			t.Errorf("Help = %v", err)
		}
		s.rendezvous.NoHelpers(false)
		h := help(t, t.Context(), s.guest)
		told[client.Helping](h)
		s.rendezvous.DismissHelper(s.guest.Identity().PeerID(), protocol.Bye{Why: protocol.ByeElsewhere, Detail: "Another process registered."})
		var ended *client.Ended
		if err := <-h.done; !errors.As(err, &ended) || ended.Bye.Why != protocol.ByeElsewhere {
			t.Errorf("Help = %v", err)
		}
		s.rendezvous.Fail(protocol.CodeUnavailable)
		if err := <-help(t, t.Context(), s.guest).done; !errors.As(err, &refused) {
			t.Errorf("Help = %v", err)
		}
	})
}

func TestHelpAsksNobodyThere(t *testing.T) {
	t.Parallel()
	c, err := client.New(client.Config{Rendezvous: "http://127.0.0.1:1", Identity: identity.FromSeed([32]byte{1})})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Help(t.Context(), func(client.HelpEvent) {}); !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("Help = %v", err)
	}
}
