package session

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// remove has the rendezvous tell everybody else that somebody was removed, and
// nobody anything of them after that. The removed itself is told nothing: it
// stays on the path.
func (s *stage) remove(gone *node, from []*node) {
	s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
		var of identity.PeerID
		switch m := f.(type) {
		case protocol.Welcome:
			m.Roster = slices.DeleteFunc(slices.Clone(m.Roster), func(p protocol.Participant) bool { return p.ID == gone.id })
			f = m
		case protocol.Joined:
			of = m.Participant.ID
		case protocol.Updated:
			of = m.Participant.ID
		case protocol.Signal:
			of = m.From
		case protocol.Broadcast:
			of = m.From
		}
		if of == gone.id || to == gone.id {
			return nil
		}
		return []protocol.ServerFrame{f}
	})
	for _, n := range from {
		if n != gone {
			s.rendezvous.Push(n.id, protocol.Left{ID: gone.id, Why: protocol.LeftRemoved})
		}
	}
}

// Guards against somebody removed who goes on listening to what still reaches
// them, and somebody new who reads what was said before.
func TestNobodyReadsBeforeTheyCameOrAfterTheyWent(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		nodes := s.three()
		a, b, gone := nodes[0], nodes[1], nodes[2]
		early, earlyLine := b.seals("early"), b.letter("early")
		for _, n := range []*node{a, gone} {
			if got, err := n.opens(b, early); err != nil || got != "early" {
				t.Errorf("%s does not hear what is for it: %q, %v", n.name, got, err)
			}
			if err := n.reads(earlyLine); err != nil {
				t.Errorf("%s does not read what is for it: %v", n.name, err)
			}
		}
		began, before := time.Now(), a.epoch()
		s.remove(gone, nodes)
		s.await("there is another epoch", 2*time.Second, oneEpoch(nodes[:2], before))
		late, lateLine := b.seals("late"), b.letter("late")
		if got, err := a.opens(b, late); err != nil || got != "late" {
			t.Errorf("who is still there hears %q, %v", got, err)
		}
		if _, err := gone.opens(b, late); !errors.Is(err, e2ee.ErrNoKey) {
			t.Errorf("who was removed opens what is said after: %v", err)
		}
		if err := gone.reads(lateLine); !errors.Is(err, e2ee.ErrNoEpoch) {
			t.Errorf("who was removed reads what is written after: %v", err)
		}
		time.Sleep(time.Second)
		s.noGap(nodes[:2], began, time.Now())

		newcomer := s.join(5, nil)
		stay := s.meet(a, b, newcomer)
		if _, err := newcomer.opens(b, early); !errors.Is(err, e2ee.ErrNoKey) {
			t.Errorf("a newcomer opens what was said before: %v", err)
		}
		if err := newcomer.reads(earlyLine); !errors.Is(err, e2ee.ErrNoEpoch) {
			t.Errorf("a newcomer reads what was written before: %v", err)
		}
		// What is no longer needed is erased everywhere.
		s.await("the old key is nowhere", 15*time.Second, all(stay, func(n *node) bool {
			_, err := n.opens(b, early)
			return errors.Is(err, e2ee.ErrNoKey) && errors.Is(n.reads(earlyLine), e2ee.ErrNoEpoch)
		}))
		for _, n := range stay {
			if len(n.State().Alarms) > 0 {
				t.Errorf("%s was alarmed by nothing: %+v", n.name, n.State().Alarms)
			}
		}
	})
}

// Guards against a key that lives as long as the meeting does.
func TestAnEpochEndsByItself(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		a := s.join(1, func(c *Config) { c.Publish, c.Sinks = nil, nil })
		alone := []*node{a}
		s.await("it is in", time.Second, func() bool { return a.State().Phase == PhaseIn })
		s.await("it has a key", soon, oneEpoch(alone, [32]byte{}))
		before := a.epoch()
		time.Sleep(e2ee.EpochFor*time.Millisecond - time.Minute)
		if a.epoch() != before {
			t.Error("it ended early")
		}
		time.Sleep(2 * time.Minute)
		if !oneEpoch(alone, before)() {
			t.Error("it goes on")
		}
	})
}

// Guards against a line that fails, or goes out unsealed, because it is said
// before there is a key.
func TestALineWaitsForTheFirstEpoch(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		a := s.host()
		var kept []protocol.ServerFrame
		b := s.client(2).Identity().PeerID()
		s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if _, signal := f.(protocol.Signal); signal && to == b {
				kept = append(kept, f)
				return nil
			}
			return []protocol.ServerFrame{f}
		})
		late := s.join(2, nil)
		s.await("it is in", time.Second, func() bool { return late.State().Phase == PhaseIn })
		if err := late.Chat("too early"); err != nil {
			t.Fatal(err)
		}
		if late.epoch() != [32]byte{} || len(late.State().Chat) != 0 {
			t.Error("it was said without a key")
		}
		s.rendezvous.Twist(nil)
		for _, f := range kept {
			s.rendezvous.Push(b, f)
		}
		s.await("it is said and read", soon, all([]*node{a, late}, func(n *node) bool { return len(n.State().Chat) == 1 }))
	})
}

