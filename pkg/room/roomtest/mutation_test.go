package roomtest

import (
	"cmp"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/pkg/elect"
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

func intact() succession { return succession{true, true, true, true, true} }

func intactRules() *room.Rules {
	r := shortOf(true, true)
	r.ActingHost = intact().actingHost
	return r
}

func without(change func(*succession)) *room.Rules {
	s := intact()
	change(&s)
	return but(func(r *room.Rules) { r.ActingHost = s.actingHost })
}

// but returns the rules with one of them changed.
func but(change func(*room.Rules)) *room.Rules {
	r := room.TheRules()
	change(&r)
	return &r
}

// shortOf is what the room calls for helpers by: for an SFU, or for a standby.
func shortOf(sfu, standby bool) *room.Rules {
	return but(func(r *room.Rules) {
		r.Short = func(c elect.Choice, kind protocol.ParticipantKind) bool {
			return (sfu && c.Reason == elect.ReasonNoCandidate) || (standby && kind == protocol.KindHelper && c.Standby == "")
		}
	})
}

// TestMutations guards the simulator itself: with any one rule taken out it must
// find something broken. The intact ones, told in the same way, must not.
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
		{"the term rises", but(func(r *room.Rules) { r.NextTerm = func(highest int64) int64 { return max(highest, 1) } }), "without a higher term"},
		{"the term rises above what others said", but(func(r *room.Rules) { r.NextTerm = func(int64) int64 { return 1 } }), "without a higher term"},
		{"helpers are called for an SFU", shortOf(false, true), "could carry a star"},
		{"helpers are called for a standby", shortOf(true, false), "has no standby"},
		{"who loses packets is replaced", but(func(r *room.Rules) { r.Overloaded = func(int) bool { return false } }), "loses packets"},
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
			for _, f := range Run(Options{Seed: seed, Members: 4 + int(seed%6), Rules: intactRules()}).Failures {
				t.Error(f)
			}
		}
	})
}
