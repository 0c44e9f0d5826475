package room

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// The acting host's own client says what the election finds, after it has stood
// for a while; the first word of a tenure has a higher term.
func TestPresiding(t *testing.T) {
	t.Parallel()
	host, n, m := but(person("a", 1), a), but(person("n", 4), node), but(person("m", 5), node)
	r := enter(t, host, person("b", 2), person("c", 3), n, m)
	// Too many for a mesh, and nobody has said anything: those who wait to be told
	// hear that it is one still.
	first := protocol.Directive{Term: 1, Seq: SeqsPerTerm, Topology: protocol.TopologyMesh, Reason: ReasonChair}
	if diff := cmp.Diff([]protocol.Directive{first}, r.said()); diff != "" {
		t.Fatal(diff)
	}
	r.do(advert("n", 9000)).wait(GrowAfter - 1)
	if said := r.said(); said != nil {
		t.Fatalf("said at once: %+v", said)
	}
	r.wait(1)
	want := star(1, 1*SeqsPerTerm+1, "n", "")
	if diff := cmp.Diff([]protocol.Directive{want}, r.said()); diff != "" {
		t.Fatal(diff)
	}
	if r.state.Arranged().SFU != "n" {
		t.Errorf("what self says is in force here: %+v", r.state.Arranged())
	}
	// A standby as soon as there is one, in the same term.
	r.do(advert("m", 8000)).wait(GrowAfter)
	if said := r.said(); len(said) != 1 || said[0].Standby != "m" || said[0].Term != 1 || said[0].Seq != SeqsPerTerm+2 {
		t.Fatalf("%+v", said)
	}
	// The SFU's heart stops: the others have moved already, and are told so.
	r.up(sfu("n", 4)).do(LinkUp{sfu("m", 5)}, LinkDown{sfu("n", 4)}).wait(LostAfter)
	if said := r.said(); len(said) != 1 || said[0].SFU != "m" || said[0].Reason != protocol.Code(elect.ReasonSFULost) {
		t.Fatalf("%+v", said)
	}
}

// Who first makes a room too large for a mesh waits to be told, and so for its
// host, who opened it less than LearnFor ago but has nobody to learn from.
func TestFirstWord(t *testing.T) {
	t.Parallel()
	host := but(person("a", 1), a)
	r := enter(t, host).wait(100).do(Joined{person("b", 2)}, Joined{person("c", 3)}, Joined{person("d", 4)})
	if said := r.said(); said != nil {
		t.Fatalf("a small room is told %+v", said)
	}
	r.do(Joined{person("e", 5)})
	first := protocol.Directive{Term: 1, Seq: SeqsPerTerm, Topology: protocol.TopologyMesh, Reason: ReasonChair}
	if diff := cmp.Diff([]protocol.Directive{first}, r.said()); diff != "" {
		t.Fatal(diff)
	}
	enter(t, person("e", 5), host, person("b", 2), person("c", 3), person("d", 4)).
		plan("a/1 mesh offer waits", "b/2 mesh offer waits", "c/3 mesh offer waits", "d/4 mesh offer waits").
		do(Said{"a", first}).
		plan("a/1 mesh offer", "b/2 mesh offer", "c/3 mesh offer", "d/4 mesh offer")
}

// A host that is the first too many for a mesh is told by who had its chair, and
// waits no longer than anybody else.
func TestFirstWordOfWhoHandsOver(t *testing.T) {
	t.Parallel()
	host, b, c, d, e := but(person("a", 6), a), person("b", 2), person("c", 3), person("d", 4), person("e", 5)
	r := enter(t, b, c, d, e).wait(60_000).do(Joined{host})
	first := protocol.Directive{Term: 1, Seq: 2 * SeqsPerTerm, Topology: protocol.TopologyMesh, Reason: ReasonChair}
	if diff := cmp.Diff([]protocol.Directive{first}, r.said()); diff != "" || r.state.ActingHost() != "a" {
		t.Fatalf("%s has the chair: %s", r.state.ActingHost(), diff)
	}
	r = enter(t, host, b, c, d, e).do(Said{"b", first}).
		plan("b/2 mesh offer", "c/3 mesh offer", "d/4 mesh offer", "e/5 mesh offer")
	if said := r.wait(TakeChairAfter).said(); len(said) != 1 || said[0].Term != 2 {
		t.Errorf("from here it goes on under its own: %+v", said)
	}
	if said := enter(t, b, c, d).wait(60_000).do(Joined{host}).said(); said != nil {
		t.Errorf("a small room is told %+v", said)
	}
}

