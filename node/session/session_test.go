package session

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/client"
	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Two nodes meet, see and hear each other, and talk.
func TestTwoNodesAreAMesh(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		a := s.host()
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

// Guards against a room that ends with its rendezvous: talk goes on, the SFU may
// die, and new links are made through those that are there.
func TestTheRoomGoesOnWithoutTheRendezvous(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, s *stage) {
		nodes := s.three()
		a := nodes[0]
		s.star(nodes)
		s.rendezvous.Mute(true)
		s.rendezvous.Cut()
		s.await("the rendezvous is missed", 10*time.Second, all(nodes, func(n *node) bool { return !n.State().Connected }))
		for _, n := range nodes {
			if err := n.Chat("by links alone, says " + n.name); err != nil {
				t.Fatal(err)
			}
		}
		s.await("everybody has every line", time.Second, all(nodes, func(n *node) bool { return len(n.State().Chat) == len(nodes) }))
		for _, n := range nodes {
			if got := len(n.State().Chat); got != len(nodes) {
				t.Errorf("%s has %d lines", n.name, got)
			}
		}
		began := time.Now()
		if err := a.Choose(room.Choose{Topology: elect.Mesh}); err != nil {
			t.Fatal(err)
		}
		s.await("a mesh, made through the star", 20*time.Second, all(nodes, func(n *node) bool {
			links := n.State().Links
			return n.on(protocol.TopologyMesh, "") && len(links) == 2 && !slices.ContainsFunc(links, func(l LinkState) bool { return l.Shape != room.ShapeMesh || l.State != LinkUp })
		}))
		time.Sleep(time.Second)
		s.noGap(nodes, began, time.Now())
		s.rendezvous.Mute(false)
		s.rendezvous.Cut()
		s.await("the rendezvous is back", 30*time.Second, all(nodes, func(n *node) bool { return n.State().Connected }))
	})
}

// Guards against a star that stays when it is needed no longer.
func TestAStarBecomesAMeshAgain(t *testing.T) {
	inBubble(t, 3, func(t *testing.T, s *stage) {
		a := s.host(func(c *Config) { c.Willing = false })
		nodes := []*node{a, s.join(2, nil), s.join(3, nil), s.join(4, nil)}
		sfu, standby := s.star(nodes)
		for _, n := range nodes {
			if got := len(n.State().Links); n != sfu && n != standby && got != 2 {
				t.Errorf("%s has %d links in a star, want those to the SFU and its standby", n.name, got)
			}
		}
		left := []*node{a}
		for _, n := range nodes[1:] {
			if n == sfu || n == standby && len(left) < 2 {
				left = append(left, n)
			} else {
				n.Leave()
				<-n.done
				if n.err != nil {
					t.Errorf("%s left with %v", n.name, n.err)
				}
			}
		}
		left = slices.DeleteFunc(left, func(n *node) bool { return n == standby })
		if slices.Contains(nodes, standby) {
			standby.Leave()
			<-standby.done
		}
		began := time.Now()
		s.await("a mesh", 30*time.Second, all(left, func(n *node) bool {
			links := n.State().Links
			return n.on(protocol.TopologyMesh, "") && len(links) == 1 && links[0].Shape == room.ShapeMesh && links[0].State == LinkUp
		}))
		time.Sleep(time.Second)
		s.noGap(left, began, time.Now())
	})
}

// Guards against somebody removed who goes on being heard.
func TestWhoIsRemovedHasNoLinkAnyMore(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		nodes := s.three()
		gone := nodes[2]
		for _, n := range nodes[:2] {
			s.rendezvous.Push(n.id, protocol.Left{ID: gone.id, Why: protocol.LeftRemoved})
		}
		s.await("its links are closed", 100*time.Millisecond, all(nodes[:2], func(n *node) bool { return len(n.State().Links) == 1 }))
		s.rendezvous.Bye(gone.id, protocol.Bye{Why: protocol.ByeRemoved, Detail: "The host removed you."})
		<-gone.done
		var ended *client.Ended
		if !errors.As(gone.err, &ended) || ended.Bye.Why != protocol.ByeRemoved {
			t.Errorf("it ended with %v", gone.err)
		}
		if gone.State().Phase != PhaseOver || len(gone.State().Links) != 0 {
			t.Errorf("it is left as %+v", gone.State())
		}
	})
}

