package session

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// makers is what the host keeps that made the stage's meeting.
func (s *stage) makers() *forgetful {
	inv := s.created.Invitation
	return &forgetful{Kept{Entry: meeting.EntryAny, Invitation: &inv}}
}

// renew has the host make a new invitation, by which everybody comes from then on.
func (s *stage) renew(host *node) (old meeting.Invitation) {
	s.t.Helper()
	old = s.created.Invitation
	made, err := host.Renew(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.created.Invitation = made.Invitation
	return old
}

// member is the key with which a node checks and makes proofs.
func (n *node) member() (key e2ee.MembershipKey) {
	n.inside(func(l *loop) {
		if l.door.member != nil {
			key = *l.door.member
		}
	})
	return key
}

// proved tells whether a node knows all of some others to be invited.
func (n *node) proved(others ...*node) bool {
	return !slices.ContainsFunc(others, func(o *node) bool {
		p, here := n.person(o.id)
		return !here || !p.Proved || p.Via != protocol.ViaInvitation
	})
}

// Guards against a new invitation after which people who are inside are strangers
// to each other, or to who comes by it, or that whoever was sent away is told of.
func TestTheHostRenewsTheInvitation(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		memory := s.makers()
		a := s.host(remembering(memory))
		b, knowing, away := s.join(2, nil), s.join(3, byPassword), s.join(4, nil)
		s.meet(a, b, knowing, away)
		if _, err := b.Renew(t.Context()); !errors.Is(err, ErrNotHost) {
			t.Errorf("a guest renews: %v", err)
		}
		if err := b.Remove(away.id, false); !errors.Is(err, ErrNotChair) {
			t.Errorf("a guest removes: %v", err)
		}

		// The rendezvous does not do what it is told, and brings them back.
		entry, before := s.entry(away.id), a.epoch()
		entry.Session, entry.N = entry.Session+1, time.Now().Add(time.Second).UnixMilli()
		s.rendezvous.Twist(func(_ identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if l, left := f.(protocol.Left); left && l.ID == away.id {
				return nil
			}
			return []protocol.ServerFrame{f}
		})
		if err := a.Remove(away.id, false); err != nil {
			t.Fatal(err)
		}
		if !a.unknown(away.id) {
			t.Error("who was removed is still there")
		}
		s.await("with what they could read", soon, func() bool { return a.epoch() != before })
		s.rendezvous.Push(a.id, protocol.Joined{Participant: entry})
		time.Sleep(time.Second)
		if !a.unknown(away.id) {
			t.Error("who was removed is back with the key that they had")
		}
		away.Leave()
		away.stop()
		away = s.join(4, nil)
		s.await("they are back with another", soon, func() bool { return a.proved(away) })

		old := s.renew(a)
		newKey := e2ee.NewMembershipKey(*s.created.Invitation.Secret, s.created.MeetingID)
		s.await("who is invited has the new key", soon, func() bool { return b.member().Equal(newKey) })
		time.Sleep(10 * time.Second)
		oldKey := e2ee.NewMembershipKey(*old.Secret, s.created.MeetingID)
		if !away.member().Equal(oldKey) {
			t.Error("who was removed was told of it")
		}
		if got := memory.kept; *got.Invitation.Secret != *s.created.Invitation.Secret || len(got.Former) != 1 ||
			got.Former[0].Secret != *old.Secret || !slices.Equal(got.Former[0].Members, []identity.PeerID{b.id}) {
			t.Errorf("remembered: %+v", got)
		}
		s.rendezvous.Twist(nil)
		d := s.join(5, nil)
		invited := []*node{a, b, d}
		s.await("all who are invited prove so to each other", soon, all(invited, func(n *node) bool { return n.proved(invited...) }))
		for _, n := range invited {
			if alarms := n.State().Alarms; len(alarms) > 0 {
				t.Errorf("%s is alarmed: %+v", n.name, alarms)
			}
		}
	})
}

