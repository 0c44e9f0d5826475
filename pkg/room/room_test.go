package room

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// rig is one participant's room with a clock, for tests that tell a story.
type rig struct {
	t     *testing.T
	state State
	now   int64
	out   Outcome
}

func person(id identity.PeerID, n int64) protocol.Participant {
	return protocol.Participant{
		ID: id, N: n, Session: n, Kind: protocol.KindBrowser, Role: protocol.RoleParticipant,
		Via: protocol.ViaInvitation, Presence: protocol.Presence{Name: string(id)},
	}
}

func but(p protocol.Participant, change func(*protocol.Participant)) protocol.Participant {
	change(&p)
	return p
}

func a(p *protocol.Participant)     { p.Role = protocol.RoleHost }
func node(p *protocol.Participant)  { p.Kind = protocol.KindNode }
func again(p *protocol.Participant) { p.Session += 100 }

// enter welcomes self, the first of the roster, and has every link up and
// carrying.
func enter(t *testing.T, roster ...protocol.Participant) *rig {
	t.Helper()
	r := &rig{t: t, state: New(roster[0].ID), now: 1000}
	r.do(Welcome{Self: roster[0], Roster: roster, Policy: Policy{MeshMax: 4}})
	return r
}

func (r *rig) do(events ...Event) *rig {
	r.t.Helper()
	for _, e := range events {
		r.state, r.out = Step(r.state, Input{At: r.now, Event: e})
		if r.out.Refused != "" {
			r.t.Fatalf("%T is refused: %s", e, r.out.Refused)
		}
	}
	return r
}

func (r *rig) refused(e Event, want Reason) *rig {
	r.t.Helper()
	before := Digest(r.state)
	var out Outcome
	r.state, out = Step(r.state, Input{At: r.now, Event: e})
	if out.Refused != want {
		r.t.Errorf("%T: refused %q, want %q", e, out.Refused, want)
	}
	if after := Digest(r.state); after != before {
		r.t.Errorf("%T was refused and changed the state", e)
	}
	return r
}

func (r *rig) wait(ms int64) *rig {
	r.t.Helper()
	r.now += ms
	return r.do(Clock{})
}

// up brings links up, carrying.
func (r *rig) up(refs ...Ref) *rig {
	r.t.Helper()
	for _, ref := range refs {
		r.do(LinkUp{ref}, LinkCarrying{ref})
	}
	return r
}

