package main

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// spy is an identity of the enemy's own, which proves nothing.
type spy struct {
	who  *identity.Identity
	key  *e2ee.SessionKey
	made client.Created
}

func newSpy(t *testing.T, made client.Created) spy {
	t.Helper()
	key, err := e2ee.NewSessionKey([32]byte{66})
	if err != nil {
		t.Fatal(err)
	}
	return spy{identity.FromSeed([32]byte{66}), key, made}
}

func (s spy) card() protocol.Card {
	return s.key.Card(s.who, s.made.MeetingID, s.made.HostID, time.Now().UnixMilli(), nil)
}

func (s spy) entry(role protocol.Role) protocol.Participant {
	now := time.Now().UnixMilli()
	return protocol.Participant{
		ID: s.who.PeerID(), N: now, Session: now, Kind: protocol.KindNode, Role: role, Via: protocol.ViaInvitation,
		Presence: protocol.Presence{Name: "Mallory", Mic: true, Camera: true}, Card: s.card(),
	}
}

// theirs are the frames of one kind as an enemy passes them on, changed.
func theirs(change func(f protocol.ServerFrame) protocol.ServerFrame) func(identity.PeerID, protocol.ServerFrame) []protocol.ServerFrame {
	return func(_ identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
		return []protocol.ServerFrame{change(f)}
	}
}

// cards changes the card of every other participant that the rendezvous shows.
func cards(change func(protocol.Card) protocol.Card) func(identity.PeerID, protocol.ServerFrame) []protocol.ServerFrame {
	return theirs(func(f protocol.ServerFrame) protocol.ServerFrame {
		switch f := f.(type) {
		case protocol.Joined:
			f.Participant.Card = change(f.Participant.Card)
			return f
		case protocol.Welcome:
			f.Roster = slices.Clone(f.Roster)
			for i := range f.Roster {
				if f.Roster[i].ID != f.Self.ID {
					f.Roster[i].Card = change(f.Roster[i].Card)
				}
			}
			return f
		default:
			return f
		}
	})
}

func signals(change func(box string) []string) func(identity.PeerID, protocol.ServerFrame) []protocol.ServerFrame {
	return func(_ identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
		s, is := f.(protocol.Signal)
		if !is {
			return []protocol.ServerFrame{f}
		}
		var out []protocol.ServerFrame
		for _, box := range change(s.Box) {
			s.Box = box
			out = append(out, s)
		}
		return out
	}
}

// spoiled changes one character in the middle of what is sealed.
func spoiled(box string) string {
	at := len(box) - 40
	other := byte('A')
	if box[at] == other {
		other = 'B'
	}
	return box[:at] + string(other) + box[at+1:]
}

// outlook is what an attack may bring about between two honest nodes.
type outlook struct {
	alarm e2ee.AlarmCode // told to one of them; "" for none
	apart bool           // they have no link
}

