package session

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// The rendezvous in hostile hands. Whatever it does, nobody has a link with it,
// gives it a key or a line, and people are told in a sentence.

// mallory is an identity of the rendezvous' own, with a session and a mailbox.
type mallory struct {
	who     *identity.Identity
	key     *e2ee.SessionKey
	meeting meeting.ID
}

func (s *stage) mallory(seed byte) mallory {
	s.t.Helper()
	key, err := e2ee.NewSessionKey([32]byte{seed, 1})
	if err != nil {
		s.t.Fatal(err)
	}
	return mallory{identity.FromSeed([32]byte{seed}), key, s.created.MeetingID}
}

// card is a good one, but for the proof, if it claims any.
func (m mallory) card(host identity.PeerID, member *e2ee.MembershipKey) protocol.Card {
	return m.key.Card(m.who, m.meeting, host, time.Now().UnixMilli(), member)
}

func (m mallory) entry(card protocol.Card) protocol.Participant {
	now := time.Now().UnixMilli()
	return protocol.Participant{
		ID: m.who.PeerID(), N: now, Session: now, Kind: protocol.KindNode, Role: protocol.RoleParticipant,
		Via: protocol.ViaInvitation, Presence: protocol.Presence{Name: "Mallory", Mic: true, Camera: true}, Card: card,
	}
}

// entry is what the rendezvous has of somebody.
func (s *stage) entry(id identity.PeerID) protocol.Participant {
	s.t.Helper()
	for _, p := range s.rendezvous.Roster(s.created.MeetingID) {
		if p.ID == id {
			return p
		}
	}
	s.t.Fatalf("%s is not in the room", s.nameOf(id))
	return protocol.Participant{}
}

// unknown tells that somebody does not exist for a node: no entry, no link
// planned, nothing sealed to them.
func (n *node) unknown(id identity.PeerID) (is bool) {
	n.inside(func(l *loop) {
		planned := slices.ContainsFunc(l.links.plan, func(line room.Link) bool { return line.Peer == id })
		is = !l.core.state.Has(id) && !l.door.has(id) && !planned && l.links.to(id) == nil
	})
	return is
}

// alarmed tells whether people were told a sentence, once.
func (n *node) alarmed(code e2ee.AlarmCode) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	count := 0
	for _, e := range n.events {
		if e, is := e.(Error); is && e.Alarm == code && e.Message != "" {
			count++
		}
	}
	return count == 1
}

// Guards against participants that the rendezvous makes up.
func TestMadeUpParticipantsDoNotExist(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		a, b := s.pair()
		bert := s.entry(b.id)
		for i, c := range []struct {
			name string
			code e2ee.AlarmCode
			card func(m mallory) protocol.Card
		}{
			{"without a card", e2ee.AlarmUnsigned, func(mallory) protocol.Card { return protocol.Card{} }},
			{"with another's card", e2ee.AlarmUnsigned, func(mallory) protocol.Card { return bert.Card }},
			{"with another's key under their own name", e2ee.AlarmUnsigned, func(m mallory) protocol.Card {
				card := m.card(a.id, nil)
				card.Key = bert.Card.Key
				return card
			}},
			{"of another meeting", e2ee.AlarmUnsigned, func(m mallory) protocol.Card {
				m.meeting = "111111111"
				return m.card(a.id, nil)
			}},
			{"with another's proof", e2ee.AlarmUnsigned, func(m mallory) protocol.Card {
				card := m.card(a.id, nil)
				card.Proof = bert.Card.Proof
				return card
			}},
		} {
			m := s.mallory(byte(100 + i))
			s.rendezvous.Push(a.id, protocol.Joined{Participant: m.entry(c.card(m))})
			s.await(c.name+": people are told", time.Second, func() bool { return a.warned(c.code, m.who.PeerID()) })
			if !a.unknown(m.who.PeerID()) {
				t.Errorf("%s: it exists", c.name)
			}
		}

		// With a card of their own they are whom the rendezvous vouches for, no more;
		// and where it takes an invitation, nobody.
		m := s.mallory(120)
		claims := m.entry(m.card(a.id, nil))
		claims.Role = protocol.RoleCoHost
		s.rendezvous.Push(a.id, protocol.Joined{Participant: claims})
		s.await("people are told", time.Second, func() bool { return a.warned(e2ee.AlarmUnprovedRole, claims.ID) })
		if p, _ := a.person(claims.ID); p.Role != protocol.RoleParticipant || p.Via != protocol.ViaPassword || p.Proved {
			t.Errorf("taken for a %s by %s", p.Role, p.Via)
		}
		before := a.epoch()
		s.decree(meeting.EntryInvitation, a, b)
		s.await("it is gone", time.Second, func() bool { return a.unknown(claims.ID) && a.warned(e2ee.AlarmUninvited, claims.ID) })
		s.await("with what it may have read", soon, oneEpoch([]*node{a, b}, before))
		s.meet(a, b)
	})
}

