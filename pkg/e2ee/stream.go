package e2ee

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// maxKnown are the key IDs whose keys a stream remembers.
const maxKnown = 64

// Stream opens the frames that come on one line of one link, and remembers which
// it has seen. It is for one goroutine at a time.
type Stream struct {
	opener  *MediaOpener
	version uint64
	known   map[keyID][]*origin
	seen    seen
}

// Stream begins a stream.
func (o *MediaOpener) Stream() *Stream {
	return &Stream{opener: o, known: make(map[keyID][]*origin), seen: newSeen()}
}

// Open appends what a frame holds, clear bytes included, to dst, which must not
// overlap it, and returns whose it is. That it is what the line is to carry is
// for the caller to see to. It fails with [ErrNoKey] when no epoch and session is
// known for it, or not yet; with [ErrReplayed]; and with [ErrFrame].
func (s *Stream) Open(dst []byte, codec sframe.Codec, frame []byte) (plain []byte, from identity.PeerID, source protocol.Source, err error) {
	n := sframe.Clear(codec, frame)
	header, err := sframe.ParseHeader(frame[n:])
	if err != nil {
		return nil, "", "", ErrFrame
	}
	err = ErrNoKey
	for _, o := range s.find(keyID(header.KID)) {
		key := o.key.Load()
		if key == nil {
			continue
		}
		if !s.seen.fresh(o, header.CTR) {
			err = ErrReplayed
			continue
		}
		plain, openErr := key.Open(append(dst, frame[:n]...), header, frame[:n])
		if openErr == nil {
			s.seen.take(o, header.CTR)
			return plain, o.from, o.source, nil
		}
		if err == ErrNoKey {
			err = ErrFrame
		}
	}
	return nil, "", "", err
}

func (s *Stream) find(id keyID) []*origin {
	if version := s.opener.version.Load(); version != s.version {
		clear(s.known)
		s.version = version
		s.seen.prune()
	}
	if known, ok := s.known[id]; ok {
		return known
	}
	found := s.opener.find(id)
	if len(found) > 0 {
		if len(s.known) >= maxKnown {
			clear(s.known)
		}
		s.known[id] = found
	}
	return found
}
