package session

import (
	"errors"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// remembering has a node use what is kept of other stays, and keep it.
func remembering(k *forgetful) func(*Config) { return func(c *Config) { c.Keep = k } }

// strict is what a host keeps that made its meeting by invitation alone.
func strict() *forgetful { return &forgetful{Kept{Entry: meeting.EntryInvitation}} }

// Guards against a rendezvous that calls a meeting by invitation open to
// everybody from the first moment on, to its host too: whom it lets in by password
// gets no epoch and no link, and the host is told, once.
func TestTheRendezvousDoesNotOpenAMeeting(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		early := s.join(5, byPassword) // is there before anybody who knows better
		s.await("it is in", time.Second, func() bool { return early.State().Phase == PhaseIn })
		a := s.host(remembering(strict()))
		memory := new(forgetful)
		b := s.join(2, remembering(memory))
		late := s.join(3, byPassword)
		invited, knowing := []*node{a, b}, []*node{early, late}
		s.await("who is invited is in", soon, all(invited, func(n *node) bool { return n.sees(invited) }))
		s.await("the host is told", time.Minute, func() bool { return a.warned(e2ee.AlarmRelaxed, a.id) })
		s.decree(meeting.EntryAny, a, b)
		time.Sleep(2 * relaxedAfter * time.Millisecond)
		if !a.alarmed(e2ee.AlarmRelaxed) || b.warned(e2ee.AlarmRelaxed, a.id) {
			t.Error("that was not one sentence to the host alone")
		}
		keptOut := func(by ...*node) {
			t.Helper()
			for _, n := range by {
				for _, k := range knowing {
					if !n.unknown(k.id) {
						t.Errorf("%s exists for %s", k.name, n.name)
					}
					if _, err := k.opens(n, n.seals("among us")); err == nil {
						t.Errorf("%s hears %s", k.name, n.name)
					}
				}
			}
		}
		keptOut(a, b)

		// The next time it knows by itself, host or no host.
		a.Leave()
		a.stop()
		b.Leave()
		b.stop()
		if memory.kept.Entry != meeting.EntryInvitation {
			t.Fatalf("the host's word is not remembered: %q", memory.kept.Entry)
		}
		again := s.join(2, remembering(memory))
		s.await("it is back", time.Second, func() bool { return again.State().Phase == PhaseIn && again.epoch() != [32]byte{} })
		time.Sleep(10 * time.Second)
		keptOut(again)
		if len(again.State().Links) > 0 {
			t.Error(again.describe())
		}
	})
}

// Guards against honest people who stand accused because the host has opened the
// meeting while self was away: what is only remembered keeps out and says nothing,
// until it is said anew.
func TestWhatIsOnlyRememberedAccusesNobody(t *testing.T) {
	for _, entry := range []meeting.Entry{meeting.EntryAny, meeting.EntryInvitation} {
		t.Run(string(entry), func(t *testing.T) {
			inBubble(t, 6, func(t *testing.T, s *stage) {
				honest := s.join(3, byPassword)
				s.await("it is in", time.Second, func() bool { return honest.State().Phase == PhaseIn })
				b := s.join(2, remembering(strict()))
				time.Sleep(10 * time.Second)
				if !b.unknown(honest.id) || len(b.State().Alarms) > 0 {
					t.Fatalf("unknown %v, and people are told %+v", b.unknown(honest.id), b.State().Alarms)
				}
				a := s.host(remembering(&forgetful{Kept{Entry: entry}}))
				s.meet(a, b)
				closed := entry == meeting.EntryInvitation
				s.await("the host's word counts", time.Minute, func() bool {
					return b.knows(honest) != closed && b.warned(e2ee.AlarmUninvited, honest.id) == closed
				})
			})
		})
	}
}

