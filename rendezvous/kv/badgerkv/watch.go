package badgerkv

import (
	"bytes"
	"context"
	"strings"
	"sync"

	"github.com/parley-mesh/parley/rendezvous/kv"
)

// watchers hands events to those who watch. A reader who falls behind is cut: its channel is closed.
type watchers struct {
	mu  sync.Mutex
	all map[*watcher]struct{}
}

type watcher struct {
	prefix string
	events chan kv.Event
	stop   func() bool // ends the wait for the context
}

func (w *watchers) add(ctx context.Context, prefix string) <-chan kv.Event {
	added := &watcher{prefix: prefix, events: make(chan kv.Event, kv.WatchQueue)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = make(map[*watcher]struct{})
	}
	w.all[added] = struct{}{}
	added.stop = context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.dropLocked(added)
	})
	return added.events
}

func (w *watchers) send(event kv.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.all {
		if !strings.HasPrefix(event.Key, one.prefix) {
			continue
		}
		copied := event
		copied.Value = bytes.Clone(event.Value)
		select {
		case one.events <- copied:
		default:
			w.dropLocked(one)
		}
	}
}

func (w *watchers) closeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.all {
		w.dropLocked(one)
	}
}

func (w *watchers) dropLocked(one *watcher) {
	if _, there := w.all[one]; there {
		delete(w.all, one)
		one.stop()
		close(one.events)
	}
}
