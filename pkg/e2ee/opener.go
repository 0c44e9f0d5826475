package e2ee

import (
	"sync"
	"sync/atomic"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// MediaOpener holds the keys of media: epochs × sessions × sources, each derived
// when the first frame asks for it. Its methods may be called from any
// goroutine.
type MediaOpener struct {
	version atomic.Uint64 // of what Set said last

	mu       sync.Mutex
	epochs   map[[epochIDSize]byte]*openEpoch
	sessions map[uint32][]Session // by tag: seldom more than one
}

type openEpoch struct {
	number  int64
	key     [keySize]byte // a copy: the ring may erase its own at any time
	origins map[originName]*origin
}

type originName struct {
	fingerprint [keySize]byte
	source      int
}

// origin is one source of one session in one epoch: what one key is for.
type origin struct {
	from   identity.PeerID
	source protocol.Source
	key    atomic.Pointer[sframe.Key] // nil when its epoch is gone
	summit summit
}

// maxOrigins are kept of one epoch: four of each session that a room can have.
const maxOrigins = sources * protocol.MaxRoster

// NewMediaOpener begins without keys: nothing opens.
func NewMediaOpener() *MediaOpener {
	return &MediaOpener{epochs: make(map[[epochIDSize]byte]*openEpoch)}
}

// Set tells every epoch that is held, at most eight, and every accepted session
// whose frames are to be opened. What is not in them does not open any more.
func (o *MediaOpener) Set(epochs []*Epoch, accepted []Session) {
	sessions := make(map[uint32][]Session, len(accepted))
	for _, s := range accepted {
		sessions[s.Tag()] = append(sessions[s.Tag()], s)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sessions = sessions
	keep := make(map[[epochIDSize]byte]bool, len(epochs))
	for _, e := range epochs[max(0, len(epochs)-maxHeld):] {
		if e == nil || e.erased {
			continue
		}
		keep[e.ID] = true
		if o.epochs[e.ID] == nil {
			o.epochs[e.ID] = &openEpoch{number: e.Number, key: e.key, origins: make(map[originName]*origin)}
		}
	}
	for id, e := range o.epochs {
		if !keep[id] {
			e.erase()
			delete(o.epochs, id)
		}
	}
	o.version.Add(1)
}

func (e *openEpoch) erase() {
	clear(e.key[:])
	for _, origin := range e.origins {
		origin.key.Store(nil)
	}
}

// find is whose a frame with this key ID can be.
func (o *MediaOpener) find(id keyID) []*origin {
	at := id.source()
	if at >= sources {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []*origin
	for _, e := range o.epochs {
		if uint64(e.number%epochsInKID) != id.epoch() {
			continue
		}
		for _, s := range o.sessions[id.tag()] {
			found = append(found, o.originLocked(e, s, at))
		}
	}
	return found
}

func (o *MediaOpener) originLocked(e *openEpoch, s Session, source int) *origin {
	name := originName{s.Fingerprint, source}
	if kept := e.origins[name]; kept != nil {
		return kept
	}
	if len(e.origins) >= maxOrigins {
		o.pruneLocked(e)
	}
	made := &origin{from: s.ID, source: protocol.Sources()[source]}
	made.key.Store(mediaKey(e.key, e.number, s, source))
	e.origins[name] = made
	return made
}

// pruneLocked forgets the sessions that are not here any more. Until then what
// was counted of them stays, as they may come back.
func (o *MediaOpener) pruneLocked(e *openEpoch) {
	here := make(map[[keySize]byte]bool)
	for _, sessions := range o.sessions {
		for _, s := range sessions {
			here[s.Fingerprint] = true
		}
	}
	for name, origin := range e.origins {
		if !here[name.fingerprint] {
			origin.key.Store(nil)
			delete(e.origins, name)
		}
	}
}
