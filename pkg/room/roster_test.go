package room

import (
	"testing"

	"github.com/parley-mesh/parley/pkg/protocol"
)

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
