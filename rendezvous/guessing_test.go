package rendezvous_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous"
)

// behindProxy lets a test say where a request comes from.
func behindProxy(c *rendezvous.Config) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// try is a join by password from an address, in the name of a seed.
func (s *stage) try(id, password, from string, seed byte) *answer {
	s.t.Helper()
	return s.call("POST", "/meetings/join", fmt.Sprintf(`{"meeting_id":%q,"password":%q}`, id, password),
		"Authorization", s.bearer(seed), "X-Forwarded-For", from)
}

// Guards the password of a meeting against everybody at once: a thousand tries
// from hundreds of networks and identities get no further than a hundred, and
// who was invited enters all the same, over HTTP and WebSocket alike.
func TestManyGuessersGetNoMoreThanOne(t *testing.T) {
	t.Parallel()
	s := start(t, behindProxy)
	host := s.person(1)
	made := s.create(host, protocol.CreateRequest{})
	id := made.MeetingID.String()
	h := s.enter(host, protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()})
	until(h, any1[client.Opened])

	looked, suspended := 0, 0
	for i := range 400 {
		from := fmt.Sprintf("198.%d.%d.7", 18+i/200, i%200) // each from a network of its own
		seed := byte(10 + i%200)
		got := s.try(id, fmt.Sprintf("wrong-%d", i), from, seed)
		switch _, code := got.problem(); {
		case got.Status == http.StatusForbidden && code == "incorrect-password":
			looked++
		case got.Status == http.StatusTooManyRequests && code == "password-suspended":
			suspended++
			if after, err := strconv.Atoi(got.Header.Get("Retry-After")); err != nil || after < 1 || after > 3600 {
				t.Fatalf("Retry-After %q", got.Header.Get("Retry-After"))
			}
		default:
			t.Fatalf("try %d: %d %s", i, got.Status, got.Body)
		}
	}
	if looked != 100 || suspended != 300 {
		t.Errorf("%d tries were looked at and %d refused", looked, suspended)
	}
	if got := s.try(id, made.Password, "203.0.113.1", 250); got.Status != http.StatusTooManyRequests {
		t.Errorf("the right password while suspended: %d %s", got.Status, got.Body)
	}
	// The host hears of it, in the room and outside.
	if p := until(h, any1[protocol.PolicyChanged]); p.SuspendedUntil == nil {
		t.Errorf("the host was told %+v", p)
	}
	if shown, err := host.Meeting(t.Context(), made.MeetingID); err != nil || shown.SuspendedUntil == nil {
		t.Errorf("the host sees %+v, %v", shown, err)
	}
	// Invitations go on working through every door.
	guest := s.enter(s.person(2), protocol.JoinRequest{InvitationToken: made.Invitation.Token.Reveal()})
	if w := until(guest, any1[client.Opened]).Welcome; len(w.Roster) != 2 {
		t.Errorf("the guest's welcome: %+v", w)
	}
	if shown, err := s.person(3).Invitation(t.Context(), made.Invitation.Token); err != nil || shown.Password != made.Password {
		t.Errorf("the invitation's page: %v", err)
	}
	// And nothing of this is forgotten by a restart.
	s.end()
	s.start("127.0.0.1:0", behindProxy)
	if got := s.try(id, made.Password, "203.0.113.2", 251); got.Status != http.StatusTooManyRequests {
		t.Errorf("after a restart: %d %s", got.Status, got.Body)
	}
}

// Guards the row: five wrong from one network wait, by whatever identity and
// through whatever host number, and a header of somebody who is no proxy
// changes nothing.
func TestOneNetworkWaits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*rendezvous.Config)
		from   func(i int) string
	}{
		"one /24":        {behindProxy, func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }},
		"one /56":        {behindProxy, func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i) }},
		"forged header":  {nil, func(i int) string { return fmt.Sprintf("198.51.%d.7", i) }},
		"forged further": {behindProxy, func(i int) string { return fmt.Sprintf("198.51.%d.7, 203.0.113.9", i) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, test.change)
			made := s.create(s.person(1), protocol.CreateRequest{})
			for i := range 8 {
				got := s.try(made.MeetingID.String(), "wrong!", test.from(i), byte(10+i))
				want := http.StatusForbidden
				if i >= 5 {
					want = http.StatusTooManyRequests
				}
				if got.Status != want {
					t.Errorf("try %d: %d %s", i, got.Status, got.Body)
				}
			}
		})
	}
}

