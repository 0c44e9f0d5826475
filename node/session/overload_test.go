package session

import (
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/transport/v5/vnet"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// chokes has a node's line lose every third packet of media that it sends. What
// is small and rare, like heartbeats, gets through: the node is not dead, it
// carries less than it said.
func (s *stage) chokes(n *node) {
	var sent atomic.Int64
	ips := n.ips()
	s.network.AddChunkFilter(func(c vnet.Chunk) bool {
		host, _, err := net.SplitHostPort(c.SourceAddr().String())
		data := c.UserData()
		if err != nil || !slices.Contains(ips, host) || len(data) == 0 || data[0]>>6 != 2 { // RFC 7983: RTP and RTCP
			return true
		}
		return sent.Add(1)%3 != 0
	})
}

// Guards against a room that stays with an SFU which advertises a line that it
// does not have: its receivers tell what they miss, and the acting host has
// another carry them.
func TestAnSFUThatCannotCarryIsReplaced(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, s *stage) {
		unwilling := func(c *Config) { c.Willing = false }
		a := s.host(unwilling)
		nodes := []*node{a, s.join(2, nil), s.join(3, nil), s.join(4, unwilling), s.join(5, unwilling)}
		sfu, standby := s.star(nodes)
		s.chokes(sfu)
		others := slices.DeleteFunc(slices.Clone(nodes), func(n *node) bool { return n == sfu })
		took := s.await("another carries the room", 40*time.Second, all(others, func(n *node) bool { return n.on(protocol.TopologyStar, standby.id) }))
		t.Logf("replaced after %v", took)
		if why := a.State().Topology.Reason; why != "sfu-overloaded" {
			t.Errorf("because of %q", why)
		}
		s.await("who is on good lines loses nothing", 10*time.Second, func() bool {
			now := time.Now()
			return !slices.ContainsFunc(others, func(n *node) bool {
				return slices.ContainsFunc(others, func(o *node) bool {
					lost, pause := n.watch.missed(key(o, protocol.SourceMic), now.Add(-2*time.Second), now)
					return o != n && (lost > 0 || pause > 60*time.Millisecond)
				})
			})
		})
	})
}
