package session

import (
	"github.com/parley-mesh/parley/node/router"
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
func (s *Session) NewStream(of router.Key) Stream { return s.streams(of) }
