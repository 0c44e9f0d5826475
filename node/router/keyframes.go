package router

import "time"

// Times between two requests for a key frame of one layer.
const (
	// keyAgain is how long a request is given to be answered, and how soon after
	// a key frame somebody who has come too late for it may ask for the next.
	keyAgain = int64(300 * time.Millisecond)
	// pleaAgain is how soon after a key frame another one is asked for because
	// somebody has lost too much: a key frame costs everybody else bandwidth.
	pleaAgain = int64(500 * time.Millisecond)
	// slotPleas is how often one slot may plead. A receiver that loses much
	// pleads without end.
	slotPleas = int64(500 * time.Millisecond)
	// mostPatience is how often the wait for a key frame is doubled that does
	// not come: a camera that is off makes none. On a bad path requests are lost,
	// and each doubling is a longer freeze.
	mostPatience = 1
)

// needLocked tells whether a key frame of a layer is to be asked for now,
// because somebody waits for it or, with broken, because a frame was lost for good.
func (s *Source) needLocked(at int64, layer int8, broken bool) bool {
	if s.media != Video || !s.layers[layer].active {
		return false
	}
	if !s.brings.Load() {
		// Nobody is shown it before it can be: who has it by another way is only
		// moved then.
		return s.askLocked(at, layer, freshKey)
	}
	for _, to := range s.slots {
		if to.next == layer && to.now != layer {
			return s.askLocked(at, layer, freshKey)
		}
		if broken && to.now == layer {
			return s.askLocked(at, layer, pleaAgain)
		}
	}
	return false
}

// askLocked tells whether a request for a key frame goes out now, or is merged
// with the last one or with the key frame that came a short time, fresh, ago.
func (s *Source) askLocked(at int64, layer int8, fresh int64) bool {
	l := &s.layers[layer]
	if l.hasKey && at-l.keyAt < fresh {
		return false
	}
	if l.asked != 0 && at-l.asked < keyAgain<<l.patience {
		return false
	}
	if l.asked != 0 {
		l.patience = min(l.patience+1, mostPatience)
	}
	l.asked = max(at, 1)
	s.counts.KeyFrames++
	return true
}

// KeyFrame takes a receiver's request for a key frame in a slot (PLI, FIR).
func (rc *Receiver) KeyFrame(at int64, slot int) {
	rc.mu.Lock()
	if slot < 0 || slot >= len(rc.slots) || rc.slots[slot].source == nil {
		rc.mu.Unlock()
		return
	}
	s := &rc.slots[slot]
	src := s.source
	src.mu.Lock()
	layer := s.now
	ask := src.media == Video && layer != none && (s.pleaded == 0 || at-s.pleaded >= slotPleas)
	if ask = ask && src.askLocked(at, layer, pleaAgain); ask {
		s.pleaded = max(at, 1)
	}
	src.mu.Unlock()
	rc.mu.Unlock()
	if ask {
		src.up.RequestKeyFrame(int(layer))
	}
}

// KeyFrame asks for a key frame of a source that the sink takes: it could not
// read the last one, however short a time ago that was.
func (h *SinkHandle) KeyFrame(at int64, key Key) {
	h.mu.Lock()
	s := h.slots[key]
	if s == nil || s.slot.source == nil {
		h.mu.Unlock()
		return
	}
	src := s.slot.source
	src.mu.Lock()
	layer := s.slot.now
	ask := src.media == Video && layer != none && src.askLocked(at, layer, 0)
	src.mu.Unlock()
	h.mu.Unlock()
	if ask {
		src.up.RequestKeyFrame(int(layer))
	}
}
