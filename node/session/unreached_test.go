package session

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards against people who are kept apart and not told so, and against an
// accusation of who is not to blame. The same cases as in
// web/src/session/apart.test.ts.
func TestWhoIsUnreached(t *testing.T) {
	t.Parallel()
	const self = 5 // one's own session
	ann, bert, early := party{"ann", 6}, party{"bert", 7}, party{"eve", 1}
	anew, renumbered := party{"ann", 8}, party{"ann", 9} // with another key, and with ann's
	keys := map[party]fingerprint{ann: {1}, bert: {2}, early: {3}, anew: {4}, renumbered: {1}}
	type moment struct {
		at       int64
		offline  bool
		heard    party // something that it sealed was opened just before
		up, down []party
		want     []party // unreached then
		next     int64
	}
	for name, moments := range map[string][]moment{
		"nobody is wanted": {{at: 1}, {at: 90_000}},
		"no way for 20 seconds to who came later": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 20_999, down: []party{ann}, next: 21_000},
			{at: 21_000, down: []party{ann}, want: []party{ann}},
		},
		"who was there before may have died before": {
			{at: 1_000, down: []party{early}, next: 81_000},
			{at: 80_999, down: []party{early}, next: 81_000},
			{at: 81_000, down: []party{early}, want: []party{early}},
		},
		"who was there before is heard": {
			{at: 1_000, down: []party{early}, next: 81_000},
			{at: 5_000, heard: early, down: []party{early}, next: 25_000},
			{at: 9_000, heard: early, down: []party{early}, next: 25_000},
			{at: 25_000, down: []party{early}, want: []party{early}},
		},
		"who comes back to life late, as late as who does not": {
			{at: 1_000, down: []party{early}, next: 81_000},
			{at: 70_000, heard: early, down: []party{early}, next: 81_000},
			{at: 81_000, down: []party{early}, want: []party{early}},
		},
		"who was heard before the link was wanted": {
			{at: 1_000, heard: early, down: []party{early}, next: 81_000},
			{at: 2_000, heard: early},
			{at: 3_000, down: []party{early}, next: 83_000},
		},
		"a link that is made anew does not begin anew": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 9_000, down: []party{ann}, next: 21_000},
			{at: 25_000, down: []party{ann}, want: []party{ann}},
		},
		"a moment of being up": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 15_000, up: []party{ann}},
			{at: 16_000, down: []party{ann}, next: 96_000},
			{at: 17_000, heard: ann, down: []party{ann}, next: 96_000},
			{at: 95_999, down: []party{ann}, next: 96_000},
			{at: 96_000, down: []party{ann}, want: []party{ann}},
			{at: 97_000, up: []party{ann}},
		},
		"who was reached is remembered while no link is wanted": {
			{at: 1_000, up: []party{ann}},
			{at: 2_000},
			{at: 3_000, down: []party{ann}, next: 83_000},
		},
		"each by themselves": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 2_000, down: []party{ann, bert}, next: 21_000},
			{at: 21_000, down: []party{ann, bert}, want: []party{ann}, next: 22_000},
			{at: 22_000, down: []party{ann, bert}, want: []party{ann, bert}},
		},
		"another key is another's": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 11_000, down: []party{anew}, next: 31_000},
			{at: 21_000, down: []party{anew}, next: 31_000},
			{at: 31_000, down: []party{anew}, want: []party{anew}},
		},
		"another number of the same key goes on": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 11_000, down: []party{renumbered}, next: 31_000},
			{at: 31_000, down: []party{renumbered}, want: []party{renumbered}},
		},
		"but not for ever": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 20_000, down: []party{renumbered}, next: 40_000},
			{at: 39_000, down: []party{ann}, next: 59_000},
			{at: 58_000, down: []party{renumbered}, next: 78_000},
			{at: 77_000, down: []party{ann}, next: 81_000},
			{at: 81_000, down: []party{ann}, want: []party{ann}},
		},
		"and was reached if it was": {
			{at: 1_000, up: []party{ann}},
			{at: 2_000, down: []party{ann}, next: 82_000},
			{at: 11_000, down: []party{renumbered}, next: 82_000},
			{at: 82_000, down: []party{renumbered}, want: []party{renumbered}},
		},
		"who is wanted no longer is forgotten": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 11_000},
			{at: 12_000, down: []party{ann}, next: 32_000},
		},
		"who is offline accuses nobody": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 11_000, offline: true, down: []party{ann}},
			{at: 40_000, offline: true, down: []party{ann}},
			{at: 50_000, down: []party{ann}, next: 70_000},
			{at: 70_000, down: []party{ann}, want: []party{ann}},
			{at: 71_000, offline: true, down: []party{ann}},
		},
	} {
		var u unreached
		for _, m := range moments {
			plan := map[party]wanted{}
			for _, p := range slices.Concat(m.up, m.down) {
				plan[p] = wanted{up: slices.Contains(m.up, p), key: keys[p], later: p.session > self}
			}
			u.heard(m.at, m.heard)
			u.look(m.at, !m.offline, plan)
			if diff := cmp.Diff(m.want, u.parties(m.at), cmp.AllowUnexported(party{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: at %d (-want +got):\n%s", name, m.at, diff)
			}
			if next := u.deadline(m.at); next != m.next {
				t.Errorf("%s: at %d the next is at %d, want %d", name, m.at, next, m.next)
			}
		}
	}
}

// Guards against a memory of who was reached that grows without end.
func TestWhoWasReachedIsBounded(t *testing.T) {
	t.Parallel()
	var u unreached
	for i := range int64(reachedMost + 10) {
		u.look(i+1, true, map[party]wanted{{"ann", i}: {up: true}})
	}
	if len(u.reached) != reachedMost || len(u.waits) != 1 {
		t.Errorf("%d are remembered, %d waited for", len(u.reached), len(u.waits))
	}
}

// Guards against a rendezvous that keeps two people apart and nobody is told:
// after 20 seconds who was there first, after 80 the other, once, and it is mended when it lets them.
func TestKeepingApartIsTold(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		a := s.host()
		drop := func(_ identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			if _, signal := f.(protocol.Signal); signal {
				return nil
			}
			return []protocol.ServerFrame{f}
		}
		s.rendezvous.Twist(drop)
		b := s.join(2, nil)
		nodes := []*node{a, b}
		apart := func(n *node) bool {
			return slices.ContainsFunc(n.State().People, func(p Person) bool { return p.ID != n.id && p.Unreachable })
		}
		isTold := func(n *node) bool { return n.alarmed(e2ee.AlarmUnreachable) && apart(n) }
		for _, next := range []struct {
			who   *node
			after time.Duration
		}{{a, foundWithin}, {b, goneWithin - foundWithin}} {
			time.Sleep(next.after*time.Millisecond - 2*time.Second)
			if isTold(next.who) {
				t.Errorf("%s is told early", next.who.name)
			}
			s.await(next.who.name+" is told", 3*time.Second, func() bool { return isTold(next.who) })
		}
		s.rendezvous.Twist(nil)
		s.await("left alone, they see each other", 2*time.Minute, all(nodes, func(n *node) bool { return n.sees(nodes) && !apart(n) }))
		s.rendezvous.Twist(drop)
		for _, n := range nodes {
			n.lose()
		}
		s.await("they are apart again", goneWithin*time.Millisecond+5*time.Second, all(nodes, apart))
		if !all(nodes, func(n *node) bool { return n.alarmed(e2ee.AlarmUnreachable) })() {
			t.Error("it is told twice")
		}
	})
}