// Guards against a rendezvous that swaps keys: an old one, or its own, for
// somebody who is in the room.
func TestSwappedKeysAreNotTaken(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		a := s.host()
		b := s.join(2, nil)
		s.await("it is seen", soon, func() bool { return a.sees([]*node{b}) })
		old := s.entry(b.id)
		b.Leave()
		b.stop()
		s.await("it is away", soon, func() bool { return !a.knows(b) })
		again := s.join(2, nil)
		nodes := s.meet(a, again)

		now := s.entry(again.id)
		stale := now
		stale.Card = old.Card
		stale.Session++
		s.rendezvous.Push(a.id, protocol.Updated{Participant: stale})
		s.await("an old key is told of", time.Second, func() bool { return a.warned(e2ee.AlarmStale, b.id) })

		m := s.mallory(130)
		swapped := now
		swapped.Card = m.card(a.id, nil)
		s.rendezvous.Push(a.id, protocol.Updated{Participant: swapped})
		s.await("another's key is told of", time.Second, func() bool { return a.warned(e2ee.AlarmUnsigned, b.id) })
		if !a.unknown(b.id) {
			t.Error("whose key is another's is still there")
		}
		s.rendezvous.Push(a.id, protocol.Updated{Participant: now})
		s.await("with their own key they are back", 10*time.Second, all(nodes, func(n *node) bool { return n.sees(nodes) }))
	})
}

// Guards against somebody who is called the host by the rendezvous alone.
func TestNobodyElseBecomesTheHost(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		a, b := s.pair()
		forged := s.entry(b.id)
		forged.Role, forged.Card = protocol.RoleHost, protocol.Card{}
		s.rendezvous.Push(a.id, protocol.Updated{Participant: forged})
		s.await("people are told", time.Second, func() bool { return a.warned(e2ee.AlarmOtherHost, b.id) })
		if p, _ := a.person(b.id); p.Role != protocol.RoleParticipant {
			t.Errorf("it is %s", p.Role)
		}
		if state := a.State(); state.HostID != a.id || state.Chair != a.id {
			t.Errorf("the host is %s, and %s has the chair", s.nameOf(state.HostID), s.nameOf(state.Chair))
		}

		// Who comes in is told another host's name after they knew the right one.
		s.rendezvous.Twist(func(_ identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if w, welcome := f.(protocol.Welcome); welcome {
				w.HostID = b.id
				f = w
			}
			return []protocol.ServerFrame{f}
		})
		c := s.join(3, nil)
		s.await("a newcomer is told", soon, func() bool { return c.warned(e2ee.AlarmOtherHost, b.id) })
		if c.State().HostID != a.id {
			t.Error("a newcomer takes the rendezvous' host for the host")
		}
		if !c.alarmed(e2ee.AlarmOtherHost) {
			t.Error("that was not one sentence")
		}
	})
}

// meddle has a hand in every signal to somebody.
func (s *stage) meddle(with *node, hand func(protocol.Signal) []protocol.ServerFrame) {
	id := with.id
	s.rendezvous.Twist(func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
		if m, signal := f.(protocol.Signal); signal && to == id {
			return hand(m)
		}
		return []protocol.ServerFrame{f}
	})
}

// Guards against a rendezvous in the middle of a link: what it changes in a box,
// or puts in the place of one, such as a description with its own fingerprint,
// makes no link at all, and is told.
func TestNobodyIsInTheMiddle(t *testing.T) {
	for name, forge := range map[string]func(s *stage, a, b *node) func(protocol.Signal) []protocol.ServerFrame{
		"with a byte changed": func(*stage, *node, *node) func(protocol.Signal) []protocol.ServerFrame {
			return func(m protocol.Signal) []protocol.ServerFrame {
				box := []byte(m.Box)
				at := len(box) / 2
				box[at] = map[bool]byte{true: 'B', false: 'A'}[box[at] == 'A']
				m.Box = string(box)
				return []protocol.ServerFrame{m}
			}
		},
		"with a description of its own": func(s *stage, a, b *node) func(protocol.Signal) []protocol.ServerFrame {
			m := s.mallory(140)
			self, err := e2ee.CheckCard(m.meeting, m.who.PeerID(), m.card(a.id, nil), nil)
			if err != nil {
				s.t.Fatal(err)
			}
			self.ID, self.Fingerprint = b.id, [32]byte(b.secrecy.self.Fingerprint) // as if
			mailbox := e2ee.NewMailbox(m.meeting, m.who, m.key, self)
			to := a.secrecy.self
			return func(f protocol.Signal) []protocol.ServerFrame {
				box, err := mailbox.Seal(to, protocol.Offer{Ends: protocol.LinkEnds{Link: newLinkID(), To: 1}, SDP: "v=0\r\na=fingerprint:sha-256 00:11\r\n"})
				if err != nil {
					s.t.Error(err)
				}
				f.Box = box
				return []protocol.ServerFrame{f}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 8, func(t *testing.T, s *stage) {
				a := s.host()
				b := s.client(2).Identity().PeerID()
				// What comes before there is somebody to forge it of waits.
				var mu sync.Mutex
				var early []protocol.Signal
				var hand func(protocol.Signal) []protocol.ServerFrame
				s.meddle(a, func(m protocol.Signal) []protocol.ServerFrame {
					mu.Lock()
					defer mu.Unlock()
					if hand == nil {
						early = append(early, m)
						return nil
					}
					return hand(m)
				})
				bert := s.join(2, nil)
				mu.Lock()
				hand = forge(s, a, bert)
				var forged []protocol.ServerFrame
				for _, m := range early {
					forged = append(forged, hand(m)...)
				}
				mu.Unlock()
				for _, f := range forged {
					s.rendezvous.Push(a.id, f)
				}
				s.await("people are told", 10*time.Second, func() bool { return a.warned(e2ee.AlarmAltered, b) })
				time.Sleep(10 * time.Second)
				if slices.ContainsFunc(a.State().Links, func(l LinkState) bool { return l.State == LinkUp }) || a.sees([]*node{bert}) || bert.sees([]*node{a}) {
					t.Error("there is a link")
				}
				if !a.alarmed(e2ee.AlarmAltered) {
					t.Error("that was not one sentence")
				}
				s.rendezvous.Twist(nil)
				nodes := []*node{a, bert}
				s.await("left alone, they see each other", time.Minute, all(nodes, func(n *node) bool { return n.sees(nodes) }))
			})
		})
	}
}