// Guards the promise of the whole: a rendezvous in hostile hands, real but for
// what passes through the enemy, gets no link, no key and no chat, and what it
// tries is told to people in a sentence.
func TestARendezvousInHostileHands(t *testing.T) {
	t.Parallel()
	for name, attack := range map[string]struct {
		entry meeting.Entry
		begin func(e *enemy, s spy)
		then  func(e *enemy, s spy, host, guest identity.PeerID)
		outlook
	}{
		"keys of its own in the others' cards": {
			begin: func(e *enemy, s spy) {
				e.down = cards(func(c protocol.Card) protocol.Card { c.Key = s.key.Public(); return c })
			},
			outlook: outlook{alarm: e2ee.AlarmUnsigned, apart: true},
		},
		"no cards": {
			begin: func(e *enemy, _ spy) {
				e.down = cards(func(protocol.Card) protocol.Card { return protocol.Card{} })
			},
			outlook: outlook{alarm: e2ee.AlarmUnsigned, apart: true},
		},
		"altered signals": {
			begin: func(e *enemy, _ spy) {
				e.down = signals(func(box string) []string { return []string{spoiled(box)} })
			},
			outlook: outlook{alarm: e2ee.AlarmAltered, apart: true},
		},
		"every signal three times": {
			begin: func(e *enemy, _ spy) {
				e.down = signals(func(box string) []string { return []string{box, box, box} })
			},
			outlook: outlook{alarm: e2ee.AlarmReplayed},
		},
		"signals out of order": {
			begin: func(e *enemy, _ spy) {
				var mu sync.Mutex
				held := map[identity.PeerID]protocol.ServerFrame{}
				e.down = func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
					mu.Lock()
					defer mu.Unlock()
					if _, is := f.(protocol.Signal); !is {
						return []protocol.ServerFrame{f}
					}
					if before, is := held[to]; is {
						delete(held, to)
						return []protocol.ServerFrame{f, before}
					}
					held[to] = f
					return nil
				}
			},
		},
		"no signals": {
			begin: func(e *enemy, _ spy) {
				e.down = signals(func(string) []string { return nil })
			},
			outlook: outlook{alarm: e2ee.AlarmUnreachable, apart: true},
		},
		"a participant of its own where entry is by invitation": {
			entry: meeting.EntryInvitation,
			then: func(e *enemy, s spy, host, guest identity.PeerID) {
				e.say(host, protocol.Joined{Participant: s.entry(protocol.RoleParticipant)})
				e.say(guest, protocol.Joined{Participant: s.entry(protocol.RoleParticipant)})
			},
			outlook: outlook{alarm: e2ee.AlarmUninvited},
		},
		"a meeting by invitation that it calls open": {
			entry: meeting.EntryInvitation,
			begin: func(e *enemy, _ spy) {
				e.down = theirs(func(f protocol.ServerFrame) protocol.ServerFrame {
					switch f := f.(type) {
					case protocol.Welcome:
						f.Policy.Entry = meeting.EntryAny
						return f
					case protocol.PolicyChanged:
						f.Policy.Entry = meeting.EntryAny
						return f
					default:
						return f
					}
				})
			},
			then: func(e *enemy, s spy, host, guest identity.PeerID) {
				e.say(host, protocol.Joined{Participant: s.entry(protocol.RoleParticipant)})
				e.say(guest, protocol.Joined{Participant: s.entry(protocol.RoleParticipant)})
			},
			outlook: outlook{alarm: e2ee.AlarmRelaxed},
		},
		"a host's role for itself": {
			then: func(e *enemy, s spy, host, guest identity.PeerID) {
				e.say(host, protocol.Joined{Participant: s.entry(protocol.RoleHost)})
				e.say(guest, protocol.Joined{Participant: s.entry(protocol.RoleHost)})
			},
			outlook: outlook{alarm: e2ee.AlarmOtherHost},
		},
		"a co-host's role for itself": {
			then: func(e *enemy, s spy, host, guest identity.PeerID) {
				e.say(host, protocol.Joined{Participant: s.entry(protocol.RoleCoHost)})
				e.say(guest, protocol.Joined{Participant: s.entry(protocol.RoleCoHost)})
			},
			outlook: outlook{alarm: e2ee.AlarmUnprovedRole},
		},
		"another host from the first answer on": {
			begin: func(e *enemy, s spy) {
				e.answer = func(path string, body []byte) []byte {
					if path != "/meetings/join" {
						return body
					}
					return []byte(strings.ReplaceAll(string(body), string(s.made.HostID), string(s.who.PeerID())))
				}
				e.down = theirs(func(f protocol.ServerFrame) protocol.ServerFrame {
					if w, is := f.(protocol.Welcome); is {
						w.HostID = s.who.PeerID()
						return w
					}
					return f
				})
			},
			outlook: outlook{alarm: e2ee.AlarmOtherHost},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := conquer(t)
			l := &live{t: t, url: e.url}
			var policy *meeting.PolicyPatch
			entry := meeting.EntryAny
			if attack.entry != "" {
				entry, policy = attack.entry, &meeting.PolicyPatch{Entry: &attack.entry}
			}
			made := createIn(t, l, policy)
			file := keepBeside(filepath.Join(t.TempDir(), "key"))
			if err := file.made(made, entry); err != nil {
				t.Fatal(err)
			}
			s := newSpy(t, made)
			told := make(chan identity.PeerID, 64) // to whom something is sent
			e.up = func(_ identity.PeerID, f protocol.ClientFrame) {
				if signal, is := f.(protocol.SendSignal); is && signal.To == s.who.PeerID() {
					select {
					case told <- signal.To:
					default:
					}
				}
			}
			if attack.begin != nil {
				attack.begin(e, s)
			}
			quiet := func(c *node.Config) { c.Network.NoOverlay, c.Network.Loopback = true, true }
			w := newWatch(t)
			host := w.takePart(made.Invitation, 1, func(c *node.Config) { quiet(c); c.Host, c.Keep = true, file.behind(c.Door) })
			w.await("the host is in", func() bool { return host.State().Phase == session.PhaseIn })
			guest := w.takePart(made.Invitation, 2, quiet)
			w.await("the guest is in", func() bool { return guest.State().Phase == session.PhaseIn })
			linked := func() bool { return isLinked(host, guest) && isLinked(guest, host) }
			if attack.then != nil {
				w.await("they are linked", linked)
				attack.then(e, s, host.ID(), guest.ID())
			}
			if attack.alarm != "" {
				w.await("people are told: "+string(attack.alarm), func() bool {
					return isTold(host, attack.alarm) || isTold(guest, attack.alarm)
				})
			}
			if attack.apart {
				if isLinked(host, guest) || isLinked(guest, host) {
					t.Error("they are linked")
				}
			} else {
				w.await("they are linked", linked)
				w.await("a line can be said", func() bool { return host.Chat("a secret line") == nil })
				w.await("it is read", func() bool {
					return slices.ContainsFunc(guest.State().Chat, func(c session.Chat) bool { return c.Text == "a secret line" })
				})
			}
			for _, m := range []*member{host, guest} {
				for _, p := range m.State().People {
					if p.ID == s.who.PeerID() && (p.Proved || p.Role != protocol.RoleParticipant) {
						t.Errorf("the enemy is taken for a %s, proved: %t", p.Role, p.Proved)
					}
				}
				if chair := m.State().Chair; chair == s.who.PeerID() {
					t.Error("the enemy has the chair")
				}
			}
			if attack.entry == meeting.EntryInvitation && len(told) > 0 {
				t.Error("something was sent to the enemy")
			}
		})
	}
}

