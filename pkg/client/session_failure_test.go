package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against waiting forever for a rendezvous that accepts and says nothing.
func TestNeverAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		s.rendezvous.Mute(true)
		began := time.Now()
		host := s.run(s.host)
		if err := <-host.done; !errors.Is(err, client.ErrUnreachable) {
			t.Errorf("Run = %v, want ErrUnreachable", err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("gave up after %v", took)
		}
		if e, open := <-host.Events(); open {
			t.Errorf("event %#v before any welcome", e)
		}
	})
}

// Guards against a half-open connection: everything is written, nothing answers.
func TestFallsSilent(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.enter(s.host)
		time.Sleep(5 * time.Minute) // idle, and alive by its pings
		host.quiet()
		s.rendezvous.Mute(true)
		began := time.Now()
		expect[client.Lost](host)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("noticed after %v", took)
		}
		s.rendezvous.Mute(false)
		for {
			if opened, ok := (<-host.Events()).(client.Opened); ok {
				if !opened.Welcome.Resumed {
					t.Errorf("welcome = %+v", opened.Welcome)
				}
				return
			}
		}
	})
}

// Guards against a rendezvous, or somebody in its place, that sends what is no
// frame: nothing panics, nothing is lost.
func TestBrokenFrames(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":           "}",
		"unknown type":       `{"type":"surprise"}`,
		"unknown field":      `{"type":"pong","x":1}`,
		"out of bounds":      `{"type":"ack","received":-1}`,
		"ack of the unsent":  `{"type":"ack","received":7}`,
		"number left out":    `{"type":"left","id":"12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq","why":"left"}`,
		"a gap in numbers":   `{"type":"left","seq":9,"id":"12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq","why":"left"}`,
		"larger than a room": strings.Repeat(" ", protocol.MaxWelcome+1),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *stage) {
				host := s.enter(s.host)
				s.rendezvous.Raw(host.id, text)
				lost := expect[client.Lost](host)
				if name != "larger than a room" && !errors.Is(lost.Err, client.ErrNotRendezvous) {
					t.Errorf("lost = %v", lost.Err)
				}
				if w := expect[client.Opened](host).Welcome; !w.Resumed {
					t.Errorf("welcome = %+v, want a resumed one", w)
				}
				s.rendezvous.Push(host.id, protocol.Broadcast{From: host.id, Box: "0"})
				if diff := cmp.Diff(numbered(1), host.boxes(1)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// Guards against coming back forever to a session that holds a frame which
// cannot be read.
func TestUnreadableFrameEndsTheSession(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.run(s.host)
		before := expect[client.Opened](host).Welcome.Self
		s.rendezvous.PushUnknown(host.id)
		expect[client.Lost](host)
		if w := expect[client.Opened](host).Welcome; !w.Resumed {
			t.Errorf("welcome = %+v, want a resumed one", w)
		}
		expect[client.Lost](host)
		if w := expect[client.Opened](host).Welcome; w.Resumed || w.Self.Session <= before.Session || w.Self.N != before.N {
			t.Errorf("welcome = %+v, want a new session of the same participant", w)
		}
		host.quiet()
	})
}

// Guards against taking the welcome that follows an admission for a new
// session, whose numbers would begin anew.
func TestLetInFromTheWaitingRoom(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.run(s.host)
		welcome := expect[client.Opened](host).Welcome
		s.rendezvous.Push(host.id, protocol.Broadcast{From: host.id, Box: "0"})
		again, err := protocol.EncodeServer(0, welcome)
		if err != nil {
			t.Fatal(err)
		}
		s.rendezvous.Raw(host.id, string(again))
		s.rendezvous.Push(host.id, protocol.Broadcast{From: host.id, Box: "1"})
		expect[client.Came](host)
		if got := expect[client.Opened](host).Welcome; cmp.Diff(welcome, got) != "" {
			t.Errorf("welcome = %+v, want %+v", got, welcome)
		}
		expect[client.Came](host)
		host.quiet()

		welcome.Self.Session++
		other, err := protocol.EncodeServer(0, welcome)
		if err != nil {
			t.Fatal(err)
		}
		s.rendezvous.Raw(host.id, string(other))
		if lost := expect[client.Lost](host); !errors.Is(lost.Err, client.ErrNotRendezvous) {
			t.Errorf("lost = %v", lost.Err)
		}
	})
}

