package session

import (
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Who is on the stage before a test's own story begins.

// soon is when what is on its way has arrived.
const soon = 3 * time.Second

// host brings the host in, who has the chair from then on. change may alter its
// configuration.
func (s *stage) host(change ...func(*Config)) *node {
	s.t.Helper()
	a := s.join(1, func(c *Config) {
		for _, f := range change {
			f(c)
		}
	})
	s.await("the host is in", time.Second, func() bool { return a.State().Phase == PhaseIn })
	return a
}

// meet waits until nodes see each other, and returns them.
func (s *stage) meet(nodes ...*node) []*node {
	s.t.Helper()
	s.await("all see each other", soon, all(nodes, func(n *node) bool { return n.sees(nodes) }))
	return nodes
}

// pair brings two nodes into a room that see each other; the first is the host.
func (s *stage) pair() (a, b *node) {
	s.t.Helper()
	a, b = s.host(), s.join(2, nil)
	s.meet(a, b)
	return a, b
}

// trio brings a pair and a third, whose configuration change may alter, into a room.
func (s *stage) trio(change func(*Config)) (a, b, c *node) {
	s.t.Helper()
	a, b = s.pair()
	c = s.join(3, change)
	s.meet(a, b, c)
	return a, b, c
}

// three brings three nodes into a room that is a mesh: a host that cannot carry
// it, and two that can.
func (s *stage) three() []*node {
	s.t.Helper()
	return s.meet(s.host(func(c *Config) { c.Willing = false }), s.join(2, nil), s.join(3, nil))
}

// star waits until the room is a star, its links of before are gone, and all see
// each other in it.
func (s *stage) star(nodes []*node) (sfu, standby *node) {
	s.t.Helper()
	s.await("a star", 10*time.Second, all(nodes, func(n *node) bool {
		top := n.State().Topology
		return top.Topology == protocol.TopologyStar && top.SFU != "" && top.Standby != ""
	}))
	top := nodes[0].State().Topology
	for _, n := range nodes {
		switch n.id {
		case top.SFU:
			sfu = n
		case top.Standby:
			standby = n
		}
	}
	s.await("the links of before are gone", 10*time.Second, all(nodes, func(n *node) bool {
		return !slices.ContainsFunc(n.State().Links, func(l LinkState) bool { return l.Draining || l.Shape == room.ShapeMesh || l.State != LinkUp })
	}))
	s.await("all see each other", time.Second, all(nodes, func(n *node) bool { return n.sees(nodes) }))
	return sfu, standby
}