// Guards against a host who is started again and takes for a stranger who came by
// the invitation before, and has not heard of the new one; and against others
// who come by that.
func TestAFormerInvitationAfterARestart(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		memory := s.makers()
		a := s.host(remembering(memory))
		b := s.join(2, nil)
		s.meet(a, b)
		a.kill() // and what goes through the rendezvous does not arrive either
		s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if _, signal := f.(protocol.Signal); signal && to == b.id {
				return nil
			}
			return []protocol.ServerFrame{f}
		})
		old := s.renew(a)
		a.Leave()
		a.stop()
		oldKey := e2ee.NewMembershipKey(*old.Secret, s.created.MeetingID)
		if !b.member().Equal(oldKey) {
			t.Fatal("it has heard of the new one: this proves nothing")
		}
		if _, err := memory.Change(func(k *Kept) { k.Entry = meeting.EntryInvitation }); err != nil {
			t.Fatal(err)
		}

		again := s.join(1, func(c *Config) { c.Keep, c.Secret = memory, nil }) // by its ID
		s.await("the host is back", time.Second, func() bool { return again.State().Phase == PhaseIn })
		s.await("who came by the old one is invited", soon, func() bool { return again.proved(b) })
		stranger := s.join(3, func(c *Config) { c.Secret = old.Secret })
		s.await("nobody else is by that", soon, func() bool { return again.warned(e2ee.AlarmUninvited, stranger.id) })
		s.rendezvous.Twist(nil)
		newKey := e2ee.NewMembershipKey(*s.created.Invitation.Secret, s.created.MeetingID)
		s.await("it is told of the new one", time.Minute, func() bool { return b.member().Equal(newKey) })
		d := s.join(4, nil)
		invited := []*node{again, b, d}
		s.await("all who are invited prove so to each other", time.Minute, all(invited, func(n *node) bool { return n.proved(invited...) }))
		s.await("and meet", time.Minute, all(invited, func(n *node) bool { return n.sees(invited) }))
	})
}

// Guards against somebody who was sent away, and comes back as invited by the
// invitation before the last, which was theirs when it was renewed: in the same
// stay of the host and in the next.
func TestWhoWasSentAwayIsInvitedNoMore(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		memory := s.makers()
		a := s.host(remembering(memory))
		b, first, second, third := s.join(2, nil), s.join(3, nil), s.join(4, nil), s.join(5, nil)
		s.meet(a, b, first, second, third)
		gone := []*node{first, second}
		var old []meeting.Invitation
		for _, n := range gone {
			if err := a.Remove(n.id, n == second); err != nil {
				t.Fatal(err)
			}
			old = append(old, s.renew(a))
			n.Leave()
			n.stop()
			s.await("who is invited proves so", time.Minute, func() bool { return a.proved(b, third) })
		}
		if err := a.Deny(third.id); err != nil {
			t.Fatal(err)
		}
		for _, f := range memory.kept.Former {
			if !slices.Equal(f.Members, []identity.PeerID{b.id}) {
				t.Errorf("remembered as invited are %d", len(f.Members))
			}
		}
		back := func() (nodes []*node) {
			for i := range gone {
				nodes = append(nodes, s.join(byte(3+i), func(c *Config) { c.Secret = old[0].Secret }))
			}
			return nodes
		}
		isBack := func(host *node, nodes []*node) {
			t.Helper()
			s.await("they are back", time.Minute, func() bool { return host.knows(nodes[0]) && host.knows(nodes[1]) })
			for _, n := range nodes {
				if host.proved(n) {
					t.Errorf("%s is invited by what it had before it was sent away", n.name)
				}
			}
		}
		again := back()
		isBack(a, again)
		a.inside(func(l *loop) { // even if a list had been forgotten
			for i := range l.door.older {
				l.door.older[i].members = append(l.door.older[i].members, first.id)
			}
			l.review()
		})
		isBack(a, again)
		for _, n := range append(again, a) {
			n.Leave()
			n.stop()
		}
		host := s.join(1, remembering(memory))
		s.await("the host is back", time.Second, func() bool { return host.State().Phase == PhaseIn })
		isBack(host, back())
		s.await("who is invited still is", time.Minute, func() bool { return host.proved(b) })
	})
}