// Guards against a client that is itself offline, and a participant who died, for
// which nobody stands accused: not by who was there, nor by who came after while
// the rendezvous could not know.
func TestNobodyIsAccusedOfAnAccident(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		a, b, c := s.trio(nil)
		time.Sleep(2 * time.Second) // who has never been heard is not missed
		s.kill(c)
		s.rendezvous.Twist(func(_ identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
			switch m := f.(type) {
			case protocol.Signal:
				if m.From == c.id {
					return nil
				}
			case protocol.Broadcast:
				if m.From == c.id {
					return nil
				}
			}
			return []protocol.ServerFrame{f}
		})
		d := s.join(4, nil)
		nodes := []*node{a, b, d}
		s.await("all who live see each other", soon, all(nodes, func(n *node) bool { return n.sees(nodes) }))
		time.Sleep((protocol.SilentFor + protocol.ResumeWithin) * time.Second) // then an honest one has let go of it
		for _, n := range nodes {
			if n.links(c) {
				t.Errorf("%s has a link with %s: this proves nothing\n%s", n.name, c.name, n.describe())
			}
		}
		s.rendezvous.Mute(true)
		s.rendezvous.Cut()
		s.kill(a)
		time.Sleep((goneWithin + 15_000) * time.Millisecond)
		for _, n := range nodes {
			if alarms := n.State().Alarms; len(alarms) > 0 {
				t.Errorf("%s accuses %+v", n.name, alarms)
			}
		}
	})
}

// links tells whether a node has a link with another that is up.
func (n *node) links(o *node) bool {
	return slices.ContainsFunc(n.State().Links, func(l LinkState) bool { return l.Peer == o.id && l.State == LinkUp })
}
