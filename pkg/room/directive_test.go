package room

import (
	"slices"
	"testing"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// The acting host is followed at once; somebody else is held until the roster
// says that it is the acting host, and not for ever.
func TestDirectives(t *testing.T) {
	t.Parallel()
	host, n, m := but(person("a", 1), a), but(person("n", 4), node), but(person("m", 5), node)
	r := enter(t, person("b", 2), host, person("c", 3), n, m)
	r.do(Said{"c", star(2, 1, "n", "m")})
	if r.out.Held != HeldNotChair || r.state.Arranged().Topology != elect.Mesh {
		t.Fatalf("held %q, arranged %+v", r.out.Held, r.state.Arranged())
	}
	r.do(Said{"a", star(1, 7, "n", "m")}).plan("m/5 standby offer quiet", "n/4 sfu offer").
		refused(Said{"a", star(1, 7, "n", "m")}, RefusedKnown).
		refused(Said{"a", star(1, 6, "m", "n")}, RefusedStale).
		refused(Said{"c", star(1, 9, "m", "n")}, RefusedStale). // another author needs a higher term
		refused(Said{"a", star(1, 8, "b", "")}, RefusedCandidate).
		refused(Said{"a", star(1, 8, "n", "n")}, RefusedMalformed).
		refused(Said{"a", star(0, 8, "n", "m")}, RefusedMalformed).
		refused(Said{"a", star(3+MaxTermJump, 1, "n", "m")}, RefusedTermJump)
	// The host and b go: c has the chair, and what it said before counts.
	r = enter(t, person("z", 9), host, person("c", 3), n, m).do(Said{"c", star(2, 1, "m", "n")}, Left{"a", protocol.LeftLeft})
	if got := r.state.InForce(); got.By != "c" || got.Directive.SFU != "m" {
		t.Errorf("in force: %+v", got)
	}
	// Too late is too late.
	r = enter(t, person("z", 9), host, person("c", 3), n, m).do(Said{"c", star(2, 1, "m", "n")}).wait(HoldFor).do(Left{"a", protocol.LeftLeft})
	if got := r.state.InForce(); got.By != "" {
		t.Errorf("in force: %+v", got)
	}
	// An SFU that this roster does not have yet is waited for.
	r = enter(t, person("b", 2), host).do(Said{"a", star(1, 1, "n", "")})
	if r.out.Held != HeldUnknownSFU {
		t.Errorf("held %q", r.out.Held)
	}
	if r.do(Joined{n}); r.state.Arranged().SFU != "n" {
		t.Errorf("arranged %+v", r.state.Arranged())
	}
}

func TestTermRises(t *testing.T) {
	t.Parallel()
	host, b := but(person("a", 1), a), person("b", 2)
	n, m := but(person("n", 4), node), but(person("m", 5), node)
	r := enter(t, b, host, person("c", 3), n, m).do(Said{"a", star(4, 1024, "n", "m")}, Left{"a", protocol.LeftLeft})
	if r.state.ActingHost() != "b" || r.said() != nil {
		t.Fatalf("%s, %+v", r.state.ActingHost(), r.said())
	}
	r.wait(TakeChairAfter)
	said := r.said()
	if len(said) != 1 || said[0].Term != 5 || said[0].SFU != "n" || said[0].Reason != ReasonChair {
		t.Fatalf("the new acting host says %+v", said)
	}
	// Another word under a higher term, which some may have followed, is
	// answered under a still higher one, and more slowly each time.
	for i, wait := range []int64{TakeChairAfter, 2 * TakeChairAfter, 4 * TakeChairAfter} {
		term := int64(10 * (i + 1))
		r.do(Said{"c", star(term, 5, "m", "n")})
		if r.out.Held != HeldNotChair {
			t.Fatalf("held %q", r.out.Held)
		}
		if r.wait(wait - 1); r.said() != nil {
			t.Fatalf("said too early: %+v", r.said())
		}
		if said := r.wait(1).said(); len(said) != 1 || said[0].Term != term+1 {
			t.Fatalf("%+v", said)
		}
	}
}

// The host that comes back to its chair continues what is in force instead of
// throwing the room back into a mesh.
func TestHostReturns(t *testing.T) {
	t.Parallel()
	host, b := but(person("a", 1), a), person("b", 2)
	n := but(person("n", 4), node)
	r := enter(t, but(host, again), b, person("c", 3), person("d", 6), n)
	r.do(advert("n", 9000)).wait(LearnFor - 1)
	r.do(Said{"b", star(3, 2048, "n", "")})
	if got := r.state.InForce(); got.By != "b" {
		t.Fatalf("in force %+v, held %q", got, r.out.Held)
	}
	if said := r.wait(TakeChairAfter).said(); len(said) != 1 || said[0].Term != 4 || said[0].SFU != "n" {
		t.Fatalf("%+v", said)
	}
}

// What nobody said for a while is said again to who may have missed it, by one
// and not by everybody.
func TestShow(t *testing.T) {
	t.Parallel()
	host, b, n := but(person("a", 1), a), person("b", 2), but(person("n", 4), node)
	shows := func(r *rig) []Action {
		return slices.DeleteFunc(slices.Clone(r.out.Actions), func(x Action) bool { _, ok := x.(Show); return !ok })
	}
	r := enter(t, b, host, person("c", 3), n).do(Said{"a", star(1, 1024, "n", "")})
	if got := shows(r.do(Joined{person("d", 7)})); got != nil {
		t.Errorf("b shows the newcomer what a shows it: %+v", got)
	}
	// b is the first in line of c, d and n; each has its turn.
	for i, want := range []bool{false, false, true, false} {
		if got := shows(r.wait(ShowEvery)); slices.Equal(got, []Action{Show{"a"}}) != want {
			t.Errorf("turn %d: b, the next in line, shows %+v", i, got)
		}
	}
	r = enter(t, person("c", 3), host, b, n).do(Said{"a", star(1, 1024, "n", "")})
	if got := shows(r.wait(ShowEvery)); !slices.Equal(got, []Action{Show{"a"}}) {
		t.Errorf("c, the second in line, shows %+v", got)
	}
	r = enter(t, host, b, n).do(Choose{Topology: elect.Star, SFU: "n"}).up(sfu("n", 4)).do(Joined{person("d", 7)})
	if got := shows(r); !slices.Equal(got, []Action{Show{"d"}}) {
		t.Errorf("the acting host shows a newcomer %+v", got)
	}
	if got := shows(r.wait(ShowEvery)); !slices.Equal(got, []Action{Show{}}) {
		t.Errorf("the acting host shows %+v", got)
	}
}
