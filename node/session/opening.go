package session

import (
	"errors"
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
// from anywhere, as soon as New has returned. When a key comes for which a video
// stream had none, a key frame of its source is asked for.
func (s *Session) NewStream(of router.Key) Stream {
	return &stream{Stream: s.media.opener.Stream(), key: of, media: s.media}
}

// media is what frames are sealed and opened with, kept up to date by the loop.
type media struct {
	sealer *e2ee.MediaSealer
	opener *e2ee.MediaOpener

	mu   sync.Mutex
	dark map[router.Key]struct{} // pictures of which something came that no key opens
}

// darkMost is more sources than any room has.
const darkMost = 4 * protocol.MaxRoster

func newMedia(self e2ee.Session) *media {
	return &media{sealer: e2ee.NewMediaSealer(self), opener: e2ee.NewMediaOpener(), dark: make(map[router.Key]struct{})}
}

// darken notes that a picture cannot be opened.
func (m *media) darken(key router.Key) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.dark) < darkMost {
		m.dark[key] = struct{}{}
	}
}

// brighten returns which pictures could not be opened, and forgets them.
func (m *media) brighten() map[router.Key]struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	dark := m.dark
	m.dark = make(map[router.Key]struct{})
	return dark
}

// stream is an e2ee.Stream that leaves word of what it cannot open.
type stream struct {
	*e2ee.Stream
	key   router.Key
	media *media
}

// Open, as Stream.
func (s *stream) Open(dst []byte, codec sframe.Codec, frame []byte) ([]byte, identity.PeerID, protocol.Source, error) {
	plain, from, source, err := s.Stream.Open(dst, codec, frame)
	if errors.Is(err, e2ee.ErrNoKey) && router.MediaOf(s.key.Source) == router.Video {
		s.media.darken(s.key)
	}
	return plain, from, source, err
}