// Guards against a meeting that stays closed although its host opened it, and
// against a host who is not heard by the rendezvous.
func TestTheHostDecidesWhoMayComeIn(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		made, memory := strict(), new(forgetful)
		a := s.host(remembering(made))
		b := s.join(2, remembering(memory))
		c := s.join(3, byPassword)
		two, three := []*node{a, b}, []*node{a, b, c}
		s.await("who is invited is in", soon, all(two, func(n *node) bool { return n.sees(two) }))
		if err := b.SetEntry(t.Context(), meeting.EntryAny); !errors.Is(err, ErrNotHost) {
			t.Errorf("who is not the host: %v", err)
		}
		if err := a.SetEntry(t.Context(), meeting.EntryAny); err != nil {
			t.Fatal(err)
		}
		s.await("who knows the password is in", time.Minute, all(three, func(n *node) bool { return n.sees(three) }))
		if made.kept.Entry != meeting.EntryAny || memory.kept.Entry != meeting.EntryAny {
			t.Errorf("remembered are %q and %q", made.kept.Entry, memory.kept.Entry)
		}
		if err := a.SetEntry(t.Context(), meeting.EntryInvitation); err != nil {
			t.Fatal(err)
		}
		s.decree(meeting.EntryInvitation, a, b)
		s.await("who has no proof is gone", soon, all(two, func(n *node) bool { return n.unknown(c.id) }))

		time.Sleep(2 * relaxedAfter * time.Millisecond)
		if a.warned(e2ee.AlarmRelaxed, a.id) {
			t.Error("the host is told although the rendezvous has heard")
		}
		s.rendezvous.Fail(protocol.CodeInternal)
		if err := a.SetEntry(t.Context(), meeting.EntryAny); err == nil {
			t.Error("a rendezvous that is away has agreed")
		}
		if made.kept.Entry != meeting.EntryInvitation {
			t.Error("what the rendezvous never heard is remembered")
		}
		s.rendezvous.Fail("")
		time.Sleep(2 * relaxedAfter * time.Millisecond)
		for _, n := range two {
			if n.warned(e2ee.AlarmRelaxed, a.id) || !n.unknown(c.id) {
				t.Errorf("%s: %+v", n.name, n.State().Alarms)
			}
		}
		s.decree(meeting.EntryAny, a) // it had agreed
		s.await("the host is told", time.Minute, func() bool { return a.alarmed(e2ee.AlarmRelaxed) })
	})
}

// Guards against a rendezvous whose stricter word is kept as the host's own, because
// a request of the host's failed meanwhile.
func TestADecisionThatFailsLeavesTheHostsWord(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		made := &forgetful{Kept{Entry: meeting.EntryAny}}
		a := s.host(remembering(made))
		s.await("the host is in", soon, func() bool { return a.State().Phase == PhaseIn })
		s.decree(meeting.EntryInvitation, a)
		time.Sleep(time.Second)
		s.rendezvous.Fail(protocol.CodeInternal)
		if err := a.SetEntry(t.Context(), meeting.EntryAny); err == nil {
			t.Error("a rendezvous that is away has agreed")
		}
		s.rendezvous.Fail("")
		if made.kept.Entry != meeting.EntryAny {
			t.Errorf("the host's word is %q now", made.kept.Entry)
		}
		c := s.join(3, byPassword)
		time.Sleep(10 * time.Second)
		if !a.unknown(c.id) {
			t.Error("the rendezvous' stricter word does not count any more")
		}
		s.decree(meeting.EntryAny, a)
		time.Sleep(2 * relaxedAfter * time.Millisecond)
		if a.warned(e2ee.AlarmRelaxed, a.id) {
			t.Error("the host is told of what it wanted itself")
		}
	})
}

