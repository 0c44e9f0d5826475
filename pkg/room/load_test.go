package room

import (
	"testing"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// misses has participants tell what they miss of what the SFU sends, once a
// second, until something is said or the time is over.
func (r *rig) misses(seconds, mille int, who ...identity.PeerID) []protocol.Directive {
	r.t.Helper()
	for range seconds {
		for _, id := range who {
			r.do(Advert{id, protocol.Capacity{LossMille: mille}})
		}
		if said := r.wait(1000).said(); said != nil {
			return said
		}
	}
	return nil
}

// An SFU that most receivers miss a tenth of is replaced, one with a single bad
// network among them is not; and it is not tried again for a while, each time
// for longer.
func TestOverload(t *testing.T) {
	t.Parallel()
	host, n, m := but(person("a", 1), a), but(person("n", 6), node), but(person("m", 7), node)
	r := enter(t, host, person("b", 2), person("c", 3), person("d", 4), person("e", 5), n, m).wait(LearnFor)
	strong := func() { r.do(advert("n", 90_000), advert("m", 8000)) }
	strong()
	r.wait(GrowAfter).up(sfu("n", 6)).do(LinkUp{sfu("m", 7)})
	if got := r.state.Arranged(); got.SFU != "n" || got.Standby != "m" {
		t.Fatalf("arranged %+v", got)
	}
	if said := r.misses(20, 300, "a", "b"); said != nil {
		t.Fatalf("two of six miss something: %+v", said)
	}
	if said := r.misses(20, 99, "a", "b", "c", "d"); said != nil {
		t.Fatalf("a little is missed: %+v", said)
	}
	strong()
	before := r.now
	said := r.misses(20, 300, "a", "b", "c", "d")
	if len(said) != 1 || said[0].SFU != "m" || said[0].Standby != "" || said[0].Reason != protocol.Code(elect.ReasonOverloaded) {
		t.Fatalf("most miss a third: %+v", said)
	}
	if waited := r.now - before; waited < OverloadFor || waited > OverloadFor+2000 {
		t.Errorf("after %d ms", waited)
	}
	// What is told of the SFU before is not held against the new one.
	if said := r.misses(OverloadFor/1000, 300, "a", "b", "c", "d"); said != nil {
		t.Fatalf("%+v", said)
	}
	r.misses(1, 0, "a", "b", "c", "d")
	overs := r.state.member("n").overs
	for want, wait := range []int64{LostFor, 2 * LostFor} {
		if overs != int64(want+1) {
			t.Fatalf("found overloaded %d times", overs)
		}
		for r.now < r.state.member("n").overAt+wait-1000 {
			strong()
			if said := r.wait(1000).said(); said != nil {
				t.Fatalf("%+v, %d ms after n was found overloaded", said, r.now-r.state.member("n").overAt)
			}
		}
		for range ChangeAfter/1000 + 2 {
			strong()
			r.wait(1000)
		}
		if got := r.state.Arranged(); got.SFU != "n" {
			t.Fatalf("n is stronger by far, and has waited: %+v", got)
		}
		r.up(sfu("n", 6)).misses(15, 300, "a", "b", "c", "d")
		r.misses(6, 0, "a", "b", "c", "d")
		overs = r.state.member("n").overs
	}
}

// A star that loses packets is better than a mesh of everybody.
func TestOverloadedAlone(t *testing.T) {
	t.Parallel()
	host, n := but(person("a", 1), a), but(person("n", 6), node)
	r := enter(t, host, person("b", 2), person("c", 3), person("d", 4), person("e", 5), n).wait(LearnFor)
	r.do(advert("n", 90_000)).wait(GrowAfter).up(sfu("n", 6))
	calls := 0
	for range 30 {
		if said := r.misses(1, 300, "a", "b", "c", "d"); said != nil {
			t.Fatalf("%+v", said)
		}
		calls += r.calls()
	}
	if r.state.Arranged().SFU != "n" || calls == 0 {
		t.Errorf("arranged %+v, helpers called %d times", r.state.Arranged(), calls)
	}
}