// A host that comes into a running room learns first what is in force there,
// though after a restart of the rendezvous the others come back after it.
func TestHostLearns(t *testing.T) {
	t.Parallel()
	host := but(but(person("a", 1), a), again)
	b, c, d, e := person("b", 2), person("c", 3), person("d", 4), person("e", 5)
	for name, r := range map[string]*rig{
		"running":   enter(t, host, b, c, d, e),
		"restarted": enter(t, host).do(Joined{b}, Joined{c}, Joined{d}, Joined{e}),
	} {
		if said := r.wait(LearnFor - 1).said(); said != nil {
			t.Errorf("%s: it says %+v", name, said)
		}
		if said := r.wait(1).said(); len(said) != 1 {
			t.Errorf("%s: in the end it says %+v", name, said)
		}
	}
}

func TestByHand(t *testing.T) {
	t.Parallel()
	host, n := but(person("a", 1), a), but(person("n", 4), node)
	r := enter(t, host, person("b", 2), n)
	r.do(Choose{Topology: elect.Star, SFU: "n"})
	if said := r.said(); len(said) != 1 || !said[0].Manual || said[0].SFU != "n" {
		t.Fatalf("%+v", said)
	}
	// Three people and nothing to carry with, but the host wants it so.
	r.up(sfu("n", 4))
	if said := r.do(advert("n", 1)).wait(60_000).said(); said != nil {
		t.Fatalf("overruled the host: %+v", said)
	}
	r.refused(Choose{Topology: elect.Star, SFU: "b"}, RefusedCandidate).
		refused(Choose{Topology: elect.Tree, SFU: "n"}, RefusedMalformed).
		do(Choose{}).refused(Choose{}, RefusedKnown)
	if said := r.wait(ChangeAfter).said(); len(said) != 1 || said[0].Topology != protocol.TopologyMesh {
		t.Fatalf("%+v", said)
	}
	enter(t, person("b", 2), host, n).refused(Choose{Topology: elect.Star, SFU: "n"}, RefusedNotChair)
}

// Measurements that waver by a tenth move nobody, whatever the hour.
func TestNoise(t *testing.T) {
	t.Parallel()
	host, n, m := but(person("a", 1), a), but(person("n", 4), node), but(person("m", 5), node)
	r := enter(t, host, person("b", 2), person("c", 3), n, m).wait(LearnFor)
	noise := rand.New(rand.NewPCG(1, 2))
	said := 0
	for i := range 5000 {
		for _, id := range []identity.PeerID{"n", "m"} {
			e := advert(id, 8000+noise.IntN(1600)-800)
			e.Capacity.RTTs = []protocol.RTT{{To: "b", Millis: 36 + noise.IntN(9)}}
			r.do(e)
			said += len(r.said())
		}
		if i == 2 {
			r.up(sfu("n", 4), sfu("m", 5))
		}
		said += len(r.wait(5000).said())
	}
	if said != 1 {
		t.Errorf("said %d things in seven hours", said)
	}
}

// A node with which there never was a link is tried again: soon at first, and each
// time later, up to what one waits that was lost. One that was there is not.
func TestUnmet(t *testing.T) {
	t.Parallel()
	host, n := but(person("a", 1), a), but(person("n", 6), node)
	r := enter(t, host, person("b", 2), person("c", 3), person("d", 4), person("e", 5), n).wait(LearnFor)
	until := func(topology protocol.Topology) (after int64) {
		t.Helper()
		for began := r.now; r.now < began+2*LostFor; {
			r.do(advert("n", 90_000))
			for _, said := range r.wait(500).said() {
				if said.Topology == topology {
					return r.now - began
				}
			}
		}
		t.Fatalf("never a %s", topology)
		return 0
	}
	until(protocol.TopologyStar)
	for _, hold := range []int64{UnmetFor, 2 * UnmetFor, LostFor, LostFor} {
		if after := until(protocol.TopologyMesh); after < ConnectFor || after > ConnectFor+2*LostAfter {
			t.Errorf("given up after %d ms", after)
		}
		if after := until(protocol.TopologyStar); after < hold || after > hold+2*GrowAfter {
			t.Errorf("tried again after %d ms, not %d", after, hold)
		}
	}
	r.up(sfu("n", 6)).wait(ReviewEvery).do(LinkDown{sfu("n", 6)})
	until(protocol.TopologyMesh)
	if after := until(protocol.TopologyStar); after < LostFor {
		t.Errorf("one that was lost is tried again after %d ms", after)
	}
	until(protocol.TopologyMesh)
	if after := until(protocol.TopologyStar); after > UnmetFor+2*GrowAfter {
		t.Errorf("it counts from anew, but is tried again after %d ms", after)
	}
}
