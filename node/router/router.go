package router

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
)

// mostSlots is how many slots a receiver can have; further ones stay silent.
const mostSlots = 128

// Config is what a Router is made from. The zero value of a limit is its default.
type Config struct {
	Self identity.PeerID // whose sources are the node's own
	Seed uint64          // from which the slots' first numbers come

	// CacheBytes are kept of each layer of a video source at most, a power of
	// two; 512 KiB.
	CacheBytes int
}

// Router routes sources into slots.
type Router struct {
	config   Config
	clock    atomic.Int64 // the newest at, for what happens without one
	revision atomic.Uint64

	mu      sync.RWMutex
	lastID  uint64
	sources map[Key][]*Source // oldest first
	// What is in these is not changed: who adds or removes makes another.
	all       []*Source
	receivers []*Receiver
	sinks     []*SinkHandle
	gone      Counts // of closed sources
}

// New makes an empty router.
func New(config Config) *Router {
	if config.CacheBytes < firstVideoBytes || config.CacheBytes&(config.CacheBytes-1) != 0 {
		config.CacheBytes = mostVideoBytes
	}
	return &Router{config: config, sources: map[Key][]*Source{}}
}

// see remembers the newest time.
func (r *Router) see(at int64) {
	for now := r.clock.Load(); now < at && !r.clock.CompareAndSwap(now, at); now = r.clock.Load() {
	}
}

// forget removes a source.
func (r *Router) forget(s *Source, counts Counts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := slices.DeleteFunc(r.sources[s.key], func(other *Source) bool { return other == s })
	if len(left) == 0 {
		delete(r.sources, s.key)
	} else {
		r.sources[s.key] = left
	}
	r.all = without(r.all, s)
	r.gone.add(&counts)
}

// reconsider decides anew what flows to everybody: the sources have changed.
func (r *Router) reconsider(at int64) {
	r.see(at)
	r.revision.Add(1)
	_, receivers, sinks := r.everything()
	for _, rc := range receivers {
		r.allocate(rc, at)
	}
	for _, h := range sinks {
		r.fill(h, at)
	}
}

func (r *Router) everything() (sources []*Source, receivers []*Receiver, sinks []*SinkHandle) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.all, r.receivers, r.sinks
}

// with is a list and one more, in memory of its own.
func with[T any](list []T, more T) []T { return append(slices.Clip(list), more) }

// without is a list but for one, in memory of its own.
func without[T comparable](list []T, gone T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool { return one == gone })
}

// Times between two ticks.
const (
	tickBusy = int64(50 * time.Millisecond)
	tickIdle = int64(250 * time.Millisecond)
)

// Tick does what is due: NACKs again, key-frame requests again, loudness,
// bandwidth. It says when it wants to be called next; sooner does no harm.
func (r *Router) Tick(at int64) (next int64) {
	r.see(at)
	sources, receivers, _ := r.everything()
	next = at + tickIdle
	changed := false
	for _, s := range sources {
		busy, ended := s.tick(at)
		if busy {
			next = at + tickBusy
		}
		changed = changed || ended
	}
	if changed {
		r.reconsider(at)
		return next
	}
	for _, rc := range receivers {
		rc.mu.Lock()
		due := at >= rc.due && !rc.closed
		rc.mu.Unlock()
		if due {
			r.allocate(rc, at)
		}
	}
	return next
}