// watch lets a test wait for what its members' states come to.
type watch struct {
	t     *testing.T
	pulse chan struct{} // holds one: something happened to somebody
}

func newWatch(t *testing.T) *watch { return &watch{t, make(chan struct{}, 1)} }

func (w *watch) takePart(inv meeting.Invitation, seed byte, change func(*node.Config)) *member {
	w.t.Helper()
	m := takePart(w.t, inv, seed, change)
	go func() {
		for range m.Events() {
			select {
			case w.pulse <- struct{}{}:
			default:
			}
		}
	}()
	return m
}

// await returns once holds does, which is looked at whenever something happened
// to a member; the test's own deadline bounds it.
func (w *watch) await(what string, holds func() bool) {
	w.t.Helper()
	for !holds() {
		select {
		case <-w.pulse:
		case <-w.t.Context().Done():
			w.t.Fatalf("%s: not in time", what)
		}
	}
}

func isLinked(m, with *member) bool {
	return slices.ContainsFunc(m.State().Links, func(l session.LinkState) bool {
		return l.Peer == with.ID() && l.State == session.LinkUp
	})
}

func isTold(m *member, code e2ee.AlarmCode) bool {
	return slices.ContainsFunc(m.State().Alarms, func(a e2ee.Alarm) bool { return a.Code == code && a.Sentence() != "" })
}
