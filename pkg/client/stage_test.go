package client_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/client/clienttest"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// stage is a meeting of a fake rendezvous with two people who can join it.
type stage struct {
	t           *testing.T
	rendezvous  *clienttest.Rendezvous
	host, guest *client.Client
	created     client.Created
}

// inBubble runs a test where time is virtual, so that half a minute of silence
// costs nothing.
func inBubble(t *testing.T, test func(*testing.T, *stage)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t}
		carrier := s.start()
		s.host, s.guest = carrier(1), carrier(2)
		var err error
		s.created, err = s.host.Create(t.Context(), protocol.CreateRequest{Title: "Planning"})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

func (s *stage) start() func(seed byte) *client.Client {
	s.t.Helper()
	rendezvous, carrier := clienttest.Start(s.t)
	s.rendezvous = rendezvous
	return func(seed byte) *client.Client {
		s.t.Helper()
		c, err := client.New(client.Config{
			Rendezvous: rendezvous.URL(), Identity: identity.FromSeed([32]byte{seed}), HTTP: carrier,
		})
		if err != nil {
			s.t.Fatal(err)
		}
		return c
	}
}

// running is a session with what it told so far.
type running struct {
	*client.Session
	t      *testing.T
	id     identity.PeerID
	done   chan error
	cancel context.CancelFunc
}

func (s *stage) session(c *client.Client) *client.Session {
	s.t.Helper()
	joined, err := c.Join(s.t.Context(), protocol.JoinRequest{InvitationToken: s.created.Invitation.Token.Reveal()})
	if err != nil {
		s.t.Fatal(err)
	}
	session, err := c.NewSession(joined, protocol.KindNode, protocol.Presence{Name: "Somebody"})
	if err != nil {
		s.t.Fatal(err)
	}
	return session
}

func (s *stage) run(c *client.Client) *running {
	s.t.Helper()
	return s.runs(s.session(c), c)
}

func (s *stage) runs(session *client.Session, c *client.Client) *running {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	s.t.Cleanup(cancel)
	r := &running{session, s.t, c.Identity().PeerID(), make(chan error, 1), cancel}
	go func() { r.done <- r.Run(ctx) }()
	return r
}

// enter runs a session and waits until it is in.
func (s *stage) enter(c *client.Client) *running {
	s.t.Helper()
	r := s.run(c)
	expect[client.Opened](r)
	return r
}

// expect waits for the next event, which must be of this type.
func expect[E client.Event](r *running) E {
	r.t.Helper()
	e, open := <-r.Events()
	if !open {
		r.t.Fatalf("the session ended with %v", <-r.done)
	}
	want, ok := e.(E)
	if !ok {
		r.t.Fatalf("event %#v, want a %T", e, want)
	}
	return want
}

// boxes waits for n signals or broadcasts, and lets connections come and go
// meanwhile.
func (r *running) boxes(n int) []string {
	r.t.Helper()
	got := []string{}
	for e := range r.Events() {
		if came, ok := e.(client.Came); ok {
			switch f := came.Frame.(type) {
			case protocol.Signal:
				got = append(got, f.Box)
			case protocol.Broadcast:
				got = append(got, f.Box)
			}
		}
		if len(got) == n {
			return got
		}
	}
	r.t.Fatalf("the session ended with %v after %d boxes", <-r.done, len(got))
	return nil
}

func (r *running) send(f protocol.ClientFrame) {
	r.t.Helper()
	if err := r.Send(f); err != nil {
		r.t.Fatal(err)
	}
}

// quiet fails if something was told meanwhile.
func (r *running) quiet() {
	r.t.Helper()
	synctest.Wait()
	select {
	case e := <-r.Events():
		r.t.Fatalf("event %#v, want none", e)
	default:
	}
}

func numbered(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(i)
	}
	return list
}