// Guards against two nodes of one identity that throw each other out for ever.
func TestTheSameIdentityElsewhereEndsTheFirst(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		a := s.join(1, nil)
		b := s.join(2, nil)
		s.await("both see each other", 3*time.Second, all([]*node{a, b}, func(n *node) bool { return n.sees([]*node{a, b}) }))
		again := s.join(2, nil)
		<-b.done
		var ended *client.Ended
		if !errors.As(b.err, &ended) || ended.Bye.Why != protocol.ByeElsewhere {
			t.Errorf("it ended with %v", b.err)
		}
		began := time.Now()
		s.await("the second is seen", 3*time.Second, func() bool {
			return again.sees([]*node{a}) && a.watch.lastOf(key(again, protocol.SourceMic)).After(began)
		})
	})
}

// Guards against a helper that takes part: it has no link before it serves, is
// known to the acting host all the same, and carries everybody.
func TestAHelperCarriesARoomThatCannot(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, s *stage) {
		unwilling := func(c *Config) { c.Willing = false }
		a := s.host(unwilling)
		nodes := []*node{a, s.join(2, unwilling), s.join(3, unwilling)}
		s.await("three see each other", 3*time.Second, all(nodes, func(n *node) bool { return n.sees(nodes) }))
		h := s.join(9, func(c *Config) { c.Kind, c.Publish, c.Sinks = protocol.KindHelper, nil, nil })
		began := time.Now()
		s.await("a star on the helper", 20*time.Second, all(nodes, func(n *node) bool {
			links := n.State().Links
			return n.on(protocol.TopologyStar, h.id) && len(links) == 1 && links[0].State == LinkUp
		}))
		time.Sleep(time.Second)
		s.noGap(nodes, began, time.Now())
		if err := nodes[1].Chat("through the helper"); err != nil {
			t.Fatal(err)
		}
		s.await("the line arrives", time.Second, all(nodes, func(n *node) bool { return len(n.State().Chat) == 1 }))
		late := s.join(5, unwilling)
		s.await("who comes later is told and sees", 5*time.Second, func() bool {
			return len(late.State().Chat) == 1 && late.sees(nodes)
		})
	})
}

// Guards against a room that ends with those who led it: host, SFU and
// rendezvous die in one moment, and the two who are left go on.
func TestHostSFUAndRendezvousDieAtOnce(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, s *stage) {
		a := s.host(func(c *Config) { c.Willing = false })
		nodes := []*node{a, s.join(2, nil), s.join(3, nil), s.join(4, func(c *Config) { c.Willing = false })}
		sfu, standby := s.star(nodes)
		left := []*node{standby, nodes[3]}
		s.rendezvous.Mute(true)
		s.rendezvous.Cut()
		s.kill(a, sfu)
		killed := time.Now()
		took := s.await("the standby carries", 5*time.Second, func() bool {
			return left[0].watch.since(key(left[1], protocol.SourceCamera), killed) && left[1].watch.since(key(left[0], protocol.SourceCamera), killed)
		})
		t.Logf("%s carries after %v", standby.name, took)
		if took > 500*time.Millisecond {
			t.Error("that is too late")
		}
		for _, n := range left {
			if err := n.Chat("still here"); err != nil {
				t.Fatal(err)
			}
		}
		s.await("they talk", time.Second, all(left, func(n *node) bool { return len(n.State().Chat) == 2 }))
		s.await("they see each other", time.Second, all(left, func(n *node) bool { return n.sees(left) }))
	})
}

// Guards against a link that is lost together with the rendezvous and never made
// again: nodes reach each other over the overlay.
func TestLinksAreMadeOverTheOverlay(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		o := newAir()
		a := s.host(func(c *Config) { c.Overlay = o.of(c) })
		nodes := []*node{a, s.join(2, func(c *Config) { c.Overlay = o.of(c) })}
		s.await("both see each other", 3*time.Second, all(nodes, func(n *node) bool { return n.sees(nodes) }))
		s.rendezvous.Mute(true)
		s.rendezvous.Cut()
		s.await("the rendezvous is missed", 10*time.Second, all(nodes, func(n *node) bool { return !n.State().Connected }))
		lost := a.lose()
		s.await("the link is made anew", 20*time.Second, func() bool {
			links := a.State().Links
			return len(links) == 1 && links[0].State == LinkUp && a.sees(nodes) && nodes[1].sees(nodes) && lost()
		})
	})
}

