package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// air is an overlay in memory: what one says, all others hear.
type air struct {
	mu    sync.Mutex
	ears  map[identity.PeerID]Receiver
	boxes int
}

func newAir() *air { return &air{ears: make(map[identity.PeerID]Receiver)} }

func (a *air) of(c *Config) Overlay { return airOf{a, c.Client.Identity().PeerID()} }

// airOf is one node's place in the air, and its topic.
type airOf struct {
	air  *air
	self identity.PeerID
}

var errNobody = errors.New("nobody there")

func (o airOf) Join(_ meeting.ID, _ identity.PeerID, r Receiver) (Topic, error) {
	o.air.mu.Lock()
	defer o.air.mu.Unlock()
	o.air.ears[o.self] = r
	return o, nil
}

func (airOf) Reachable() bool { return true }

func (airOf) SetMembers([]protocol.Participant) {}

func (o airOf) Publish(e protocol.Envelope) error {
	o.air.mu.Lock()
	defer o.air.mu.Unlock()
	for id, r := range o.air.ears {
		if id != o.self {
			r.Envelope(e)
		}
	}
	return nil
}

func (o airOf) Signal(_ context.Context, to identity.PeerID, session int64, box string) error {
	o.air.mu.Lock()
	r := o.air.ears[to]
	o.air.boxes++
	o.air.mu.Unlock()
	if r == nil {
		return errNobody
	}
	r.Signal(o.self, session, box)
	return nil
}

// Ways, as Guide: those who are in the air are reached through a relay.
func (o airOf) Ways() []Way {
	o.air.mu.Lock()
	defer o.air.mu.Unlock()
	var ways []Way
	for id := range o.air.ears {
		if id != o.self {
			ways = append(ways, Way{Peer: id, Path: WayRelayed, Transport: "quic", RTTMillis: 40})
		}
	}
	return ways
}

// Guards against a node whose owner cannot find out how it reaches the others
// without the rendezvous.
func TestWaysOverTheOverlayAreTold(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, s *stage) {
		o := newAir()
		a := s.host(func(c *Config) { c.Overlay = o.of(c) })
		b := s.join(2, func(c *Config) { c.Overlay = o.of(c) })
		alone := s.join(3, nil)
		nodes := []*node{a, b, alone}
		s.await("they see each other", 3*time.Second, all(nodes, func(n *node) bool { return n.sees(nodes) }))
		want := []Way{{Peer: b.id, Path: WayRelayed, Transport: "quic", RTTMillis: 40}}
		if diff := cmp.Diff(want, a.State().Ways); diff != "" {
			t.Error(diff)
		}
		if got := alone.State().Ways; got != nil {
			t.Errorf("without an overlay: %+v", got)
		}
		told := func(is func(Event) bool) func() bool {
			return func() bool {
				a.mu.Lock()
				defer a.mu.Unlock()
				return slices.ContainsFunc(a.events, is)
			}
		}
		for id, path := range map[identity.PeerID]WayPath{b.id: WayRelayed, alone.id: ""} {
			s.await("the link's event tells it too", time.Second, told(func(e Event) bool {
				up, ok := e.(Link)
				return ok && up.Peer == id && up.State == LinkUp && up.Overlay == path
			}))
		}
		s.await("the figures tell it", 5*time.Second, told(func(e Event) bool {
			stats, ok := e.(Stats)
			return ok && cmp.Equal(stats.Nodes, want)
		}))
	})
}

func (o airOf) Leave() {
	o.air.mu.Lock()
	defer o.air.mu.Unlock()
	delete(o.air.ears, o.self)
}
