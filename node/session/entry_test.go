package session

import (
	"errors"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// otherSecret is the invitation's secret with one bit of it changed.
func (s *stage) otherSecret() *meeting.Secret {
	s.t.Helper()
	text := []byte(s.created.Invitation.Secret.Reveal())
	text[10] = map[bool]byte{true: 'B', false: 'A'}[text[10] == 'A']
	other, err := meeting.ParseSecret(string(text))
	if err != nil {
		s.t.Fatal(err)
	}
	return &other
}

// Guards against a rendezvous whose word is taken for how somebody came in: it
// says of all of them that they showed the invitation.
func TestWhoCameByInvitationHasToProveIt(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		a := s.host()
		invited, knowing, mistaken := s.join(2, nil), s.join(3, byPassword), s.join(4, func(c *Config) { c.Secret = s.otherSecret() })
		s.meet(a, invited, knowing, mistaken)
		for _, n := range []*node{a, invited} {
			for of, proved := range map[*node]bool{a: true, invited: true, knowing: false, mistaken: false} {
				via := map[bool]protocol.Via{true: protocol.ViaInvitation, false: protocol.ViaPassword}[proved]
				if p, _ := n.person(of.id); p.Proved != proved || p.Via != via {
					t.Errorf("%s takes %s for proved %v, by %s", n.name, of.name, p.Proved, p.Via)
				}
			}
		}
		// Who has no secret sees only who does not even claim a proof.
		if p, _ := knowing.person(knowing.id); p.Via != protocol.ViaPassword {
			t.Errorf("without a secret, self is by %s", p.Via)
		}
		if p, _ := knowing.person(a.id); p.Via != protocol.ViaInvitation || p.Proved {
			t.Errorf("without a secret, the host is by %s, proved %v", p.Via, p.Proved)
		}
		s.await("all would read the same code", time.Second, oneCode([]*node{a, invited, knowing}))
		for _, p := range a.State().People {
			if p.Card != (protocol.Card{}) {
				t.Error("a card is in the state: two kilobytes for each participant and event")
			}
		}
	})
}

// Guards against a meeting by invitation alone that anybody may enter whom the
// rendezvous lets in, and against one who was in it keeping its key.
func TestEntryByInvitationAlone(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		a, b, c := s.trio(byPassword)
		nodes := []*node{a, b, c}
		before := a.epoch()
		s.decree(meeting.EntryInvitation, a, b)
		s.await("who has no proof is gone", time.Second, all(nodes[:2], func(n *node) bool { return !n.knows(c) && len(n.State().Links) == 1 }))
		s.await("and so is what it could read", soon, oneEpoch(nodes[:2], before))
		if _, err := c.opens(a, a.seals("behind its back")); !errors.Is(err, e2ee.ErrNoKey) {
			t.Errorf("it opens what is said now: %v", err)
		}

		d := s.join(4, func(c *Config) { c.Secret = s.otherSecret() })
		s.await("who comes with another secret is told of", soon, all(nodes[:2], func(n *node) bool { return n.warned(e2ee.AlarmUninvited, d.id) }))
		e := s.join(5, nil)
		invited := s.meet(a, b, e)
		time.Sleep(5 * time.Second)
		for _, n := range []*node{a, b} {
			if n.knows(d) || n.knows(c) || len(n.State().Links) != 2 {
				t.Error(n.describe())
			}
		}
		for _, n := range invited {
			if _, err := d.opens(n, n.seals("among us")); !errors.Is(err, e2ee.ErrNoKey) {
				t.Errorf("who was not let in hears %s: %v", n.name, err)
			}
			if err := d.reads(n.letter("among us")); !errors.Is(err, e2ee.ErrNoEpoch) {
				t.Errorf("who was not let in reads %s: %v", n.name, err)
			}
		}

		// The rendezvous cannot open the door again.
		s.decree(meeting.EntryAny, a, b, e)
		time.Sleep(2 * time.Second)
		if a.knows(c) || a.knows(d) {
			t.Error("the rendezvous let them in after all")
		}
	})
}

// Guards against a new invitation that makes strangers of those who are in the
// room by the old one, and of those who come by the new.
func TestANewInvitation(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		a, b, c := s.trio(byPassword)
		renewed := s.otherSecret()
		member := e2ee.NewMembershipKey(*renewed, s.created.MeetingID)
		// The host tells who has proved to have the old one, and nobody but the host can.
		tell := func(from, to *node) {
			from.inside(func(l *loop) {
				grant := l.keys.inUse.Grant()
				grant.Membership = member.Reveal()
				box, err := l.keys.mailbox.Seal(l.door.guests[to.id].session, grant)
				if err != nil {
					t.Fatal(err)
				}
				l.dispatch(to.id, box)
			})
		}
		tell(c, b)
		time.Sleep(10 * time.Second)
		b.inside(func(l *loop) {
			if l.door.member.Equal(member) {
				t.Error("anybody can make another invitation the one that counts")
			}
		})
		tell(a, b)
		a.inside(func(l *loop) { l.door.renew(&member); l.recard() })
		old := s.entry(b.id).Card
		s.await("its card is another", 10*time.Second, func() bool { return s.entry(b.id).Card != old })
		if now := s.entry(b.id).Card; now.Key != old.Key {
			t.Error("its key is another, too")
		}
		s.decree(meeting.EntryInvitation, a, b)
		d := s.join(4, func(c *Config) { c.Secret = renewed })
		invited := s.meet(a, b, d)
		for _, n := range invited {
			for _, of := range invited {
				if p, _ := n.person(of.id); !p.Proved {
					t.Errorf("to %s, %s has proved nothing", n.name, of.name)
				}
			}
		}
		if a.knows(c) || b.knows(c) {
			t.Error("who has none is still there")
		}
	})
}

// tell has a node hand another a grant, whatever it is.
func (n *node) tell(to *node, g protocol.Grant) {
	n.inside(func(l *loop) {
		box, err := l.keys.mailbox.Seal(l.door.guests[to.id].session, g)
		if err != nil {
			n.stage.t.Error(err)
		}
		l.dispatch(to.id, box)
	})
}

// Guards against a host by the rendezvous' word alone, who makes another
// invitation the one that counts.
func TestAHostWithoutAProofMakesNoInvitation(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		a := s.host(byPassword)
		invited, knowing := s.join(2, nil), s.join(3, byPassword)
		nodes := s.meet(a, invited, knowing)
		member := e2ee.NewMembershipKey(*s.otherSecret(), s.created.MeetingID)
		var grant protocol.Grant
		a.inside(func(l *loop) { grant = l.keys.inUse.Grant() })
		grant.Membership = member.Reveal()
		a.tell(invited, grant)
		a.tell(knowing, grant)
		time.Sleep(time.Second)
		for _, n := range nodes[1:] {
			n.inside(func(l *loop) {
				if l.door.member != nil && l.door.member.Equal(member) {
					t.Errorf("%s has taken it", n.name)
				}
			})
		}
	})
}
