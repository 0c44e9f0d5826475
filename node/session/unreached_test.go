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
	ann, bert, again := party{"ann", 1}, party{"bert", 2}, party{"ann", 3}
	type moment struct {
		at       int64
		offline  bool
		up, down []party
		want     []party // unreached then
		next     int64
	}
	for name, moments := range map[string][]moment{
		"nobody is wanted": {{at: 1}, {at: 90_000}},
		"no way for 20 seconds": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 20_999, down: []party{ann}, next: 21_000},
			{at: 21_000, down: []party{ann}, want: []party{ann}},
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
			{at: 95_999, down: []party{ann}, next: 96_000},
			{at: 96_000, down: []party{ann}, want: []party{ann}},
			{at: 97_000, up: []party{ann}},
		},
		"each by themselves": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 2_000, down: []party{ann, bert}, next: 21_000},
			{at: 21_000, down: []party{ann, bert}, want: []party{ann}, next: 22_000},
			{at: 22_000, down: []party{ann, bert}, want: []party{ann, bert}},
		},
		"another session is another": {
			{at: 1_000, down: []party{ann}, next: 21_000},
			{at: 11_000, down: []party{again}, next: 31_000},
			{at: 21_000, down: []party{again}, next: 31_000},
			{at: 31_000, down: []party{again}, want: []party{again}},
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
			wanted := map[party]bool{}
			for _, p := range slices.Concat(m.up, m.down) {
				wanted[p] = slices.Contains(m.up, p)
			}
			u.look(m.at, !m.offline, wanted)
			if diff := cmp.Diff(m.want, u.parties(m.at), cmp.AllowUnexported(party{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: at %d (-want +got):\n%s", name, m.at, diff)
			}
			if next := u.deadline(m.at); next != m.next {
				t.Errorf("%s: at %d the next is at %d, want %d", name, m.at, next, m.next)
			}
		}
	}
}

// Guards against a rendezvous that keeps two people apart and nobody is told:
// after 20 seconds both are, once, and it is mended when it lets them.
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
		time.Sleep(foundWithin*time.Millisecond - time.Second)
		for _, n := range nodes {
			if len(n.State().Alarms) > 0 || apart(n) {
				t.Errorf("%s is told early", n.name)
			}
		}
		s.await("both are told", 3*time.Second, all(nodes, func(n *node) bool { return n.alarmed(e2ee.AlarmUnreachable) && apart(n) }))
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

// Guards against a client that is itself offline, and a participant who died,
// for which nobody stands accused.
func TestNobodyIsAccusedOfAnAccident(t *testing.T) {
	inBubble(t, 8, func(t *testing.T, s *stage) {
		a, b, c := s.trio(nil)
		nodes := []*node{a, b, c}
		s.kill(c)
		time.Sleep(foundWithin * time.Millisecond)
		s.rendezvous.Mute(true)
		s.rendezvous.Cut()
		s.kill(a)
		time.Sleep(2 * goneWithin * time.Millisecond)
		for _, n := range nodes {
			if alarms := n.State().Alarms; len(alarms) > 0 {
				t.Errorf("%s accuses %+v", n.name, alarms)
			}
		}
	})
}
