package roomtest

import (
	"cmp"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// succession is the rule of the chair as a list of orders, so that one can be
// taken out. Without a change it is protocol.ActingHost.
type succession struct {
	host, cohost, invited, lowest, members bool
}

func (s succession) actingHost(roster []protocol.Participant) identity.PeerID {
	var best *protocol.Participant
	for i := range roster {
		p := &roster[i]
		if s.members && p.Kind == protocol.KindHelper {
			continue
		}
		if best == nil || s.compare(p, best) < 0 {
			best = p
		}
	}
	if best == nil {
		return ""
	}
	return best.ID
}

func (s succession) compare(a, b *protocol.Participant) int {
	standing := func(p *protocol.Participant) int {
		switch {
		case s.host && p.Role == protocol.RoleHost:
			return 0
		case s.cohost && p.Role == protocol.RoleCoHost:
			return 1
		case s.invited && p.Via == protocol.ViaInvitation:
			return 2
		default:
			return 3
		}
	}
	byNumber := cmp.Compare(a.N, b.N)
	if !s.lowest {
		byNumber = -byNumber
	}
	return cmp.Or(cmp.Compare(standing(a), standing(b)), byNumber)
}

func rises(highest int64) int64 { return highest + 1 }

func intact() succession { return succession{true, true, true, true, true} }

func without(change func(*succession)) *room.Rules {
	s := intact()
	change(&s)
	return &room.Rules{ActingHost: s.actingHost, NextTerm: rises}
}

// TestMutations guards the simulator itself: with any one rule of succession
// taken out it must find something broken. The intact rule, told in the same
// way, must not.
func TestMutations(t *testing.T) {
	const upTo = 400
	for _, m := range []struct {
		rule  string
		rules *room.Rules
		finds string // what the first broken invariant must be about
	}{
		{"host first", without(func(s *succession) { s.host = false }), "gives the chair to"},
		{"co-hosts next", without(func(s *succession) { s.cohost = false }), "gives the chair to"},
		{"invitation before password", without(func(s *succession) { s.invited = false }), "gives the chair to"},
		{"lowest join number", without(func(s *succession) { s.lowest = false }), "gives the chair to"},
		{"helpers never", without(func(s *succession) { s.members = false }), "gives the chair to"},
		{"the term rises", &room.Rules{ActingHost: protocol.ActingHost, NextTerm: func(highest int64) int64 { return max(highest, 1) }}, "without a higher term"},
		{"the term rises above what others said", &room.Rules{ActingHost: protocol.ActingHost, NextTerm: func(int64) int64 { return 1 }}, "without a higher term"},
	} {
		t.Run(m.rule, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= upTo; seed++ {
				r := Run(Options{Seed: seed, Members: 4 + int(seed%6), Rules: m.rules})
				if len(r.Failures) == 0 {
					continue
				}
				if !strings.Contains(r.Failures[0], m.finds) {
					t.Errorf("found something else: %s", r.Failures[0])
				}
				return
			}
			t.Errorf("%d seeds without this rule, and nothing is broken", upTo)
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		for seed := uint64(1); seed <= 60; seed++ {
			for _, f := range Run(Options{Seed: seed, Members: 4 + int(seed%6), Rules: without(func(*succession) {})}).Failures {
				t.Error(f)
			}
		}
	})
}
