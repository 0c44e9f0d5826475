package room

import (
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

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

// A newcomer to a room too large for a mesh does not offer everybody a link that
// the star it is about to be told of makes useless; without a word it goes on
// after a while. Who was there already waits for nothing.
func TestNewcomerWaits(t *testing.T) {
	t.Parallel()
	host, n := but(person("a", 1), a), but(person("n", 2), node)
	crowd := func() *rig {
		return enter(t, person("f", 6), host, n, person("c", 3), person("d", 4)).
			plan("a/1 mesh offer waits", "c/3 mesh offer waits", "d/4 mesh offer waits", "n/2 mesh offer waits")
	}
	crowd().do(Said{"a", star(1, 1, "n", "")}).plan("n/2 sfu offer")
	crowd().wait(LearnFor-1).
		plan("a/1 mesh offer waits", "c/3 mesh offer waits", "d/4 mesh offer waits", "n/2 mesh offer waits").
		wait(1).
		plan("a/1 mesh offer", "c/3 mesh offer", "d/4 mesh offer", "n/2 mesh offer")
	enter(t, person("b", 5), host, n, person("c", 3)).
		plan("a/1 mesh offer", "c/3 mesh offer", "n/2 mesh offer").
		do(Joined{person("e", 6)}).
		plan("a/1 mesh offer", "c/3 mesh offer", "e/6 mesh", "n/2 mesh offer")
}

// From a mesh to a star no link is let go before both its ends have each other
// by the SFU.
func TestMeshToStar(t *testing.T) {
	t.Parallel()
	host, c, n := but(person("a", 1), a), person("c", 3), but(person("n", 4), node)
	r := enter(t, person("b", 2), host, c, n).up(mesh("a", 1), mesh("c", 3), mesh("n", 4))
	r.do(Said{"a", star(1, 1, "n", "")}).
		plan("a/1 mesh offer draining", "c/3 mesh draining", "n/4 mesh draining", "n/4 sfu offer").
		do(LinkUp{sfu("n", 4)}).
		plan("a/1 mesh offer draining", "c/3 mesh draining", "n/4 mesh draining", "n/4 sfu offer").
		do(LinkCarrying{sfu("n", 4)}).
		plan("a/1 mesh offer draining", "c/3 mesh draining", "n/4 mesh draining quiet", "n/4 sfu offer").
		do(LinkAsked{mesh("n", 4), false}).
		plan("a/1 mesh offer draining", "c/3 mesh draining", "n/4 sfu offer").
		do(Heard{"n", []identity.PeerID{"a"}}).
		plan("a/1 mesh offer draining quiet", "c/3 mesh draining", "n/4 sfu offer").
		do(LinkAsked{mesh("c", 3), false}). // c has b, but b does not have c
		plan("a/1 mesh offer draining quiet", "c/3 mesh draining", "n/4 sfu offer").
		do(Heard{"n", []identity.PeerID{"c", "a"}}, LinkAsked{mesh("a", 1), false}).
		plan("n/4 sfu offer")
	// And back: the SFU's link goes when everybody is there without it.
	r.do(Said{"a", protocol.Directive{Term: 1, Seq: 2, Topology: protocol.TopologyMesh, Reason: "small-room"}}).
		plan("a/1 mesh offer", "c/3 mesh", "n/4 mesh", "n/4 sfu offer draining").
		up(mesh("a", 1), mesh("c", 3)).
		plan("a/1 mesh offer", "c/3 mesh", "n/4 mesh", "n/4 sfu offer draining").
		up(mesh("n", 4)).
		plan("a/1 mesh offer", "c/3 mesh", "n/4 mesh", "n/4 sfu offer draining quiet").
		do(LinkAsked{sfu("n", 4), false}).
		plan("a/1 mesh offer", "c/3 mesh", "n/4 mesh")
}

// The standby takes over at once, without a word, and the SFU has its place
// back when its link has been up for a while.
func TestTakeover(t *testing.T) {
	t.Parallel()
	host, n, m := but(person("a", 1), a), but(person("n", 4), node), but(person("m", 5), node)
	r := enter(t, person("b", 2), host, n, m).do(Said{"a", star(1, 1, "n", "m")}).up(sfu("n", 4)).do(LinkUp{sfu("m", 5)})
	r.plan("m/5 standby offer quiet", "n/4 sfu offer").
		do(LinkDown{sfu("n", 4)}).
		plan("m/5 sfu offer", "n/4 standby offer quiet").
		do(LinkUp{sfu("n", 4)}).wait(ReturnAfter-1).
		plan("m/5 sfu offer", "n/4 standby offer quiet").
		wait(1).
		plan("m/5 standby offer quiet", "n/4 sfu offer")
	// When it leaves, the directive has already named who serves.
	r.do(Left{"n", protocol.LeftLeft}).plan("m/5 sfu offer")
	// Without either the room is a mesh, and goes on.
	r.do(Left{"m", protocol.LeftLeft}).plan("a/1 mesh offer")
}

func TestServing(t *testing.T) {
	t.Parallel()
	host, b, n, m := but(person("a", 1), a), person("b", 2), but(person("n", 4), node), but(person("m", 5), node)
	enter(t, n, host, b, m).do(Said{"a", star(1, 1, "n", "m")}).plan("a/1 serve", "b/2 serve", "m/5 serve")
	enter(t, m, host, b, n).do(Said{"a", star(1, 1, "n", "m")}).plan("a/1 serve", "b/2 serve", "n/4 sfu offer")
	h := but(person("h", 6), func(p *protocol.Participant) { p.Kind = protocol.KindHelper })
	enter(t, h, host, b).do(Said{"a", star(1, 1, "h", "")}).plan("a/1 serve", "b/2 serve")
	enter(t, h, host, b).plan()
}