// Guards against a star that gives everybody one size: the SFU is sent every
// layer and sends each receiver the one that it shows.
func TestLayersTowardsTheSFU(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, s *stage) {
		a := s.host(func(c *Config) { c.Willing, c.Publish = false, []Publisher{newLayered()} })
		small := func(c *Config) {
			c.Sinks[0].Want = func(router.Key) bool { return false }
			c.Want = func(protocol.Participant, protocol.Source) (int, int, bool) { return 160, 90, true }
		}
		nodes := []*node{a, s.join(2, nil), s.join(3, nil), s.join(4, func(c *Config) { c.Willing = false; small(c) })}
		top := func() protocol.Topology { return a.State().Topology.Topology }
		s.await("a star", 10*time.Second, func() bool { return top() == protocol.TopologyStar })
		sfu := s.byID(a.State().Topology.SFU)
		layers := func(n *node) (active int, shown int) {
			shown = -1
			_ = n.call(func(l *loop) error {
				for _, src := range l.router.Stats().Sources {
					if src.Key != key(a, protocol.SourceCamera) {
						continue
					}
					active = 0
					for _, layer := range src.Layers {
						if layer.Active && layer.BitsPerSecond > 0 {
							active++
						}
					}
				}
				for _, r := range l.router.Stats().Receivers {
					for _, f := range r.Flows {
						if r.ID == nodes[3].id && f.Key == key(a, protocol.SourceCamera) {
							shown = f.Layer
						}
					}
				}
				return nil
			})
			return active, shown
		}
		s.await("the SFU has all layers, and shows the small one to who shows it small", 15*time.Second, func() bool {
			active, shown := layers(sfu)
			return active == 3 && shown == 0
		})
	})
}

// Guards against a participant that says to send what is another's.
func TestLinesBringTheirPeersSourcesOnly(t *testing.T) {
	t.Parallel()
	_, peer := who(t, 1)
	_, other := who(t, 2)
	transport, err := link.NewTransport(link.TransportConfig{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer transport.Close()
	here := func(identity.PeerID) (protocol.Presence, bool) {
		return protocol.Presence{Mic: true, Camera: true}, true
	}
	for _, c := range []struct {
		shape room.Shape
		flows []protocol.Slot
		want  map[int]router.Key
	}{
		{room.ShapeMesh, nil, map[int]router.Key{
			0: {From: peer, Source: "mic"}, 1: {From: peer, Source: "camera"}, 2: {From: peer, Source: "screen"}, 3: {From: peer, Source: "screen-audio"},
		}},
		{room.ShapeServe, nil, map[int]router.Key{0: {From: peer, Source: "mic"}, 1: {From: peer, Source: "camera"}}},
		{room.ShapeSFU, nil, map[int]router.Key{}},
		{room.ShapeMesh, []protocol.Slot{
			{Mid: "0", From: peer, Source: "mic"}, {Mid: "1", From: other, Source: "camera"}, {Mid: "3", From: peer, Source: "mic"}, {Mid: "9", From: peer, Source: "camera"}, {Mid: "2", From: peer, Source: "screen-audio"},
		}, map[int]router.Key{0: {From: peer, Source: "mic"}}},
		{room.ShapeSFU, []protocol.Slot{{Mid: "1", From: other, Source: "camera"}, {Mid: "8", From: peer, Source: "camera"}}, map[int]router.Key{
			1: {From: other, Source: "camera"}, 8: {From: peer, Source: "camera"},
		}},
	} {
		line := room.Link{Ref: room.Ref{Peer: peer, Session: 1, Shape: c.shape}, Offer: true}
		if c.shape != room.ShapeMesh {
			line.Extra = room.StarSlots
		}
		tt := &tie{line: line, party: party{peer, 1}, flows: c.flows}
		tt.port = newPort(tt, 24, router.New(router.Config{}), func() int64 { return 1 }, newInbox(), nil)
		tt.link, err = link.New(link.Config{
			Transport: transport, ID: newLinkID(), Offer: c.shape != room.ShapeServe, Shape: c.shape, Extra: line.Extra,
			Self: other, Session: 1, Peer: peer, PeerSession: 1, Events: linkEvents{tt, newInbox()}, Media: tt.port,
		})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, tt.brings(here)); d != "" {
			t.Errorf("%s: %s", c.shape, d)
		}
		tt.link.Close(false)
		<-tt.link.Done()
	}
}