// Guards against a helper that is given what it is not to have: of all that is
// sealed to it, and all that it relays, nothing is a key and nothing is to be
// read.
func TestAHelperHasNoKey(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, s *stage) {
		unwilling := func(c *Config) { c.Willing = false }
		a := s.host(unwilling)
		helper := s.client(9).Identity().PeerID()
		var boxes []protocol.ServerFrame
		s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if to == helper {
				boxes = append(boxes, f)
			}
			return []protocol.ServerFrame{f}
		})
		nodes := []*node{a, s.join(2, unwilling), s.join(3, unwilling)}
		h := s.join(9, func(c *Config) {
			c.Kind, c.Publish, c.Sinks = protocol.KindHelper, nil, nil
			c.Joined.HostID = "" // a call does not say who the host is
		})
		s.await("a star on the helper", 20*time.Second, all(nodes, func(n *node) bool { return n.on(protocol.TopologyStar, h.id) && n.sees(nodes) }))
		before := a.epoch()
		gone := nodes[2]
		s.remove(gone, append(slices.Clone(nodes), h))
		stay := nodes[:2]
		s.await("another epoch, through the helper", soon, oneEpoch(stay, before))
		if err := a.Chat("not for the helper"); err != nil {
			t.Fatal(err)
		}
		s.await("the line arrives", time.Second, all(stay, func(n *node) bool { return len(n.State().Chat) == 1 }))

		s.rendezvous.Twist(nil)
		opened := 0
		h.inside(func(l *loop) {
			// Its boxes once more, with nothing remembered of them.
			again := e2ee.NewMailbox(l.cfg.Joined.MeetingID, l.cfg.Client.Identity(), h.secrecy.key, l.door.self)
			for _, f := range boxes {
				box, isSignal := f.(protocol.Signal)
				if !isSignal {
					continue
				}
				for _, g := range l.door.guests {
					if messages, err := again.Open(g.session, box.Box, l.keys.ring); err == nil {
						opened++
						for _, m := range messages {
							if _, isGrant := m.(protocol.Grant); isGrant {
								t.Error("it was sent an epoch")
							}
						}
					}
				}
			}
			if held := l.keys.ring.Held(); len(held) > 0 || l.keys.inUse != nil {
				t.Errorf("it holds %d epochs", len(held))
			}
			if len(l.chat.lines) > 0 {
				t.Error("it has read what people say")
			}
			for _, kept := range l.chat.history.kept {
				if _, err := l.keys.ring.OpenChat(kept.envelope); !errors.Is(err, e2ee.ErrNoEpoch) {
					t.Errorf("it can read what it relays: %v", err)
				}
			}
		})
		if opened == 0 {
			t.Error("nothing was sealed to it at all: this proves nothing")
		}
		if _, err := h.opens(a, a.seals("sound")); !errors.Is(err, e2ee.ErrNoKey) {
			t.Errorf("it hears: %v", err)
		}
		if (h.State().Safety != e2ee.Code{}) {
			t.Error("it has a safety code")
		}
	})
}

// Guards against a room that has no new key when its rendezvous and its host are
// gone: the next one begins it, and it travels by links, through the SFU too.
func TestEpochsGoOnWithoutTheRendezvous(t *testing.T) {
	for name, meshMax := range map[string]int{"in a mesh": 8, "in a star": 2} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, meshMax, func(t *testing.T, s *stage) {
				a := s.host(func(c *Config) { c.Willing = false })
				second := s.join(2, func(c *Config) { c.Willing = false })
				s.await("the second is in", time.Second, func() bool { return second.State().Phase == PhaseIn })
				nodes := s.meet(a, second, s.join(3, nil), s.join(4, nil))
				if meshMax == 2 {
					s.star(nodes)
				}
				before, left := second.epoch(), nodes[1:]
				a.kill()
				for _, n := range left { // the rendezvous' last word
					s.rendezvous.Push(n.id, protocol.Left{ID: a.id, Why: protocol.LeftLost})
				}
				time.Sleep(100 * time.Millisecond)
				s.rendezvous.Mute(true)
				s.rendezvous.Cut()
				s.await("the rendezvous is missed", 10*time.Second, all(left, func(n *node) bool { return !n.State().Connected }))
				s.await("the chair moves", time.Minute, all(left, func(n *node) bool { return n.State().Chair == second.id }))
				s.await("and with it the epoch", soon, oneEpoch(left, before))
				second.inside(func(l *loop) {
					if by := l.keys.inUse.By; by != second.id {
						t.Errorf("it was begun by %s", s.nameOf(by))
					}
				})
				if err := left[2].Chat("under the new key"); err != nil {
					t.Fatal(err)
				}
				s.await("they talk", soon, all(left, func(n *node) bool { return len(n.State().Chat) == 1 && n.sees(left) }))
			})
		})
	}
}

