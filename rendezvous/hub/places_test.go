package hub

import (
	"testing"
	"testing/synctest"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards the relay from being everybody's: only who is in, and while it is in,
// has company there.
func TestPlaces(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		one, _ := s.enter(1)
		two, _ := s.enter(2)
		if !s.hub.Inside(peer(1)) || !s.hub.Together(peer(1), peer(2)) || !s.hub.Together(peer(2), peer(1)) {
			t.Error("two in one room are not together")
		}
		if s.hub.Inside(peer(3)) || s.hub.Together(peer(1), peer(3)) || s.hub.Together(peer(3), peer(3)) {
			t.Error("a stranger is inside")
		}
		two.Receive(1, protocol.Leave{})
		synctest.Wait()
		if s.hub.Together(peer(1), peer(2)) || s.hub.Inside(peer(2)) || !s.hub.Inside(peer(1)) {
			t.Error("who left is still inside")
		}
		one.Receive(1, protocol.Leave{})
		synctest.Wait()
		if s.hub.Inside(peer(1)) || len(s.hub.places.rooms) != 0 {
			t.Errorf("the empty room is remembered: %v", s.hub.places.rooms)
		}
	})
}

// Guards against places that outlive their rooms when the hub stops.
func TestPlacesEndWithTheHub(t *testing.T) {
	inBubble(t, func(t *testing.T, s *scene) {
		s.enter(1)
		s.end()
		if s.hub.Inside(peer(1)) {
			t.Error("still inside")
		}
	})
}