func (r *rig) plan(want ...string) *rig {
	r.t.Helper()
	var got []string
	for _, l := range Plan(r.state) {
		line := fmt.Sprintf("%s/%d %s", l.Peer, l.Session, l.Purpose)
		if l.Offer {
			line += " offer"
		}
		if l.Draining {
			line += " draining"
		}
		if l.Quiet {
			line += " quiet"
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Errorf("plan (-want +got)\n%s", diff)
	}
	return r
}

func (r *rig) people(want string) *rig {
	r.t.Helper()
	var got []string
	for _, p := range r.state.People() {
		mark := ""
		if !p.Confirmed {
			mark = "?"
		}
		got = append(got, string(p.ID)+mark)
	}
	if s := strings.Join(got, " "); s != want {
		r.t.Errorf("people %q, want %q", s, want)
	}
	return r
}

func mesh(peer identity.PeerID, session int64) Ref  { return Ref{peer, session, ShapeMesh} }
func sfu(peer identity.PeerID, session int64) Ref   { return Ref{peer, session, ShapeSFU} }
func serve(peer identity.PeerID, session int64) Ref { return Ref{peer, session, ShapeServe} }

func star(term, seq int64, sfu, standby identity.PeerID) protocol.Directive {
	return protocol.Directive{Term: term, Seq: seq, Topology: protocol.TopologyStar, SFU: sfu, Standby: standby, Reason: "large-room"}
}

// Whoever came later offers; a helper has no link in a mesh; nobody waits for
// somebody who only waits to be let in.
func TestMesh(t *testing.T) {
	t.Parallel()
	helper := but(person("h", 9), func(p *protocol.Participant) { p.Kind = protocol.KindHelper })
	enter(t, person("c", 3), person("a", 1), person("b", 2), person("d", 4), helper).
		plan("a/1 mesh offer", "b/2 mesh offer", "d/4 mesh").
		do(Joined{person("e", 5)}).
		plan("a/1 mesh offer", "b/2 mesh offer", "d/4 mesh", "e/5 mesh").
		do(Left{"a", protocol.LeftLeft}).
		plan("b/2 mesh offer", "d/4 mesh", "e/5 mesh").
		people("b c d e h").
		do(Ended{}).plan()
	waits := &rig{t: t, state: New("w"), now: 1000}
	waits.do(Welcome{Self: person("w", 1), Policy: Policy{4}, Waiting: true}).plan().people("")
	waits.refused(Joined{person("x", 2)}, RefusedOutside)
}

// A reload remakes the link, and the old one stays until the new one carries.
func TestReload(t *testing.T) {
	t.Parallel()
	r := enter(t, person("b", 2), person("a", 1)).up(mesh("a", 1))
	r.do(Updated{but(person("a", 1), again)}).
		plan("a/1 mesh offer draining", "a/101 mesh").
		do(LinkUp{mesh("a", 101)}).
		plan("a/1 mesh offer draining", "a/101 mesh").
		do(LinkCarrying{mesh("a", 101)}).
		plan("a/101 mesh")
	// A link that is down is not worth keeping.
	r.do(LinkDown{mesh("a", 101)}, Updated{but(person("a", 1), func(p *protocol.Participant) { p.Session = 300 })}).
		plan("a/300 mesh")
	// And nothing drains for ever.
	r.up(mesh("a", 300)).do(Updated{but(person("a", 1), func(p *protocol.Participant) { p.Session = 400 })}).
		wait(DrainFor-1).plan("a/300 mesh draining", "a/400 mesh").
		wait(1).plan("a/400 mesh")
}

// A participant whom only the rendezvous lost stays for as long as its link
// lives, and a little longer.
func TestLost(t *testing.T) {
	t.Parallel()
	r := enter(t, person("b", 2), person("a", 1), person("c", 3)).up(mesh("a", 1))
	r.do(Left{"a", protocol.LeftLost}).people("a? b c").
		do(Left{"c", protocol.LeftLost}).people("a? b").
		wait(60_000).people("a? b").
		do(LinkDown{mesh("a", 1)}).wait(LinkDownFor - 1).people("a? b").
		do(LinkUp{mesh("a", 1)}).wait(60_000).people("a? b").
		do(LinkDown{mesh("a", 1)}).wait(LinkDownFor).people("b")
}

// A restarted rendezvous takes people back one by one: who is missing from its
// first roster is neither dropped nor does the chair move.
func TestRestart(t *testing.T) {
	t.Parallel()
	host, b, c := but(person("a", 1), a), person("b", 2), person("c", 3)
	r := enter(t, b, host, c).up(mesh("a", 1))
	r.do(Welcome{Self: b, Roster: []protocol.Participant{b}, Policy: Policy{4}}).
		people("a? b c?").plan("a/1 mesh offer", "c/3 mesh")
	if r.state.ActingHost() != "a" {
		t.Errorf("the chair moved to %s at once", r.state.ActingHost())
	}
	r.do(Joined{host}).people("a b c?")
	r.wait(MissingFor).people("a b")
	// But the chair does not wait for ever for one whom only some can hear.
	r.do(Left{"a", protocol.LeftLost}).people("a? b").wait(DoubtFor)
	if r.state.ActingHost() != "b" {
		t.Errorf("%s still has the chair", r.state.ActingHost())
	}
	// A resumed session changes nothing.
	r.do(Welcome{Self: b, Policy: Policy{4}, Resumed: true}).people("a? b")
}

// Removal outlives whatever still speaks of the old stay, and ends with a new
// admission.
func TestRemoved(t *testing.T) {
	t.Parallel()
	b, x, host := person("b", 2), person("x", 5), but(person("a", 1), a)
	r := enter(t, b, x, host).up(mesh("x", 5))
	r.do(Left{"x", protocol.LeftRemoved}).people("a b").plan("a/1 mesh offer")
	r.refused(Joined{x}, RefusedRemoved).
		refused(Updated{but(x, again)}, RefusedRemoved).
		refused(LinkUp{mesh("x", 5)}, RefusedStranger).
		refused(Said{"x", star(1, 1, "b", "")}, RefusedStranger).
		do(Welcome{Self: b, Roster: []protocol.Participant{b, x, host}, Policy: Policy{4}}).people("a b").
		do(Joined{person("x", 6)}).people("a b x")
}

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
	r.do(Said{"a", star(1, 7, "n", "m")}).plan("m/5 standby quiet", "n/4 sfu").
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

// From a mesh to a star no link is let go before both its ends have each other
// by the SFU.
func TestMeshToStar(t *testing.T) {
	t.Parallel()
	host, c, n := but(person("a", 1), a), person("c", 3), but(person("n", 4), node)
	r := enter(t, person("b", 2), host, c, n).up(mesh("a", 1), mesh("c", 3), mesh("n", 4))
	r.do(Said{"a", star(1, 1, "n", "")}).
		plan("a/1 mesh offer draining", "c/3 mesh draining", "n/4 mesh draining", "n/4 sfu").
		do(LinkUp{sfu("n", 4)}).
		plan("a/1 mesh offer draining", "c/3 mesh draining", "n/4 mesh draining", "n/4 sfu").
		do(LinkCarrying{sfu("n", 4)}).
		plan("a/1 mesh offer draining", "c/3 mesh draining", "n/4 mesh draining quiet", "n/4 sfu").
		do(LinkAsked{mesh("n", 4), false}).
		plan("a/1 mesh offer draining", "c/3 mesh draining", "n/4 sfu").
		do(Heard{"n", []identity.PeerID{"a"}}).
		plan("a/1 mesh offer draining quiet", "c/3 mesh draining", "n/4 sfu").
		do(LinkAsked{mesh("c", 3), false}). // c has b, but b does not have c
		plan("a/1 mesh offer draining quiet", "c/3 mesh draining", "n/4 sfu").
		do(Heard{"n", []identity.PeerID{"c", "a"}}, LinkAsked{mesh("a", 1), false}).
		plan("n/4 sfu")
	// And back: the SFU's link goes when everybody is there without it.
	r.do(Said{"a", protocol.Directive{Term: 1, Seq: 2, Topology: protocol.TopologyMesh, Reason: "small-room"}}).
		plan("a/1 mesh offer", "c/3 mesh", "n/4 mesh", "n/4 sfu draining").
		up(mesh("a", 1), mesh("c", 3)).
		plan("a/1 mesh offer", "c/3 mesh", "n/4 mesh", "n/4 sfu draining").
		up(mesh("n", 4)).
		plan("a/1 mesh offer", "c/3 mesh", "n/4 mesh", "n/4 sfu draining quiet").
		do(LinkAsked{sfu("n", 4), false}).
		plan("a/1 mesh offer", "c/3 mesh", "n/4 mesh")
}

// The standby takes over at once, without a word, and the SFU has its place
// back when its link has been up for a while.
func TestTakeover(t *testing.T) {
	t.Parallel()
	host, n, m := but(person("a", 1), a), but(person("n", 4), node), but(person("m", 5), node)
	r := enter(t, person("b", 2), host, n, m).do(Said{"a", star(1, 1, "n", "m")}).up(sfu("n", 4)).do(LinkUp{sfu("m", 5)})
	r.plan("m/5 standby quiet", "n/4 sfu").
		do(LinkDown{sfu("n", 4)}).
		plan("m/5 sfu", "n/4 standby quiet").
		do(LinkUp{sfu("n", 4)}).wait(ReturnAfter-1).
		plan("m/5 sfu", "n/4 standby quiet").
		wait(1).
		plan("m/5 standby quiet", "n/4 sfu")
	// When it leaves, the directive has already named who serves.
	r.do(Left{"n", protocol.LeftLeft}).plan("m/5 sfu")
	// Without either the room is a mesh, and goes on.
	r.do(Left{"m", protocol.LeftLeft}).plan("a/1 mesh offer")
}

func TestServing(t *testing.T) {
	t.Parallel()
	host, b, n, m := but(person("a", 1), a), person("b", 2), but(person("n", 4), node), but(person("m", 5), node)
	enter(t, n, host, b, m).do(Said{"a", star(1, 1, "n", "m")}).plan("a/1 serve offer", "b/2 serve offer", "m/5 serve")
	enter(t, m, host, b, n).do(Said{"a", star(1, 1, "n", "m")}).plan("a/1 serve offer", "b/2 serve offer", "n/4 sfu offer")
	h := but(person("h", 6), func(p *protocol.Participant) { p.Kind = protocol.KindHelper })
	enter(t, h, host, b).do(Said{"a", star(1, 1, "h", "")}).plan("a/1 serve offer", "b/2 serve offer")
	enter(t, h, host, b).plan()
}

func advert(id identity.PeerID, kbps int) Advert {
	return Advert{id, protocol.Capacity{UplinkKbps: kbps, DownlinkKbps: kbps, CoresMilli: 4000, Reachable: true, Willing: true}}
}

func (r *rig) said() []protocol.Directive {
	var said []protocol.Directive
	for _, action := range r.out.Actions {
		if s, ok := action.(Say); ok {
			said = append(said, s.Directive)
		}
	}
	return said
}

// The acting host's own client says what the election finds, after it has stood
// for a while; the first word of a tenure has a higher term.
func TestPresiding(t *testing.T) {
	t.Parallel()
	host, n, m := but(person("a", 1), a), but(person("n", 4), node), but(person("m", 5), node)
	r := enter(t, host, person("b", 2), person("c", 3), n, m)
	r.wait(LearnFor).do(advert("n", 9000)).wait(GrowAfter - 1)
	if said := r.said(); said != nil {
		t.Fatalf("said at once: %+v", said)
	}
	r.wait(1)
	want := star(1, 1*SeqsPerTerm, "n", "")
	if diff := cmp.Diff([]protocol.Directive{want}, r.said()); diff != "" {
		t.Fatal(diff)
	}
	if r.state.Arranged().SFU != "n" {
		t.Errorf("what self says is in force here: %+v", r.state.Arranged())
	}
	// A standby as soon as there is one, in the same term.
	r.do(advert("m", 8000)).wait(GrowAfter)
	if said := r.said(); len(said) != 1 || said[0].Standby != "m" || said[0].Term != 1 || said[0].Seq != SeqsPerTerm+1 {
		t.Fatalf("%+v", said)
	}
	// The SFU's heart stops: the others have moved already, and are told so.
	r.up(sfu("n", 4)).do(LinkUp{sfu("m", 5)}, LinkDown{sfu("n", 4)}).wait(LostAfter)
	if said := r.said(); len(said) != 1 || said[0].SFU != "m" || said[0].Reason != protocol.Code(elect.ReasonSFULost) {
		t.Fatalf("%+v", said)
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

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := person("b", 2)
	r := enter(t, b, person("a", 1)).up(mesh("a", 1))
	for _, c := range []struct {
		event Event
		want  Reason
	}{
		{nil, RefusedUnknown},
		{Welcome{Self: person("x", 1), Policy: Policy{4}}, RefusedNotSelf},
		{Welcome{Self: but(b, again), Policy: Policy{4}}, RefusedNotSelf},
		{Welcome{Self: b, Roster: []protocol.Participant{person("a", 1)}, Policy: Policy{4}}, RefusedMalformed},
		{Welcome{Self: b, Roster: []protocol.Participant{b, b}, Policy: Policy{4}}, RefusedMalformed},
		{Welcome{Self: b, Roster: []protocol.Participant{b}, Policy: Policy{9}}, RefusedMalformed},
		{Welcome{Self: b, Waiting: true, Policy: Policy{4}}, RefusedNotSelf},
		{Joined{person("a", 1)}, RefusedKnown},
		{Joined{person("", 1)}, RefusedMalformed},
		{Joined{person("x", 0)}, RefusedMalformed},
		{Updated{person("a", 1)}, RefusedKnown},
		{Updated{person("x", 7)}, RefusedStranger},
		{Updated{but(b, again)}, RefusedNotSelf},
		{Left{"b", protocol.LeftRemoved}, RefusedSelf},
		{Left{"x", protocol.LeftLeft}, RefusedStranger},
		{PolicyChanged{Policy{1}}, RefusedMalformed},
		{LinkUp{mesh("a", 1)}, RefusedKnown},
		{LinkUp{mesh("a", 2)}, RefusedNotWanted},
		{LinkUp{sfu("a", 1)}, RefusedNotWanted},
		{LinkUp{serve("x", 1)}, RefusedStranger},
		{LinkCarrying{mesh("a", 1)}, RefusedKnown},
		{LinkAsked{mesh("a", 1), true}, RefusedKnown},
		{LinkMeasured{mesh("a", 1), -1}, RefusedMalformed},
		{Heard{"a", nil}, RefusedNotWanted},
		{Heard{"a", make([]identity.PeerID, 1001)}, RefusedMalformed},
		{Advert{"x", protocol.Capacity{}}, RefusedStranger},
		{Advert{"a", protocol.Capacity{UplinkKbps: -1}}, RefusedMalformed},
		{Choose{}, RefusedNotChair},
	} {
		r.refused(c.event, c.want)
	}
	r.do(LinkDown{mesh("a", 1)}).refused(LinkDown{mesh("a", 1)}, RefusedKnown).
		refused(LinkCarrying{mesh("a", 1)}, RefusedNotWanted).refused(LinkMeasured{mesh("a", 1), 3}, RefusedNotWanted)
	if _, out := Step(r.state, Input{At: 0, Event: Clock{}}); out.Refused != RefusedClock {
		t.Errorf("a clock at 0: %q", out.Refused)
	}
	r.do(Ended{}).refused(Clock{}, RefusedEnded)
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
