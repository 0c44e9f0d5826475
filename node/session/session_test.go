package session

import (
	"slices"
	"testing"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// Two nodes meet, see and hear each other, and talk.
func TestTwoNodesAreAMesh(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		a := s.join(1, nil)
		s.await("the host is in", time.Second, func() bool { return a.State().Phase == PhaseIn })
		b := s.join(2, nil)
		nodes := []*node{a, b}
		took := s.await("both see each other", 3*time.Second, all(nodes, func(n *node) bool { return n.sees(nodes) }))
		t.Logf("seen after %v", took)
		if err := b.Chat("hello"); err != nil {
			t.Fatal(err)
		}
		s.await("the line arrives", time.Second, func() bool { return len(a.State().Chat) == 1 })
		if line := a.State().Chat[0]; line.Text != "hello" || line.From != b.id || line.Name != "node 2" {
			t.Errorf("%+v", line)
		}
		if !a.on(protocol.TopologyMesh, "") {
			t.Error("two are no mesh")
		}
	})
}

// Guards against a gap when a room outgrows the mesh: nobody's sound or picture
// stops for longer than between two of its frames, and nothing is lost. Then the
// SFU is killed.
func TestARoomMovesToAStarAndSurvivesIt(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, s *stage) {
		nodes := s.three()
		began := time.Now()
		sfu, standby := s.star(nodes)
		time.Sleep(2 * time.Second)
		s.noGap(nodes, began, time.Now())

		sfu.kill()
		killed := time.Now()
		left := slices.DeleteFunc(slices.Clone(nodes), func(n *node) bool { return n == sfu })
		took := s.await("the standby carries", 5*time.Second, func() bool {
			return !slices.ContainsFunc(left, func(n *node) bool {
				return slices.ContainsFunc(left, func(o *node) bool {
					return o != n && !n.watch.since(key(o, protocol.SourceCamera), killed)
				})
			})
		})
		t.Logf("%s carries after %v", standby.name, took)
		if took > 500*time.Millisecond {
			t.Error("that is too late")
		}
	})
}
