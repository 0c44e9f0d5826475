package router

import "slices"

// An errand is a call upstream that is made when no lock is held.
type errand struct {
	source *Source
	layer  int
}

// errands are collected under locks and run after.
type errands []errand

func (todo errands) run() {
	for _, e := range todo {
		e.source.up.RequestKeyFrame(e.layer)
	}
}

// attach makes a free slot show a source, from its next key frame on. The lock
// of the slot's owner is held.
func (s *slot) attach(at int64, src *Source, layer int8, todo *errands) {
	src.mu.Lock()
	defer src.mu.Unlock()
	if src.closed {
		return
	}
	s.source, s.since = src, at
	s.now, s.next = none, layer
	s.pleaded = 0
	src.slots = append(src.slots, s)
	if layer >= 0 && src.layers[layer].started {
		// What has just come is shown at once: it may be what made the source the
		// one to be shown, and the packet after it is too late to begin with.
		s.change(src, at)
	}
	if src.needLocked(at, layer, false) {
		*todo = append(*todo, errand{src, int(layer)})
	}
}

// detach frees a slot. Nothing is written to it any more when detach has returned.
func (s *slot) detach() {
	src := s.source
	if src == nil {
		return
	}
	src.mu.Lock()
	defer src.mu.Unlock()
	if i := slices.Index(src.slots, s); i >= 0 {
		last := len(src.slots) - 1
		src.slots[i] = src.slots[last]
		src.slots[last] = nil
		src.slots = src.slots[:last]
	}
	s.pause(none)
	s.source = nil
}

// retarget makes an attached slot show another layer, from its key frame on.
func (s *slot) retarget(at int64, layer int8, todo *errands) {
	src := s.source
	src.mu.Lock()
	defer src.mu.Unlock()
	if s.next == layer {
		return
	}
	s.next = layer
	if s.now != layer && src.needLocked(at, layer, false) {
		*todo = append(*todo, errand{src, int(layer)})
	}
}