// Guards against a WebSocket that is somebody else's.
func TestAnotherProtocol(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		subprotocols []string
		kind         websocket.MessageType
		first        string
	}{
		"no subprotocol":     {nil, websocket.MessageText, `{"type":"pong"}`},
		"begins with a pong": {[]string{protocol.Version}, websocket.MessageText, `{"type":"pong"}`},
		"binary":             {[]string{protocol.Version}, websocket.MessageBinary, `{"type":"pong"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: c.subprotocols})
				if err != nil {
					return
				}
				defer conn.CloseNow()
				_ = conn.Write(r.Context(), c.kind, []byte(c.first))
				_, _, _ = conn.Read(r.Context())
			}))
			defer server.Close()
			cl, err := client.New(client.Config{Rendezvous: server.URL, Identity: identity.FromSeed([32]byte{1})})
			if err != nil {
				t.Fatal(err)
			}
			session, err := cl.NewSession(protocol.JoinResponse{MeetingID: "482913006", Ticket: "x", SignalingURL: server.URL},
				protocol.KindNode, protocol.Presence{Name: "x"})
			if err != nil {
				t.Fatal(err)
			}
			if err := session.Run(t.Context()); !errors.Is(err, client.ErrNotRendezvous) {
				t.Errorf("Run = %v, want ErrNotRendezvous", err)
			}
		})
	}
}

func TestRefusedAtTheDoor(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		session := s.session(s.host)
		s.rendezvous.Fail(protocol.CodeTicket)
		var refused *client.Refused
		if err := session.Run(t.Context()); !errors.As(err, &refused) || refused.Code() != protocol.CodeTicket {
			t.Errorf("Run = %v, want the problem", err)
		}
		// What may pass is tried again, but not forever.
		s.rendezvous.Fail("")
		session = s.session(s.host)
		s.rendezvous.Fail(protocol.CodeUnavailable)
		if err := session.Run(t.Context()); !errors.As(err, &refused) || refused.Code() != protocol.CodeUnavailable {
			t.Errorf("Run = %v, want the problem", err)
		}
	})
}

// Guards against a refusal inside the WebSocket that is taken for a broken
// connection and tried again.
func TestRefusedHello(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		joined, err := s.host.Join(t.Context(), protocol.JoinRequest{InvitationToken: s.created.InvitationToken})
		if err != nil {
			t.Fatal(err)
		}
		joined.Ticket = "forged"
		session, err := s.host.NewSession(joined, protocol.KindNode, protocol.Presence{Name: "x"})
		if err != nil {
			t.Fatal(err)
		}
		var refused *client.Refused
		if err := session.Run(t.Context()); !errors.As(err, &refused) || refused.Code() != protocol.CodeTicket {
			t.Errorf("Run = %v, want the problem", err)
		}
	})
}

// Guards against taking somebody else's place: a welcome about another is no
// welcome, whether it answers the hello or lets somebody in.
func TestAWelcomeAboutSomebodyElse(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host := s.run(s.host)
		welcome := expect[client.Opened](host).Welcome
		welcome.Self.ID = s.guest.Identity().PeerID()
		other, err := protocol.EncodeServer(0, welcome)
		if err != nil {
			t.Fatal(err)
		}
		s.rendezvous.Raw(host.id, string(other))
		if lost := expect[client.Lost](host); !errors.Is(lost.Err, client.ErrNotRendezvous) {
			t.Errorf("lost = %v", lost.Err)
		}
		expect[client.Opened](host)

		s.rendezvous.Twist(func(_ identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if w, is := f.(protocol.Welcome); is {
				w.Self.ID = host.id
				f = w
			}
			return []protocol.ServerFrame{f}
		})
		guest := s.run(s.guest)
		if err := <-guest.done; !errors.Is(err, client.ErrNotRendezvous) {
			t.Errorf("Run = %v, want ErrNotRendezvous", err)
		}
	})
}
