package link

import (
	"slices"
	"sync"
	"time"
)

// heartLinks is how many links one heart beats for.
const heartLinks = 10

// hearts beat for a machine's links, for some of them together: to be woken costs
// more than to send a beat, and to send a hundred at once would keep media waiting.
type hearts struct {
	mu    sync.Mutex
	beats []*heart
}

// heart beats for its links until it has none.
type heart struct {
	links []chan struct{}
	ended chan struct{}
}

// join has a link's heart beat. What is returned first holds one beat at the
// most; leave ends it.
func (h *hearts) join() (beat <-chan struct{}, leave func()) {
	mine := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.beats, func(one *heart) bool { return len(one.links) < heartLinks })
	if i < 0 {
		i = len(h.beats)
		h.beats = append(h.beats, &heart{ended: make(chan struct{})})
		go h.run(h.beats[i])
	}
	one := h.beats[i]
	one.links = append(one.links, mine)
	return mine, func() { h.leave(one, mine) }
}

func (h *hearts) leave(one *heart, mine chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one.links = slices.DeleteFunc(one.links, func(each chan struct{}) bool { return each == mine })
	if len(one.links) == 0 {
		h.beats = slices.DeleteFunc(h.beats, func(each *heart) bool { return each == one })
		close(one.ended)
	}
}

func (h *hearts) run(one *heart) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-one.ended:
			return
		case <-ticker.C:
		}
		h.mu.Lock()
		for _, beat := range one.links {
			select {
			case beat <- struct{}{}:
			default: // it has not come to the one before
			}
		}
		h.mu.Unlock()
	}
}
