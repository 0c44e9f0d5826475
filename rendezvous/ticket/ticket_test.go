package ticket_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/ticket"
)

var now = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

func sealer(t testing.TB, key byte) *ticket.Sealer {
	t.Helper()
	s, err := ticket.NewSealer([ticket.KeySize]byte{key})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func join() ticket.Ticket {
	return ticket.Ticket{
		Meeting: "482913006", Peer: identity.FromSeed([32]byte{7}).PeerID(), Via: protocol.ViaPassword,
		Issued: now, Expires: now.Add(ticket.JoinTTL),
	}
}

func resume() ticket.Ticket {
	t := join()
	t.N, t.Session, t.Expires = protocol.MaxInt-1, protocol.MaxInt, now.Add(ticket.ResumeTTL)
	return t
}

func seal(t testing.TB, s *ticket.Sealer, tick ticket.Ticket) string {
	t.Helper()
	text, err := s.Seal(tick)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := sealer(t, 1)
	waiting := resume()
	waiting.N = 0
	called := join()
	called.Helper = true
	for _, want := range []ticket.Ticket{join(), resume(), waiting, called} {
		text := seal(t, s, want)
		got, err := s.Open(text, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if got.Resume() != (got.Session != 0) {
			t.Error("a ticket for joining and one for coming back are mixed up")
		}
		if len(text) > 600 || strings.Contains(text, string(want.Peer)) {
			t.Errorf("%d characters: %s", len(text), text)
		}
		if seal(t, s, want) == text {
			t.Error("two tickets have one nonce")
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	s := sealer(t, 1)
	text := seal(t, s, join())
	if _, err := s.Open(text, now.Add(ticket.JoinTTL-time.Nanosecond)); err != nil {
		t.Error(err)
	}
	if _, err := s.Open(text, now.Add(ticket.JoinTTL)); !errors.Is(err, ticket.ErrExpired) {
		t.Error(err)
	}
	end := now.Add(time.Minute)
	if got := ticket.Until(now, ticket.JoinTTL, &end); got != end {
		t.Error(got)
	}
	if got := ticket.Until(now, ticket.JoinTTL, nil); got != now.Add(ticket.JoinTTL) {
		t.Error(got)
	}
}

// Nothing but a whole ticket of this very rendezvous may open the door.
func TestOthersAreRefused(t *testing.T) {
	t.Parallel()
	s := sealer(t, 1)
	text := seal(t, s, resume())
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name, text string) {
		t.Helper()
		if _, err := s.Open(text, now); !errors.Is(err, ticket.ErrTicket) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		refused("a changed byte", base64.RawURLEncoding.EncodeToString(changed))
		refused("cut short", base64.RawURLEncoding.EncodeToString(raw[:i]))
	}
	refused("of another rendezvous", seal(t, sealer(t, 2), resume()))
	refused("empty", "")
	refused("longer", text+"A")
	refused("padded", text+"=")
	refused("too long", strings.Repeat("A", ticket.MaxLength+1))
	refused("no base64", "ä"+text)
}

func TestBrokenTicketsAreNotMade(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*ticket.Ticket){
		"no meeting":          func(t *ticket.Ticket) { t.Meeting = "" },
		"a dashed meeting":    func(t *ticket.Ticket) { t.Meeting = "482-913-006" },
		"no peer":             func(t *ticket.Ticket) { t.Peer = "somebody" },
		"no way in":           func(t *ticket.Ticket) { t.Via = "" },
		"only a join number":  func(t *ticket.Ticket) { t.Session = 0 },
		"negative":            func(t *ticket.Ticket) { t.N = -1 },
		"session before join": func(t *ticket.Ticket) { t.Session = t.N - 1 },
		"too large a number":  func(t *ticket.Ticket) { t.Session = protocol.MaxInt + 1 },
		"too long a life":     func(t *ticket.Ticket) { t.Expires = t.Issued.Add(ticket.ResumeTTL + 1) },
		"no beginning":        func(t *ticket.Ticket) { t.Issued = time.Time{} },
	} {
		broken := resume()
		change(&broken)
		if _, err := sealer(t, 1).Seal(broken); !errors.Is(err, ticket.ErrTicket) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	s := sealer(f, 1)
	f.Add("")
	f.Add(seal(f, s, join()))
	f.Add(seal(f, s, resume()))
	f.Add(seal(f, sealer(f, 2), join()))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := s.Open(text, now)
		if err != nil {
			return
		}
		again, err := s.Open(seal(t, s, got), now)
		if err != nil || !cmp.Equal(got, again) {
			t.Errorf("%+v, then %+v, %v", got, again, err)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	s := sealer(b, 1)
	text := seal(b, s, resume())
	for b.Loop() {
		if _, err := s.Open(text, now); err != nil {
			b.Fatal(err)
		}
	}
}
