package media

import (
	"sync"
	"time"
)

const (
	// keyPatience is how long a wish waits for a key frame that comes by itself.
	keyPatience = 500 * time.Millisecond
	// Steps back are this far apart. Each doubles the distance, up to the longest,
	// and a quiet minute makes it short again.
	shortestStep = time.Second
	longestStep  = 16 * time.Second
	stepsForget  = time.Minute
)

// wishes are the key frames that somebody waits for.
type wishes struct {
	mu       sync.Mutex
	since    []time.Time // per track; zero: nobody waits
	stepped  time.Time
	distance time.Duration
	urgent   bool // the next step back need not wait
}

func (w *wishes) init(tracks int) { w.since = make([]time.Time, tracks) }

// add notes a wish for a track.
func (w *wishes) add(track int, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if track >= 0 && track < len(w.since) && w.since[track].IsZero() {
		w.since[track] = now
	}
}

// hurry says that a step back costs nobody anything.
func (w *wishes) hurry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.urgent = true
}

// granted says that a key frame of a track goes out.
func (w *wishes) granted(track int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since[track] = time.Time{}
}

// due says that it is time to step back for a wish, and counts on it being done.
func (w *wishes) due(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.urgent {
		w.urgent = false
		return true
	}
	waiting := false
	for _, since := range w.since {
		waiting = waiting || !since.IsZero() && now.Sub(since) >= keyPatience
	}
	if !waiting || now.Sub(w.stepped) < w.distance {
		return false
	}
	if now.Sub(w.stepped) >= stepsForget {
		w.distance = 0
	}
	w.distance = min(max(2*w.distance, shortestStep), longestStep)
	w.stepped = now
	return true
}
