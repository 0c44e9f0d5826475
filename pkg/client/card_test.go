package client_test

import (
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against a new card that the others only see after the next outage, and
// against an outage for its sake.
func TestShowCard(t *testing.T) {
	inBubble(t, func(t *testing.T, s *stage) {
		host, guest := s.enter(s.host), s.session(s.guest)
		card := protocol.Card{
			Key: strings.Repeat("A", 1622), At: 1, Host: host.id, Sig: strings.Repeat("A", 86),
		}
		if err := guest.ShowCard(card); err != nil {
			t.Fatal(err)
		}
		if err := guest.ShowCard(protocol.Card{Key: "short"}); err == nil {
			t.Error("a card out of bounds was taken")
		}
		r := s.runs(guest, s.guest)
		number := expect[client.Opened](r).Welcome.Self.Session
		if joined, ok := expect[client.Came](host).Frame.(protocol.Joined); !ok || joined.Participant.Card != card {
			t.Errorf("the host was told %+v", joined)
		}
		card.At++
		if err := guest.ShowCard(card); err != nil {
			t.Fatal(err)
		}
		again := expect[client.Opened](r).Welcome // and nothing was lost
		if !again.Resumed || again.Self.Session != number {
			t.Errorf("it came back with %+v", again.Self)
		}
		if updated, ok := expect[client.Came](host).Frame.(protocol.Updated); !ok || updated.Participant.Card != card {
			t.Errorf("the host was told %+v", updated)
		}
	})
}
