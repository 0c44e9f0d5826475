package session

import (
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// Stream opens the sealed frames of one source that a Sink takes, put together
// from its packets.
type Stream interface {
	// Open appends what a frame holds to dst, which may not overlap it, and returns
	// who sealed it and as which source. That may be another than the router.Key
	// under which the packets came, because whoever forwards says that key: such a
	// frame is to be dropped. It fails with e2ee.ErrNoKey for a frame whose key is
	// not known, or not yet; with e2ee.ErrFrame or e2ee.ErrReplayed for one that is
	// not good. It is for one goroutine at a time.
	Open(dst []byte, codec sframe.Codec, frame []byte) (plain []byte, from identity.PeerID, source protocol.Source, err error)
}

// NewStream begins a stream of a source, self's own included. It may be called
// from anywhere, as soon as New has returned. A picture whose key came after its
// key frame gets another one.
func (s *Session) NewStream(of router.Key) Stream {
	return &stream{Stream: s.media.opener.Stream(), key: of, media: s.media}
}

// media is what frames are sealed and opened with, kept up to date by the loop.
type media struct {
	sealer *e2ee.MediaSealer
	opener *e2ee.MediaOpener
	inbox  *inbox

	mu  sync.Mutex
	dim map[router.Key]struct{} // pictures that open, and still lack a key frame
}

func newMedia(self e2ee.Session, b *inbox) *media {
	return &media{sealer: e2ee.NewMediaSealer(self), opener: e2ee.NewMediaOpener(), inbox: b, dim: make(map[router.Key]struct{})}
}

// lacks notes whether a picture lacks a key frame.
func (m *media) lacks(key router.Key, does bool) {
	m.mu.Lock()
	if does {
		m.dim[key] = struct{}{}
	} else {
		delete(m.dim, key)
	}
	m.mu.Unlock()
	if does {
		m.inbox.post(dimmed{}, nil)
	}
}

func (m *media) lacking() []router.Key {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Keys(m.dim))
}

// stream is an e2ee.Stream that leaves word when it needs a key frame.
type stream struct {
	*e2ee.Stream
	key   router.Key
	media *media
	dark  bool // the last frame had no key
	dim   bool // since then frames open, and none was a key frame
}

// Open, as Stream.
func (s *stream) Open(dst []byte, codec sframe.Codec, frame []byte) ([]byte, identity.PeerID, protocol.Source, error) {
	plain, from, source, err := s.Stream.Open(dst, codec, frame)
	switch {
	case codec != sframe.CodecVP8: // of others it cannot be seen
	case errors.Is(err, e2ee.ErrNoKey):
		s.dark = true
	case err == nil && (s.dark || s.dim):
		isKey := len(frame) > 0 && frame[0]&1 == 0 // RFC 6386 section 9.1
		if s.dim == isKey {
			s.dim = !isKey
			s.media.lacks(s.key, s.dim)
		}
		s.dark = false
	}
	return plain, from, source, err
}

// pleaEvery is how often a key frame is asked for until it comes: who sends may
// just have sent one.
const pleaEvery = 1_000

// plead asks for the key frames that pictures lack.
func (l *loop) plead(now int64) {
	l.next.plea = 0
	for _, key := range l.keys.media.lacking() {
		if !l.core.state.Has(key.From) {
			l.keys.media.lacks(key, false)
			continue
		}
		for _, sink := range l.sinks {
			sink.KeyFrame(l.nanos(), key)
		}
		l.next.plea = now + pleaEvery
	}
}
