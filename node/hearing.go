package node

import (
	"sync"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/node/session"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// heardFor is how long a level counts after the packet that told it.
const heardFor = 500 * time.Millisecond

// hearing tells who speaks where no beats tell it, through an SFU: by the levels
// of the sound itself, which is not decoded.
type hearing struct {
	mu     sync.Mutex
	levels map[identity.PeerID]heard
}

type heard struct {
	level int
	at    time.Time
}

func newHearing() *hearing { return &hearing{levels: make(map[identity.PeerID]heard)} }

func (h *hearing) sink() session.Sink {
	return session.Sink{
		Want:  func(k router.Key) bool { return k.Source == protocol.SourceMic },
		Write: func(k router.Key, _ int64, p *router.Packet) { h.hear(k.From, p.Level, time.Now()) },
	}
}

func (h *hearing) hear(id identity.PeerID, level uint8, now time.Time) {
	if level == router.NoLevel {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.levels[id] = heard{session.Loudness(level), now}
}

// fill adds what was heard of those of whom nothing else is known.
func (h *hearing) fill(people []session.Person, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, was := range h.levels {
		if now.Sub(was.at) > heardFor {
			delete(h.levels, id)
		}
	}
	for i := range people {
		people[i].Level = max(people[i].Level, h.levels[people[i].ID].level)
	}
}
