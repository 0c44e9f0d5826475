package node

import (
	"sync"

	"github.com/parley-mesh/parley/node/overlay"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// network shows an overlay as a session wants it.
type network struct{ *overlay.Overlay }

// Join, as session.Overlay.
func (n network) Join(id meeting.ID, host identity.PeerID, r session.Receiver) (session.Topic, error) {
	t := &topic{self: n.Self().ID, members: make(map[identity.PeerID]bool)}
	joined, err := n.Overlay.Join(overlay.Meeting{ID: id, HostID: host}, overlay.Inbox{
		Members: t.has, Envelope: r.Envelope, Signal: r.Signal,
	})
	if err != nil {
		return nil, err
	}
	t.Topic = joined
	return t, nil
}

// topic is an overlay's topic that knows who is in the room.
type topic struct {
	*overlay.Topic
	self identity.PeerID

	mu      sync.Mutex
	members map[identity.PeerID]bool
}

// SetMembers, as session.Topic.
func (t *topic) SetMembers(roster []protocol.Participant) {
	members := make(map[identity.PeerID]bool, len(roster))
	var nodes []identity.PeerID
	for _, p := range roster {
		members[p.ID] = true
		if p.Kind != protocol.KindBrowser && p.ID != t.self {
			nodes = append(nodes, p.ID)
		}
	}
	t.mu.Lock()
	t.members = members
	t.mu.Unlock()
	t.Meet(nodes)
}

func (t *topic) has(id identity.PeerID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.members[id]
}

// Ways, as session.Guide.
func (t *topic) Ways() []session.Way {
	peers := t.Peers()
	ways := make([]session.Way, 0, len(peers))
	for _, p := range peers {
		way := session.Way{Peer: p.ID, Path: session.WayNone, Transport: p.Transport, RTTMillis: int(p.RTT.Milliseconds())}
		switch p.Path {
		case overlay.PathRelayed:
			way.Path = session.WayRelayed
		case overlay.PathDirect:
			way.Path = session.WayDirect
		}
		ways = append(ways, way)
	}
	return ways
}

// Leave, as session.Topic.
func (t *topic) Leave() { _ = t.Close() } // a topic that is closed has been left
