package hub

import (
	"slices"
	"sync"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
)

// places knows in which rooms an identity is, so that the relay can ask often.
type places struct {
	mu    sync.RWMutex
	rooms map[identity.PeerID][]meeting.ID
}

// move notes who is in a room now, and was before.
func (p *places) move(id meeting.ID, before, now []identity.PeerID) {
	if slices.Equal(before, now) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, peer := range before {
		left := slices.DeleteFunc(p.rooms[peer], func(room meeting.ID) bool { return room == id })
		if len(left) == 0 {
			delete(p.rooms, peer)
		} else {
			p.rooms[peer] = left
		}
	}
	for _, peer := range now {
		p.rooms[peer] = append(p.rooms[peer], id)
	}
}

// Inside tells whether an identity is in some room.
func (h *Hub) Inside(id identity.PeerID) bool {
	h.places.mu.RLock()
	defer h.places.mu.RUnlock()
	return len(h.places.rooms[id]) > 0
}

// busy counts the rooms that an identity is in.
func (h *Hub) busy(id identity.PeerID) int {
	h.places.mu.RLock()
	defer h.places.mu.RUnlock()
	return len(h.places.rooms[id])
}

// in tells whether an identity is in one room.
func (h *Hub) in(id identity.PeerID, room meeting.ID) bool {
	h.places.mu.RLock()
	defer h.places.mu.RUnlock()
	return slices.Contains(h.places.rooms[id], room)
}

// Together tells whether two identities are in one room.
func (h *Hub) Together(a, b identity.PeerID) bool {
	h.places.mu.RLock()
	defer h.places.mu.RUnlock()
	with := h.places.rooms[b]
	return slices.ContainsFunc(h.places.rooms[a], func(id meeting.ID) bool { return slices.Contains(with, id) })
}
