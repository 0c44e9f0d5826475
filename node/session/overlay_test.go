package session

import (
	"context"
	"errors"
	"sync"

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

func (o airOf) Leave() {
	o.air.mu.Lock()
	defer o.air.mu.Unlock()
	delete(o.air.ears, o.self)
}