// Guards against a host that is kept out by its own people, where entry is by
// invitation: they have not heard of the new one, by which its restarted client
// proves to be invited.
func TestTheHostComesBackToAClosedMeeting(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		memory := s.makers()
		memory.kept.Entry = meeting.EntryInvitation
		a := s.host(remembering(memory))
		b, c := s.join(2, nil), s.join(3, nil)
		s.meet(a, b, c)
		a.kill()
		s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if _, signal := f.(protocol.Signal); signal && to != a.id {
				return nil
			}
			return []protocol.ServerFrame{f}
		})
		s.renew(a)
		a.Leave()
		a.stop()
		again := s.join(1, remembering(memory))
		s.await("the host is back", soon, func() bool { return b.knows(again) && c.knows(again) })
		for _, n := range []*node{b, c} {
			if p, _ := n.person(again.id); p.Role != protocol.RoleParticipant || p.Proved {
				t.Errorf("%s takes an unproved host for %s, proved %v", n.name, p.Role, p.Proved)
			}
		}
		s.rendezvous.Twist(nil)
		all3 := []*node{again, b, c}
		s.await("they hear of the new one", time.Minute, all(all3, func(n *node) bool { return n.proved(all3...) && n.sees(all3) }))
		for _, n := range all3[1:] {
			if p, _ := n.person(again.id); p.Role != protocol.RoleHost || n.warned(e2ee.AlarmUninvited, again.id) {
				t.Errorf("%s takes the host for %s: %+v", n.name, p.Role, n.State().Alarms)
			}
		}
	})
}

// Guards against a memory of former invitations that grows without end.
func TestFormerInvitationsAreFew(t *testing.T) {
	t.Parallel()
	var k Kept
	members := make([]identity.PeerID, MembersMost+1)
	for i := range byte(FormerMost + 2) {
		secret, err := meeting.NewSecret(repeated(i))
		if err != nil {
			t.Fatal(err)
		}
		k.retire(secret, members)
		if k.Former[0].Secret != secret {
			t.Error("the newest is not the first")
		}
	}
	if len(k.Former) != FormerMost || len(k.Former[0].Members) != MembersMost {
		t.Errorf("%d of %d members", len(k.Former), len(k.Former[0].Members))
	}
}

// repeated reads as one byte without end.
type repeated byte

func (r repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

// Guards a guest who is started again after the host renewed the invitation: what
// the host gave in its place is remembered, or they are strangers by the meeting's
// ID, and out where entry is by invitation.
func TestAGuestRemembersTheNewMembership(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		memory := &forgetful{}
		a, b, c := s.host(remembering(s.makers())), s.join(2, remembering(memory)), s.join(3, nil)
		s.meet(a, b, c)
		s.decree(meeting.EntryInvitation, a)
		old := s.renew(a)
		newKey := e2ee.NewMembershipKey(*s.created.Invitation.Secret, s.created.MeetingID)
		s.await("they are told of it", soon, func() bool { return b.member().Equal(newKey) && c.member().Equal(newKey) })
		time.Sleep(10 * time.Second) // all show cards that can be checked with it
		b.Leave()
		b.stop()
		for _, secret := range []*meeting.Secret{nil, old.Secret} { // by its ID, and by what they came with before
			b = s.join(2, func(c *Config) { c.Keep, c.Secret = memory, secret })
			s.await("they are invited", soon, func() bool { return a.proved(b) && c.proved(b) && b.proved(a, c) })
			b.Leave()
			b.stop()
		}
		helper := s.join(4, func(c *Config) { c.Kind, c.Publish, c.Sinks, c.Keep = protocol.KindHelper, nil, nil, memory })
		s.await("the helper is there", soon, func() bool { return helper.State().Phase == PhaseIn })
		if key := helper.member(); key != (e2ee.MembershipKey{}) {
			t.Error("a helper has a membership")
		}
	})
}
