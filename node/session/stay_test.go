package session

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against somebody who stays because the rendezvous has lost them before
// the door was closed to them.
func TestWhoWasLostIsJudgedToo(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		a, b, c := s.trio(byPassword)
		before := a.epoch()
		for _, lost := range []*node{b, c} {
			s.rendezvous.Push(a.id, protocol.Left{ID: lost.id, Why: protocol.LeftLost})
		}
		time.Sleep(100 * time.Millisecond)
		if !a.knows(b) || !a.knows(c) {
			t.Fatal("they are gone already: this proves nothing")
		}
		s.decree(meeting.EntryInvitation, a)
		s.await("who has no proof is gone", time.Second, func() bool { return a.unknown(c.id) && a.warned(e2ee.AlarmUninvited, c.id) })
		s.await("with what it could read", soon, func() bool { return a.epoch() != before })
		if !a.knows(b) {
			t.Error("and so is who has one")
		}
	})
}

// Guards against what the host said in another stay being said again in this one
// by a member: an epoch whose key others may have, an order that is long over.
func TestAnotherStaysWordIsNotTaken(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		nodes := s.three()
		_, b, c := nodes[0], nodes[1], nodes[2]
		host := identity.FromSeed([32]byte{1})
		const yesterday = 1000
		old := e2ee.NewRing(s.created.MeetingID).Begin(time.Now().Add(time.Hour).UnixMilli(), [32]byte{7}, host, yesterday, 1, meeting.EntryAny)
		b.tell(c, old.Grant())
		order := protocol.Directive{Term: 2, Seq: 1, Topology: protocol.TopologyStar, SFU: b.id, Reason: "host-choice"}
		e, err := makeEnvelope(newEnvelopes(s.created.MeetingID, host), yesterday, protocol.EnvelopeDirective, order)
		if err != nil {
			t.Fatal(err)
		}
		b.inside(func(l *loop) { l.send(l.links.to(c.id), protocol.Carry{Envelope: e}) })
		time.Sleep(time.Second)
		c.inside(func(l *loop) {
			if l.keys.ring.Find(old.ID) != nil {
				t.Error("an epoch of another stay is taken")
			}
			if l.directives.find(host.PeerID(), order) != nil {
				t.Error("an order of another stay is taken")
			}
			if l.count.envelopes == 0 {
				t.Error("nothing arrived: this proves nothing")
			}
		})
	})
}

// Guards against a room that does not understand a chair that got another
// session, and against crying wolf when what was not acknowledged is sent again.
func TestAnotherSessionOfTheSameProcess(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		a := s.host()
		var recorded []protocol.Signal
		b := s.client(2).Identity().PeerID()
		s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if m, signal := f.(protocol.Signal); signal && to == b {
				recorded = append(recorded, m)
			}
			return []protocol.ServerFrame{f}
		})
		nodes := s.meet(a, s.join(2, nil))
		s.rendezvous.Twist(nil)
		before, epoch := s.entry(a.id).Session, a.epoch()
		s.rendezvous.PushUnknown(a.id)
		s.await("the host has another session", time.Minute, func() bool { return s.entry(a.id).Session != before })
		s.await("they are together again", time.Minute, func() bool {
			return oneEpoch(nodes, epoch)() && all(nodes, func(n *node) bool { return n.sees(nodes) })()
		})
		for _, m := range slices.Repeat(recorded, suspectAfter) {
			m.Session = s.entry(a.id).Session
			s.rendezvous.Push(b, m)
		}
		nodes = append(nodes, s.join(3, nil))
		s.await("a newcomer understands it", soon, all(nodes, func(n *node) bool { return n.sees(nodes) }))
		for _, n := range nodes {
			if alarms := n.State().Alarms; len(alarms) > 0 {
				t.Errorf("%s is alarmed: %+v", n.name, alarms)
			}
		}
		time.Sleep(againFor * time.Millisecond)
		for _, m := range slices.Repeat(recorded, suspectAfter) {
			m.Session = s.entry(a.id).Session
			s.rendezvous.Push(b, m)
		}
		s.await("what is repeated later is told of", soon, func() bool { return nodes[1].warned(e2ee.AlarmReplayed, a.id) })
	})
}

// Guards against a room that so many have passed through that nobody new is taken
// for a member.
func TestNewcomersAreMembersOfAnOldRoom(t *testing.T) {
	t.Parallel()
	d := newDoor(secrecy{meeting: "482913006"}, "host")
	enter := func(id identity.PeerID, session int64, kind protocol.ParticipantKind) {
		d.enter(guest{entry: protocol.Participant{ID: id, Session: session, Kind: kind}}, 1)
	}
	enter("host", 1, protocol.KindNode)
	for i := range formerMost {
		enter(identity.PeerID(fmt.Sprint(i)), 1, protocol.KindNode)
		delete(d.guests, identity.PeerID(fmt.Sprint(i)))
	}
	enter("new", 7, protocol.KindNode)
	enter("helper", 8, protocol.KindHelper)
	if len(d.former) > formerMost {
		t.Errorf("%d sessions are remembered", len(d.former))
	}
	for _, c := range []struct {
		id      identity.PeerID
		session int64
		want    bool
	}{{"host", 1, true}, {"host", 2, false}, {"new", 7, true}, {"new", 6, false}, {"helper", 8, false}, {"0", 1, false}, {"3999", 1, true}} {
		if got := d.wasMember(c.id, c.session); got != c.want {
			t.Errorf("session %d of %s is a member's: %v", c.session, c.id, got)
		}
	}
	delete(d.guests, "new")
	if !d.wasMember("new", 7) {
		t.Error("who has just left was none")
	}
}