// Guards against what a rendezvous can do with boxes that it cannot read: a
// repeated one is told of and does nothing, and with any order, and with losses,
// people meet in the end and are not frightened.
func TestRepeatedReorderedAndLostBoxes(t *testing.T) {
	for name, c := range map[string]struct {
		hand  func() func(protocol.Signal) []protocol.ServerFrame
		alarm e2ee.AlarmCode
	}{
		"repeated": {func() func(protocol.Signal) []protocol.ServerFrame {
			return func(m protocol.Signal) []protocol.ServerFrame { return []protocol.ServerFrame{m, m, m} }
		}, e2ee.AlarmReplayed},
		"reordered": {func() func(protocol.Signal) []protocol.ServerFrame {
			var held []protocol.ServerFrame
			return func(m protocol.Signal) []protocol.ServerFrame {
				if held == nil {
					held = []protocol.ServerFrame{m}
					return nil
				}
				out := append([]protocol.ServerFrame{m}, held...)
				held = nil
				return out
			}
		}, ""},
		"lost": {func() func(protocol.Signal) []protocol.ServerFrame {
			n := 0
			return func(m protocol.Signal) []protocol.ServerFrame {
				if n++; n%3 == 1 {
					return nil
				}
				return []protocol.ServerFrame{m}
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 8, func(t *testing.T, s *stage) {
				a := s.host()
				s.meddle(a, c.hand())
				b := s.join(2, nil)
				nodes := []*node{a, b}
				s.await("they see each other", 2*time.Minute, all(nodes, func(n *node) bool { return n.sees(nodes) }))
				s.await("with one key", soon, oneEpoch(nodes, [32]byte{}))
				s.await("people are told, or left in peace", soon, func() bool {
					alarms := a.State().Alarms
					return len(alarms) == 0 && c.alarm == "" || len(alarms) == 1 && alarms[0].Code == c.alarm
				})
				if len(b.State().Alarms) > 0 {
					t.Errorf("%+v", b.State().Alarms)
				}
			})
		})
	}
}

// Guards against a rendezvous that says somebody left and came, so that what they
// sent before is taken for new.
func TestOldBoxesStayOld(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		a := s.host()
		var recorded []protocol.Signal
		s.meddle(a, func(m protocol.Signal) []protocol.ServerFrame {
			recorded = append(recorded, m)
			return []protocol.ServerFrame{m}
		})
		b := s.join(2, nil)
		nodes := s.meet(a, b)
		s.rendezvous.Twist(nil)
		entry := s.entry(b.id)
		s.rendezvous.Push(a.id, protocol.Left{ID: b.id, Why: protocol.LeftLeft})
		s.rendezvous.Push(a.id, protocol.Joined{Participant: entry})
		for _, m := range slices.Repeat(recorded, suspectAfter) {
			s.rendezvous.Push(a.id, m)
		}
		s.await("people are told", soon, func() bool { return a.warned(e2ee.AlarmReplayed, b.id) })
		s.await("they see each other again", time.Minute, all(nodes, func(n *node) bool { return n.sees(nodes) }))
	})
}

// Guards against an envelope in another's name: it is dropped everywhere, and
// told when it comes again and again.
func TestForgedEnvelopes(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		a, b, c := s.trio(nil)
		for i := range 3 {
			forged := b.letter(fmt.Sprintf("never said %d", i))
			forged.From = a.id
			b.inside(func(l *loop) { l.send(l.links.to(c.id), protocol.Carry{Envelope: forged}) })
		}
		s.await("people are told", soon, func() bool { return c.warned(e2ee.AlarmForged, a.id) })
		if len(c.State().Chat) > 0 {
			t.Errorf("it was read: %+v", c.State().Chat)
		}
	})
}