// Guards against two halves of a room that seal with two keys once they are one
// again.
func TestTwoChairsComeToOneEpoch(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		nodes := s.three()
		a, others := nodes[0], nodes[1:]
		// To the others the host has left; to the host they have not.
		var entry protocol.Participant
		for _, p := range s.rendezvous.Roster(s.created.MeetingID) {
			if p.ID == a.id {
				entry = p
			}
		}
		for _, n := range others {
			s.rendezvous.Push(n.id, protocol.Left{ID: a.id, Why: protocol.LeftLeft})
		}
		s.await("another has the chair there", soon, all(others, func(n *node) bool { return n.State().Chair == others[0].id }))
		before := a.epoch()
		s.await("and another key", soon, oneEpoch(others, before))
		if a.State().Chair != a.id || a.epoch() == others[0].epoch() {
			t.Fatal("this is no partition")
		}
		time.Sleep(20 * time.Second) // long enough for the key of before to be erased
		for _, n := range others {
			s.rendezvous.Push(n.id, protocol.Joined{Participant: entry})
		}
		s.await("they are one again", 20*time.Second, oneEpoch(nodes, before))
		s.await("and see each other", 10*time.Second, all(nodes, func(n *node) bool { return n.sees(nodes) }))
		s.await("and would read the same", soon, oneCode(nodes))
	})
}

// Guards against a session that goes on sealing after it was ended.
func TestAStayThatIsOverSaysNothing(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		_, b := s.pair()
		s.rendezvous.Bye(b.id, protocol.Bye{Why: protocol.ByeRemoved, Detail: "The host removed you."})
		<-b.done
		var ended *client.Ended
		if !errors.As(b.err, &ended) {
			t.Errorf("it ended with %v", b.err)
		}
		if _, err := b.media.sealer.Seal(nil, protocol.SourceMic, 0, []byte("x")); !errors.Is(err, e2ee.ErrNoEpoch) {
			t.Errorf("it still seals: %v", err)
		}
	})
}

// Guards against a picture that stays black because its key came after its key
// frame.
func TestAKeyThatComesLateBringsAKeyFrame(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		a, b := s.pair()
		asked := func() int {
			a.camera.mu.Lock()
			defer a.camera.mu.Unlock()
			return a.camera.asked
		}
		camera := key(a, protocol.SourceCamera)
		s.await("the picture is dark", soon, func() bool {
			b.media.opener.Set(nil, nil) // as if it had not come yet
			b.watch.mu.Lock()
			defer b.watch.mu.Unlock()
			return b.watch.dark[camera] > 0
		})
		before := asked()
		b.inside(func(l *loop) { l.dirty.keys = true })
		s.await("a key frame is asked for", soon, func() bool { return asked() > before })
		s.await("and the picture is back", soon, func() bool { return b.sees([]*node{a}) })
		s.await("no other one is", 2*time.Second, func() bool { return len(b.media.lacking()) == 0 })
	})
}

// Guards against a removal after which the removed can go on following, because
// the news of it, or the epoch that comes with it, was kept back, and nobody is
// told.
func TestAnEpochThatDoesNotComeIsMissed(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		nodes := s.three()
		a, b, gone := nodes[0], nodes[1], nodes[2]
		missed := func(n *node) (count int) {
			n.mu.Lock()
			defer n.mu.Unlock()
			for _, e := range n.events {
				if e, is := e.(Error); is && e.Message == epochOverdue {
					count++
				}
			}
			return count
		}
		time.Sleep(2 * epochBefore * time.Millisecond) // the first epoch is not for after the removal
		before := a.epoch()
		s.remove(gone, []*node{b}) // the host is not told
		time.Sleep(epochAfter*time.Millisecond - time.Second)
		if missed(b) > 0 {
			t.Error("it is told early")
		}
		s.await("who was told of the removal misses the epoch", 2*time.Second, func() bool { return missed(b) == 1 })
		s.rendezvous.Push(a.id, protocol.Left{ID: gone.id, Why: protocol.LeftRemoved})
		s.await("there is another epoch", 2*time.Second, oneEpoch(nodes[:2], before))
		time.Sleep(2 * epochAfter * time.Millisecond)
		if missed(a) > 0 || missed(b) > 1 {
			t.Error("it is missed although it came")
		}

		// One removal after the other does not put it off.
		b.inside(func(l *loop) {
			l.keys.taken[l.keys.ring.Newest().ID] = l.millis() - 2*epochBefore
			l.expectEpoch()
		})
		time.Sleep((epochAfter - 1_000) * time.Millisecond)
		b.inside(func(l *loop) { l.expectEpoch() })
		s.await("that of the first is missed", 2*time.Second, func() bool { return missed(b) == 2 })
		s.await("and that of the last", epochAfter*time.Millisecond, func() bool { return missed(b) == 3 })
	})
}
