package session

import (
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// seenWindow is how far below an author's highest number a late envelope may
	// be. A history is handed on whole: what is older cannot come any more.
	seenWindow   = 1024
	seenSessions = 2048
)

type author struct {
	from    identity.PeerID
	session int64
}

type window struct {
	highest int64
	seqs    map[int64]struct{}
	used    uint64
}

// seen knows which envelopes have been taken, by author, session and number. It
// is bounded: a window for each session, and so many sessions.
type seen struct {
	sessions map[author]*window
	uses     uint64
}

func newSeen() *seen { return &seen{sessions: make(map[author]*window)} }

func (s *seen) has(e protocol.Envelope) bool {
	w := s.sessions[author{e.From, e.Session}]
	if w == nil {
		return false
	}
	_, there := w.seqs[e.Seq]
	return there || e.Seq <= w.highest-seenWindow
}

// add reports whether e is new.
func (s *seen) add(e protocol.Envelope) bool {
	if s.has(e) {
		return false
	}
	key := author{e.From, e.Session}
	w := s.sessions[key]
	if w == nil {
		w = &window{seqs: make(map[int64]struct{})}
		s.sessions[key] = w
		s.forget()
	}
	s.uses++
	w.used = s.uses
	w.seqs[e.Seq] = struct{}{}
	w.highest = max(w.highest, e.Seq)
	if len(w.seqs) > seenWindow {
		for seq := range w.seqs {
			if seq <= w.highest-seenWindow {
				delete(w.seqs, seq)
			}
		}
	}
	return true
}

// forget lets go of the session that was silent longest when there are too many.
func (s *seen) forget() {
	if len(s.sessions) <= seenSessions {
		return
	}
	var oldest author
	least := s.uses + 1
	for key, w := range s.sessions {
		if w.used != 0 && w.used < least {
			oldest, least = key, w.used
		}
	}
	delete(s.sessions, oldest)
}
