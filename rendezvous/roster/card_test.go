package roster

import (
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

func card(at int64) protocol.Card {
	return protocol.Card{Key: strings.Repeat("A", 1622), At: at, Host: peer("host"), Sig: strings.Repeat("A", 86)}
}

// Guards the way of a session's key to everybody who must seal to it: without
// its card a newcomer could not be answered, nor answer.
func TestCardsReachEverybody(t *testing.T) {
	t.Parallel()
	b := newBench(t, testMeeting())
	with := func(name string, at int64, claimed int64) protocol.Hello {
		h := hello(name)
		h.Card, h.Session = card(at), claimed
		return h
	}
	anna := b.enterWith(Claims{ID: peer("anna"), Via: protocol.ViaInvitation, Issued: b.now}, with("anna", 1, 0))
	bert := b.enterWith(Claims{ID: peer("bert"), Via: protocol.ViaPassword, Issued: b.now}, with("bert", 2, 0))
	first := b.welcome(bert)
	if first.Self.Card != card(2) || len(first.Roster) != 2 || first.Roster[0].Card != card(1) {
		t.Errorf("welcomed with %+v", first.Roster)
	}
	shown := func(c Conn, of identity.PeerID) (p protocol.Participant, updated bool) {
		t.Helper()
		for _, f := range b.take(c) {
			switch f := f.(type) {
			case protocol.Joined:
				p = f.Participant
			case protocol.Updated:
				p, updated = f.Participant, true
			}
		}
		if p.ID != of {
			t.Fatalf("told of %q", p.ID)
		}
		return p, updated
	}
	if p, _ := shown(anna, peer("bert")); p.Card != card(2) {
		t.Errorf("joined with %+v", p.Card)
	}

	b.say(bert, protocol.SetPresence{Presence: protocol.Presence{Name: "bert", Hand: true}})
	if p, updated := shown(anna, peer("bert")); !updated || p.Card != (protocol.Card{}) {
		t.Errorf("a raised hand brings the card %+v", p.Card)
	}

	// The same page comes back with another key.
	b.enterWith(b.claims(first), with("bert", 3, first.Self.Session))
	if p, updated := shown(anna, peer("bert")); !updated || p.Card != card(3) || p.Session != first.Self.Session {
		t.Errorf("a new key is told as %+v", p)
	}
	// Another page of the same identity.
	b.enterWith(Claims{ID: peer("bert"), Via: protocol.ViaPassword, Issued: b.now}, with("bert", 4, 0))
	if p, updated := shown(anna, peer("bert")); !updated || p.Card != card(4) || p.Session == first.Self.Session {
		t.Errorf("a new page is told as %+v", p)
	}
}
