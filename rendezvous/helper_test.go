package rendezvous_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
)

// helpers lets the identities of seeds help.
func helpers(seeds ...byte) func(*rendezvous.Config) {
	return func(c *rendezvous.Config) {
		for _, seed := range seeds {
			c.Helpers = append(c.Helpers, someone(seed).PeerID())
		}
	}
}

func (s *stage) help(seed byte) *raw {
	s.t.Helper()
	r := s.dial()
	r.say(protocol.Help{Token: strings.TrimPrefix(s.bearer(seed), "Bearer ")})
	next[protocol.Helping](r)
	return r
}

// sitAsHelper registers a helper, has it called, and says hello in its name.
func (s *stage) sitAsHelper(seed byte, chair *raw) *raw {
	s.t.Helper()
	waiting := s.help(seed)
	chair.say(protocol.CallHelper{})
	r, welcome := s.answer(next[protocol.HelpWanted](waiting))
	if welcome.Self.Kind != protocol.KindHelper || welcome.Waiting {
		s.t.Fatalf("a helper is welcomed with %+v", welcome)
	}
	return r
}

// answer goes where a helper is wanted.
func (s *stage) answer(wanted protocol.HelpWanted) (*raw, protocol.Welcome) {
	s.t.Helper()
	r := s.dial()
	r.say(protocol.Hello{MeetingID: wanted.MeetingID.String(), Ticket: wanted.Ticket, Kind: protocol.KindHelper, Presence: protocol.Presence{Name: "Helper"}})
	return r, next[protocol.Welcome](r)
}

// Guards the door of helpers: every credential with the first frame that it
// could open.
func TestWhoMayHelp(t *testing.T) {
	t.Parallel()
	s := start(t, helpers(7))
	token := func(seed byte, audience string, at time.Time, ttl time.Duration) string {
		text, err := identity.NewToken(someone(seed), audience, at, ttl)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	now := time.Now()
	good := token(7, s.url, now, time.Hour)
	for name, test := range map[string]struct {
		token, says string
		code        protocol.Code
	}{
		"no token at all":     {"x", "The bearer token is not a JWT", protocol.CodeUnauthenticated},
		"another signature":   {good[:strings.LastIndexByte(good, '.')] + token(8, s.url, now, time.Hour)[strings.LastIndexByte(good, '.'):], "The bearer token's signature", protocol.CodeUnauthenticated},
		"another rendezvous'": {token(7, "https://other.example.com", now, time.Hour), "The bearer token was made for another audience", protocol.CodeUnauthenticated},
		"of yesterday":        {token(7, s.url, now.Add(-24*time.Hour), time.Hour), "The bearer token has expired", protocol.CodeUnauthenticated},
		"not on the list":     {token(8, s.url, now, time.Hour), "This identity may not help here", protocol.CodeUnauthenticated},
	} {
		r := s.dial()
		r.say(protocol.Help{Token: test.token})
		if bye := next[protocol.Bye](r); bye.Why != protocol.ByeDenied || bye.Code != test.code || !strings.HasPrefix(bye.Detail, test.says) {
			t.Errorf("%s: told %+v", name, bye)
		}
		if _, code := r.read(); code != websocket.StatusPolicyViolation {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	for _, frame := range []protocol.ClientFrame{protocol.Leave{}, protocol.CallHelper{}, protocol.Help{Token: good}, protocol.SendBroadcast{Box: "x"}} {
		r := s.help(7)
		r.say(protocol.Ping{})
		next[protocol.Pong](r)
		r.say(frame)
		if bye := next[protocol.Bye](r); bye.Why != protocol.ByeProtocol {
			t.Errorf("a waiting helper's %T: %+v", frame, bye)
		}
	}
}

// Guards the ticket's kind: a helper's opens nothing for anybody else, and
// nobody else's opens anything for a helper.
func TestHelperTicketsAreForHelpers(t *testing.T) {
	t.Parallel()
	s := start(t, helpers(7))
	made := s.create(s.person(hostSeed), protocol.CreateRequest{})
	host, _ := s.sit(hostSeed, made)
	hello := helloOf(s.ticket(s.person(7), made))
	hello.Kind = protocol.KindHelper
	r := s.dial()
	r.say(hello)
	if bye := next[protocol.Bye](r); bye.Why != protocol.ByeProtocol || !strings.HasPrefix(bye.Detail, "kind is helper") {
		t.Errorf("a joiner says that it is a helper: %+v", bye)
	}
	waiting := s.help(7)
	host.say(protocol.CallHelper{})
	wanted := next[protocol.HelpWanted](waiting)
	for _, kind := range []protocol.ParticipantKind{protocol.KindBrowser, protocol.KindNode} {
		r := s.dial()
		r.say(protocol.Hello{MeetingID: wanted.MeetingID.String(), Ticket: wanted.Ticket, Kind: kind, Presence: protocol.Presence{Name: "Helper"}})
		if bye := next[protocol.Bye](r); bye.Why != protocol.ByeProtocol {
			t.Errorf("a helper comes as %s: %+v", kind, bye)
		}
	}
}

// Guards a helper's life across ends of either side: it registers again, comes
// back into its room by its resume ticket, and is not called to where it is.
func TestHelperRestarts(t *testing.T) {
	t.Parallel()
	s := start(t, helpers(7, 8))
	capacity := meeting.MinCapacity
	locked := true
	made := s.create(s.person(hostSeed), protocol.CreateRequest{Policy: &meeting.PolicyPatch{Capacity: &capacity, Locked: &locked}})
	host, _ := s.sit(hostSeed, made)
	first := s.help(7)
	host.say(protocol.CallHelper{})
	inRoom, welcome := s.answer(next[protocol.HelpWanted](first))
	next[protocol.Joined](host)

	// A new process of the helper takes the registration and the entry over.
	again := s.help(7)
	if bye := next[protocol.Bye](first); bye.Why != protocol.ByeElsewhere {
		t.Errorf("the older registration is told %+v", bye)
	}
	other := s.help(8)
	host.say(protocol.CallHelper{})
	otherInRoom, _ := s.answer(next[protocol.HelpWanted](other))
	next[protocol.Joined](host)
	again.settle() // the one that is in the room already was not called

	// The rendezvous restarts: everybody comes back, the helpers too.
	listen := strings.TrimPrefix(s.url, "http://")
	var ending sync.WaitGroup
	ending.Go(s.end)
	for _, r := range []*raw{host, again, other, inRoom, otherInRoom} {
		if bye := next[protocol.Bye](r); bye.Why != protocol.ByeRestart {
			t.Errorf("told %+v", bye)
		}
		if _, code := r.read(); code != websocket.StatusServiceRestart {
			t.Errorf("closed with %d", code)
		}
	}
	ending.Wait()
	s.start(strings.Replace(listen, "localhost", "127.0.0.1", 1), helpers(7, 8))
	s.help(7)
	back := s.dial()
	back.say(protocol.Hello{
		MeetingID: made.MeetingID.String(), Ticket: welcome.Resume.Ticket, Kind: protocol.KindHelper, Session: welcome.Self.Session,
		Presence: protocol.Presence{Name: "Helper"},
	})
	if got := next[protocol.Welcome](back); got.Self.N != welcome.Self.N || got.Self.Session != welcome.Self.Session {
		t.Errorf("came back as %+v", got.Self)
	}
	if _, err := s.person(9).Join(t.Context(), protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()}); err == nil {
		t.Error("the lock that the helper passed lets a guest in")
	} else if refused := new(client.Refused); !errors.As(err, &refused) || refused.Code() != protocol.CodeLocked {
		t.Error(err)
	}
}
