package e2ee

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

const (
	// horizon is how far below the highest counter of its source a frame may be,
	// over all streams: an old one that another stream has not seen is no news.
	horizon = 4096
	// firstHorizon is that of the first frame that a stream opens of a source: what
	// was recorded elsewhere is not to begin anew on another line.
	firstHorizon = 256

	maxWindows = 64 // senders, sources and epochs that pass through one stream at a time
	maxKnown   = 64 // key IDs whose keys a stream remembers
)

// Stream opens the frames that come on one line of one link, and remembers which
// it has seen. It is for one goroutine at a time.
type Stream struct {
	opener  *MediaOpener
	version uint64
	known   map[keyID][]*origin
	windows map[*origin]*sframe.Window
	order   []*origin // of windows, oldest first
}

// Stream begins a stream.
func (o *MediaOpener) Stream() *Stream {
	return &Stream{opener: o, known: make(map[keyID][]*origin), windows: make(map[*origin]*sframe.Window)}
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
		if !s.fresh(o, header.CTR) {
			err = ErrReplayed
			continue
		}
		plain, openErr := key.Open(append(dst, frame[:n]...), header, frame[:n])
		if openErr == nil {
			s.take(o, header.CTR)
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
		s.prune()
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

// prune forgets the windows of what does not open any more.
func (s *Stream) prune() {
	kept := s.order[:0]
	for _, o := range s.order {
		if o.key.Load() == nil {
			delete(s.windows, o)
			continue
		}
		kept = append(kept, o)
	}
	clear(s.order[len(kept):])
	s.order = kept
}

func (s *Stream) fresh(o *origin, counter uint64) bool {
	w, most := s.windows[o], uint64(horizon)
	if w == nil {
		most = firstHorizon
	}
	if highest := o.highest.Load(); highest > counter && highest-1-counter > most {
		return false
	}
	return w == nil || w.Fresh(counter)
}

func (s *Stream) take(o *origin, counter uint64) {
	for {
		highest := o.highest.Load()
		if counter < highest || counter == 1<<64-1 || o.highest.CompareAndSwap(highest, counter+1) {
			break
		}
	}
	w := s.windows[o]
	if w == nil {
		if len(s.order) >= maxWindows {
			delete(s.windows, s.order[0])
			s.order = append(s.order[:0], s.order[1:]...)
		}
		w = new(sframe.Window)
		s.windows[o] = w
		s.order = append(s.order, o)
	}
	w.Take(counter)
}
