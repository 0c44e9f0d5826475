package e2ee

import (
	"sync/atomic"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// MediaSealer seals the frames of this session with SFrame (RFC 9605), each
// once, however many links and layers there are. One for each session key: its
// counters are what keeps two frames from one nonce. Its methods may be called
// from any goroutine and do not wait for each other.
type MediaSealer struct {
	self Session
	use  atomic.Pointer[sealing]
	// next counts the frames of each source through all epochs. A counter is
	// therefore not used again even when an epoch comes back into use.
	next [sources]atomic.Uint64
}

type sealing struct{ keys [sources]*sframe.Key }

// NewMediaSealer begins without an epoch: nothing is sealed.
func NewMediaSealer(self Session) *MediaSealer { return &MediaSealer{self: self} }

// Use is the epoch to seal in from now on; nil or an erased one for none.
func (s *MediaSealer) Use(e *Epoch) {
	if e == nil || e.erased {
		s.use.Store(nil)
		return
	}
	next := new(sealing)
	for source := range next.keys {
		next.keys[source] = mediaKey(e.key, e.Number, s.self, source)
	}
	s.use.Store(next)
}

// Seal appends a sealed frame to dst: the codec's clear bytes, the SFrame header,
// ciphertext and tag; at most [MediaOverhead] bytes more than the frame. What dst
// has to spare must not overlap the frame. It fails with [ErrNoEpoch] while there
// is none: the frame must not be sent; and with [ErrSource].
func (s *MediaSealer) Seal(dst []byte, source protocol.Source, codec sframe.Codec, frame []byte) ([]byte, error) {
	at := sourceNumber(source)
	if at < 0 {
		return nil, ErrSource
	}
	use := s.use.Load()
	if use == nil {
		return nil, ErrNoEpoch
	}
	n := sframe.Clear(codec, frame)
	dst = append(dst, frame[:n]...)
	return use.keys[at].Seal(dst, s.next[at].Add(1)-1, frame[:n], frame[n:]), nil
}

// MediaOverhead is how many bytes longer than the frame a sealed one is at most.
const MediaOverhead = sframe.MaxHeader + tagSize
