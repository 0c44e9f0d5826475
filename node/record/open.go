package record

import (
	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// Stream opens the sealed frames of one source, one after the other. It appends
// what a frame holds to dst and says who sealed it, and as which of their sources.
type Stream interface {
	Open(dst []byte, codec sframe.Codec, frame []byte) (plain []byte, from identity.PeerID, source protocol.Source, err error)
}

// open gives what a frame holds, in memory of its own. The packets' Key is the
// word of whoever forwarded them; a frame that was not sealed by that participant
// for that source is nobody's, and is not written.
func (s *source) open(f frame) (plain []byte, ok bool) {
	plain, from, as, err := s.stream.Open(make([]byte, 0, len(f.data)), s.assemble.codec.SFrame(), f.data)
	if err != nil || (Key{from, as}) != s.key {
		return nil, false
	}
	if s.assemble.codec == media.Opus && media.OpusDuration(plain) == 0 {
		return nil, false
	}
	return plain, true
}
