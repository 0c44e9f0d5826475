package router

import (
	"math/rand/v2"
	"sync"
)

// SinkHandle ends what AddSink began.
type SinkHandle struct {
	router *Router
	want   func(Key) bool
	sink   Sink

	mu     sync.Mutex // in the lock order where Receiver.mu is
	closed bool
	slots  map[Key]*sinkSlot // nil for a source that is not wanted
}

// A sinkSlot is a slot whose receiver is on this node.
type sinkSlot struct {
	slot   slot
	key    Key
	sink   Sink
	packet Packet
}

func (s *sinkSlot) write(layer int, at int64, out *Out) {
	s.packet = Packet{
		Layer: layer, Codec: out.Codec, Seq: out.Seq, Time: out.Time,
		Marker: out.Marker, Level: out.Level, Payload: out.Payload,
	}
	s.sink(s.key, at, &s.packet)
}

// AddSink hands the packets of every source that want accepts to s, sources that
// come later as well. want is asked once for each key, with locks held: it must
// not call the router.
func (r *Router) AddSink(want func(Key) bool, s Sink) *SinkHandle {
	h := &SinkHandle{router: r, want: want, sink: s, slots: map[Key]*sinkSlot{}}
	r.mu.Lock()
	r.sinks = with(r.sinks, h)
	r.mu.Unlock()
	r.revision.Add(1)
	r.fill(h, r.clock.Load())
	return h
}

// fill gives a sink the newest source of every key that it wants, in its largest layer.
func (r *Router) fill(h *SinkHandle, at int64) {
	var todo errands
	r.mu.RLock()
	h.mu.Lock()
	if !h.closed {
		for key, sources := range r.sources {
			h.takeLocked(at, key, pick(sources, nil), &todo)
		}
		for key, s := range h.slots {
			if len(r.sources[key]) > 0 {
				continue
			}
			if s == nil {
				delete(h.slots, key)
				continue
			}
			s.slot.detach()
		}
	}
	h.mu.Unlock()
	r.mu.RUnlock()
	todo.run()
}

func (h *SinkHandle) takeLocked(at int64, key Key, src *Source, todo *errands) {
	if src == nil {
		return
	}
	s, known := h.slots[key]
	if !known {
		if h.want(key) {
			s = &sinkSlot{key: key, sink: h.sink}
			s.slot.init(Slot{Media: src.media}, 0, rand.New(rand.NewPCG(h.router.config.Seed, src.id)))
			s.slot.sink = s
		}
		h.slots[key] = s
	}
	if s == nil {
		return
	}
	of := src.shape(at)
	layer := int8(0)
	if rungs, count := of.ladder(0, 0); count > 0 {
		layer = rungs[count-1]
	}
	if s.slot.source != src {
		s.slot.detach()
		s.slot.attach(at, src, layer, todo)
		return
	}
	s.slot.retarget(at, layer, todo)
}

// Close ends the sink. It is not called when Close has returned. A second Close
// is harmless.
func (h *SinkHandle) Close() {
	r := h.router
	r.mu.Lock()
	r.sinks = without(r.sinks, h)
	r.mu.Unlock()
	h.mu.Lock()
	h.closed = true
	for _, s := range h.slots {
		if s != nil {
			s.slot.detach()
		}
	}
	h.mu.Unlock()
	r.revision.Add(1)
}

// wants tells whether the sink takes a source.
func (h *SinkHandle) wants(key Key) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, known := h.slots[key]; known {
		return s != nil
	}
	return h.want(key)
}
