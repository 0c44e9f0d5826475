package router

import (
	"sync"
	"sync/atomic"
	"time"
)

// Source is one of the router's sources: a line on which packets come in.
type Source struct {
	router *Router
	id     uint64
	key    Key
	media  Media
	relay  bool
	up     Upstream

	brings atomic.Bool // something that can be shown has come

	mu     sync.Mutex
	closed bool
	layers [MaxLayers]layer
	slots  []*slot // attached
	loud   loudness
	counts Counts
}

// AddSource adds a source. With relay it may be forwarded to others, without
// only to this node's sinks; the node's own may always be forwarded. Of several
// with one key the newest that brings packets is taken.
func (r *Router) AddSource(key Key, media Media, relay bool, up Upstream) *Source {
	s := &Source{router: r, key: key, media: media, relay: relay || key.From == r.config.Self, up: up}
	kept := videoKept
	if media == Audio {
		kept = audioKept
	}
	for i := range s.layers {
		s.layers[i].missing = missing{wait: firstWait, kept: kept}
	}
	r.mu.Lock()
	r.lastID++
	s.id = r.lastID
	r.sources[key] = append(r.sources[key], s)
	r.all = with(r.all, s)
	r.mu.Unlock()
	r.reconsider(r.clock.Load())
	return s
}

// Write takes one packet in and sends it to whoever is shown it.
func (s *Source) Write(at int64, p *Packet) {
	d, err := s.examine(p)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.counts.PacketsIn++
	s.counts.BytesIn += uint64(len(p.Payload))
	if err != nil {
		s.counts.Malformed++
		s.mu.Unlock()
		return
	}
	l := &s.layers[p.Layer]
	appeared := !l.active
	l.active = true
	if l.cache.entries == nil {
		l.cache = newCache(s.media, s.router.config.CacheBytes)
	}
	epoch := l.epoch
	e, verdict := l.take(at, p, d)
	again := l.epoch != epoch
	if again {
		s.beginAgainLocked(int8(p.Layer))
	}
	burst := l.rate.add(at, len(p.Payload))
	s.countLocked(verdict)
	if l.rate.value > MostOf(s.media) {
		e = nil // it would take the others' place on everybody's path
		s.counts.Malformed++
	}
	if e != nil {
		s.loud.hear(at, p.Level)
		s.spreadLocked(int8(p.Layer), e, e.number != l.newest)
	}
	nacks, lost := l.missing.ask(at)
	s.counts.Nacked += uint64(len(nacks))
	s.counts.Lost += uint64(lost)
	need := (again || lost > 0) && s.needLocked(at, int8(p.Layer), lost > 0)
	begins := !s.brings.Load() && (s.media == Audio || l.hasKey)
	s.brings.Store(s.brings.Load() || begins)
	need = need || (appeared && s.needLocked(at, int8(p.Layer), false))
	s.mu.Unlock()

	if len(nacks) > 0 {
		s.up.Nack(p.Layer, nacks)
	}
	if need {
		s.up.RequestKeyFrame(p.Layer)
	}
	if appeared || begins || burst {
		s.router.reconsider(at)
	}
}

// spreadLocked offers a packet to everybody attached.
func (s *Source) spreadLocked(layer int8, e *entry, late bool) {
	for _, to := range s.slots {
		to.offer(s, layer, e, late)
	}
	if s.media == Audio || e.flags&marker != 0 {
		for _, to := range s.slots {
			if to.down != nil {
				to.down.Flush()
			}
		}
	}
}

// beginAgainLocked makes everybody who is shown a layer wait for its next key
// frame: it is another stream now.
func (s *Source) beginAgainLocked(layer int8) {
	for _, to := range s.slots {
		if to.now == layer {
			to.pause(to.next)
		}
	}
}

func (s *Source) countLocked(v verdict) {
	switch v {
	case taken:
	case filling:
		s.counts.Empty++
	case malformed:
		s.counts.Malformed++
	case duplicate:
		s.counts.Duplicate++
	case late:
		s.counts.Late++
	}
}

// Begun tells whether something that can be shown has come: sound, or a key
// frame. Who has the same by another way need not keep that any longer.
func (s *Source) Begun() bool { return s.brings.Load() }

// SenderReport takes what the sender said of a layer: its clock's ntp is rtp in
// the layer's timestamps.
func (s *Source) SenderReport(at int64, layer int, ntp uint64, rtp uint32) {
	if layer < 0 || layer >= MaxLayers {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.layers[layer]
	if s.closed || !l.started {
		return
	}
	l.report = report{known: true, ntp: ntp, rtp: rtp}
	for _, to := range s.slots {
		if int(to.now) == layer {
			to.tell(l)
		}
	}
}

// SetLayer tells that a layer is there, or has ended.
func (s *Source) SetLayer(layer int, active bool) {
	if layer < 0 || layer >= MaxLayers || (s.media == Audio && layer > 0) {
		return
	}
	s.mu.Lock()
	l := &s.layers[layer]
	changed := !s.closed && l.active != active
	l.active = active
	if changed && active {
		l.lastAt = s.router.clock.Load()
	}
	s.mu.Unlock()
	if changed {
		s.router.reconsider(s.router.clock.Load())
	}
}

// Close removes the source; its slots fall silent. A second Close is harmless.
func (s *Source) Close() {
	s.mu.Lock()
	done := s.closed
	s.closed = true
	counts := s.counts
	s.mu.Unlock()
	if done {
		return
	}
	s.router.forget(s, counts)
	s.router.reconsider(s.router.clock.Load())
}

// stalled is how long a layer may bring nothing, while another does, before it
// is taken for ended.
const stalled = int64(1500 * time.Millisecond)

// tick does what is due without a packet: NACKs and key-frame requests again,
// and layers that ended without a word.
func (s *Source) tick(at int64) (busy, changed bool) {
	type call struct {
		nacks []uint16
		key   bool
	}
	var calls [MaxLayers]call
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false, false
	}
	var newest int64
	for i := range s.layers {
		if l := &s.layers[i]; l.started {
			newest = max(newest, l.lastAt)
		}
	}
	for i := range s.layers {
		l := &s.layers[i]
		nacks, lost := l.missing.ask(at)
		s.counts.Nacked += uint64(len(nacks))
		s.counts.Lost += uint64(lost)
		if l.active && l.started && s.media == Video && newest-l.lastAt > stalled {
			l.active, changed = false, true
		}
		calls[i] = call{nacks, s.needLocked(at, int8(i), lost > 0)}
	}
	s.mu.Unlock()
	for i, c := range calls {
		if len(c.nacks) > 0 {
			s.up.Nack(i, c.nacks)
		}
		if c.key {
			s.up.RequestKeyFrame(i)
		}
	}
	return at-newest < int64(time.Second), changed
}