// Guards invitations' tokens and unknown meetings: the same book counts them,
// through the page and the join alike.
func TestUnknownTokensAndMeetingsCount(t *testing.T) {
	t.Parallel()
	s := start(t, behindProxy)
	refused := 0
	for i := range 40 {
		token := strings.Repeat(string(rune('A'+i%26)), 42) + "A"
		var got *answer
		switch i % 3 {
		case 0:
			got = s.call("GET", "/meetings/invitation/"+token, "", "Authorization", s.bearer(9), "X-Forwarded-For", "203.0.113.1")
		case 1:
			got = s.call("POST", "/meetings/join", `{"invitation_token":"`+token+`"}`, "Authorization", s.bearer(9), "X-Forwarded-For", "203.0.113.2")
		default:
			got = s.try(fmt.Sprintf("000-000-%03d", i), "123456", "203.0.113.3", 9)
		}
		switch got.Status {
		case http.StatusNotFound:
		case http.StatusTooManyRequests:
			refused++
		default:
			t.Fatalf("%d: %d %s", i, got.Status, got.Body)
		}
	}
	if refused != 10 {
		t.Errorf("%d of 40 were refused, want 10: a network has 30 an hour", refused)
	}
	// Another identity from there waits as well; from elsewhere the identity does.
	for _, from := range []string{"203.0.113.77", "198.51.100.1"} {
		seed := byte(9)
		if from == "203.0.113.77" {
			seed = 10
		}
		if got := s.try("000-000-999", "123456", from, seed); got.Status != http.StatusTooManyRequests {
			t.Errorf("from %s: %d", from, got.Status)
		}
	}
}

// Guards the other rates, as --limit sets them.
func TestRates(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *rendezvous.Config) {
		for _, limit := range []string{"create=2/h", "join=3/h", "connect=2/h"} {
			if err := c.Limits.Set(limit); err != nil {
				t.Fatal(err)
			}
		}
	})
	made := s.create(s.person(1), protocol.CreateRequest{})
	s.create(s.person(2), protocol.CreateRequest{})
	if got := s.call("POST", "/meetings/create", `{"title":"x"}`, "Authorization", s.bearer(3)); got.Status != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" {
		t.Errorf("a third creation: %d %s", got.Status, got.Body)
	}
	for i := range 4 {
		want := http.StatusOK
		if i == 3 {
			want = http.StatusTooManyRequests
		}
		if got := s.call("POST", "/meetings/join", `{"invitation_token":"`+made.InvitationToken+`"}`, "Authorization", s.bearer(byte(i+1))); got.Status != want {
			t.Errorf("join %d: %d %s", i, got.Status, got.Body)
		}
	}
	s.dial()
	s.dial()
	got := s.call("GET", "/signal", "", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13",
		"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol", protocol.Version)
	if got.Status != http.StatusTooManyRequests {
		t.Errorf("a third socket: %d", got.Status)
	}
}

// Guards everybody else from who floods: it is told, waits, and nothing that it
// sent is lost.
func TestFloodWaits(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *rendezvous.Config) {
		if err := c.Limits.Set("frame=50/s"); err != nil {
			t.Fatal(err)
		}
	})
	made := s.create(s.person(1), protocol.CreateRequest{})
	flooder, _ := s.sit(1, made)
	other, _ := s.sit(2, made)
	next[protocol.Joined](flooder)
	const frames = 120
	go func() {
		for i := range frames {
			flooder.say(protocol.SendBroadcast{Box: fmt.Sprint(i)})
		}
	}()
	if told := next[protocol.Refusal](flooder); told.Code != protocol.CodeTooManyRequests {
		t.Errorf("told %+v", told)
	}
	for i := range frames {
		if got := next[protocol.Broadcast](other); got.Box != fmt.Sprint(i) {
			t.Fatalf("broadcast %d is %q", i, got.Box)
		}
	}
}

// Guards everybody else from who never reads: it alone is cut, and comes back by
// its ticket.
func TestNeverReads(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	made := s.create(s.person(1), protocol.CreateRequest{})
	sender := s.enter(s.person(1), protocol.JoinRequest{InvitationToken: made.InvitationToken})
	reader := s.enter(s.person(2), protocol.JoinRequest{InvitationToken: made.InvitationToken})
	until(sender, any1[protocol.Joined])
	deaf, welcome := s.sit(3, made)
	until(reader, any1[protocol.Joined])
	box := strings.Repeat("x", 40<<10)
	for range 20 { // far more than is kept for anybody, and than the system buffers
		for range 20 {
			if err := sender.Send(protocol.SendBroadcast{Box: box}); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			until(reader, any1[protocol.Broadcast])
		}
	}
	again := s.dial()
	hello := helloOf(s.ticket(s.person(3), made))
	hello.Ticket, hello.Session = welcome.Resume.Ticket, welcome.Self.Session
	again.say(hello)
	if back := next[protocol.Welcome](again); back.Resumed || back.Self != welcome.Self || len(back.Roster) != 3 {
		t.Errorf("came back with %+v", back)
	}
	for {
		if frame, _ := deaf.read(); frame == nil {
			break // closed, once what the system had buffered was read
		}
	}
}
