package relay

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/p2p"
)

// allowed is the circuit service's access control.
type allowed struct {
	rooms  Rooms
	quotas Quotas

	mu        sync.Mutex
	strangers map[peer.ID]time.Time // until when each may hold a reservation
}

// AllowReserve keeps a place for who is in a room, and for a few others: a node
// may try its connection before a meeting, and reserve while it still enters one.
func (a *allowed) AllowReserve(p peer.ID, _ ma.Multiaddr) bool {
	if a.rooms.Inside(p2p.PeerID(p)) {
		return true
	}
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for stranger, until := range a.strangers {
		if until.Before(now) {
			delete(a.strangers, stranger)
		}
	}
	if _, known := a.strangers[p]; !known && len(a.strangers) >= a.quotas.Strangers {
		return false
	}
	a.strangers[p] = now.Add(a.quotas.ReservationTime)
	return true
}

// AllowConnect passes bytes between two of one room, and nobody else.
func (a *allowed) AllowConnect(from peer.ID, _ ma.Multiaddr, to peer.ID) bool {
	return a.rooms.Together(p2p.PeerID(from), p2p.PeerID(to))
}