// Guards against somebody with the chair who opens what the host closed, and
// against a word that outlives what the host says.
func TestWhatIsRememberedOfWhoMayComeIn(t *testing.T) {
	t.Parallel()
	const self, host, chair = "self", "host", "chair"
	const invitation, anybody = meeting.EntryInvitation, meeting.EntryAny
	type word struct {
		by    identity.PeerID // "" for the rendezvous
		entry meeting.Entry
	}
	for name, c := range map[string]struct {
		host      identity.PeerID
		kept      meeting.Entry
		words     []word
		now, then meeting.Entry // in force, and kept
		relaxed   bool          // the host is about to be told
	}{
		"nothing is known":                  {host: host, now: anybody},
		"the rendezvous opens":              {host: host, words: []word{{"", anybody}}, now: anybody},
		"the rendezvous closes":             {host: host, words: []word{{"", invitation}, {"", anybody}}, now: invitation, then: invitation},
		"it was closed":                     {host: host, kept: invitation, words: []word{{"", anybody}}, now: invitation, then: invitation},
		"the host closes":                   {host: host, words: []word{{host, invitation}, {"", anybody}}, now: invitation, then: invitation},
		"the host opens":                    {host: host, kept: invitation, words: []word{{host, anybody}}, now: anybody, then: anybody},
		"the host opened, and it is said":   {host: host, kept: anybody, words: []word{{"", invitation}}, now: invitation, then: invitation},
		"the chair closes":                  {host: host, words: []word{{chair, invitation}}, now: invitation},
		"the chair opens":                   {host: host, kept: invitation, words: []word{{chair, anybody}}, now: invitation, then: invitation},
		"self made it by invitation":        {host: self, kept: invitation, words: []word{{"", anybody}}, now: invitation, then: invitation, relaxed: true},
		"self made it open":                 {host: self, kept: anybody, words: []word{{"", invitation}}, now: invitation, then: anybody},
		"self is host and knows of nothing": {host: self, words: []word{{"", invitation}}, now: invitation},
	} {
		memory := &forgetful{Kept{Entry: c.kept}}
		l := &loop{cfg: &Config{Keep: memory}, self: self, hostID: c.host, kept: memory.kept, began: time.Now()}
		l.door = newDoor(secrecy{meeting: "482913006", kept: memory.kept}, c.host)
		for _, w := range c.words {
			if w.by == "" {
				l.toldEntry(w.entry)
			} else {
				l.statedEntry(&e2ee.Epoch{By: w.by, Entry: w.entry})
			}
		}
		if now := l.door.keeper.Entry(); now != c.now || memory.kept.Entry != c.then || (l.next.relaxed != 0) != c.relaxed {
			t.Errorf("%s: %q is in force, %q kept, told %v", name, now, memory.kept.Entry, l.next.relaxed != 0)
		}
	}
}

// Guards against a participant who is refused because its clock was set back
// between two stays: its new card would be older than the one that others saw.
func TestACardIsNewerThanAllBefore(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		a := s.host()
		ahead := time.Now().Add(time.Hour).UnixMilli()
		memory := &forgetful{Kept{CardAt: ahead}}
		for i := range int64(2) {
			b := s.join(2, remembering(memory))
			s.meet(a, b)
			if at := s.entry(b.id).Card.At; at != ahead+1+i {
				t.Errorf("a card of %d after %d", at, ahead+i)
			}
			b.Leave()
			b.stop()
			s.await("it is away", soon, func() bool { return !a.knows(b) })
		}
	})
}

// stubborn remembers, but for the times when it cannot.
type stubborn struct {
	forgetful
	fails bool
}

var errFull = errors.New("the disk is full")

func (s *stubborn) Change(change func(*Kept)) (Kept, error) {
	if !s.fails {
		return s.forgetful.Change(change)
	}
	k := s.kept
	change(&k)
	return Kept{CardAt: k.CardAt}, errFull
}

// Guards against a full disk that makes a host forget, in its own stay, who may
// come in, its newest invitation, and who is invited by the one before; and what
// was decided then in the next.
func TestWhatCannotBeWrittenIsKnown(t *testing.T) {
	inBubble(t, 6, func(t *testing.T, s *stage) {
		memory := &stubborn{forgetful: *s.makers()}
		a := s.host(func(c *Config) { c.Keep = memory })
		b := s.join(2, nil)
		s.meet(a, b)
		a.inside(func(*loop) { memory.fails = true })
		if err := a.SetEntry(t.Context(), meeting.EntryInvitation); err != nil {
			t.Fatal(err)
		}
		old := s.renew(a)
		time.Sleep(10 * time.Second) // new cards are shown
		a.inside(func(l *loop) {
			if k := l.kept; k.Entry != meeting.EntryInvitation || *k.Invitation.Secret != *s.created.Invitation.Secret ||
				len(k.Former) != 1 || k.Former[0].Secret != *old.Secret {
				t.Errorf("it knows %+v", k)
			}
		})
		if memory.kept.Entry != meeting.EntryAny || !a.proved(b) {
			t.Error("it was written, or who is invited is forgotten")
		}
		a.inside(func(*loop) { memory.fails = false })
		if err := a.Remove(b.id, false); err != nil {
			t.Fatal(err)
		}
		if k := memory.kept; k.Entry != meeting.EntryInvitation || *k.Invitation.Secret != *s.created.Invitation.Secret ||
			len(k.Former) != 1 || len(k.Former[0].Members) != 0 {
			t.Errorf("remembered: %+v", k)
		}
		a.inside(func(l *loop) {
			if len(l.unkept) > 0 {
				t.Errorf("%d changes are still to be written", len(l.unkept))
			}
		})
	})
}
