package link

import (
	"slices"
	"sync"
	"time"
)

// heartLinks is how many links one heart beats for.
const heartLinks = 20

// hearts beat for a machine's links, for some of them together: to be woken costs
// more than to send a beat, and to send a hundred at once would keep media waiting.
type hearts struct {
	mu    sync.Mutex
	beats []*heart
}

// heart beats for its links until it has none.
type heart struct {
	links []pulse
	ended chan struct{}
}

// pulse is a link's part of a heart.
type pulse struct {
	beat  chan int
	wakes func(half int) bool
}

// join has a link's heart beat: it is given the numbers of the half beats, the even
// ones being whole, that wake it. What is returned first holds one at the most; leave
// ends it.
func (h *hearts) join(wakes func(half int) bool) (beat <-chan int, leave func()) {
	mine := make(chan int, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.beats, func(one *heart) bool { return len(one.links) < heartLinks })
	if i < 0 {
		i = len(h.beats)
		h.beats = append(h.beats, &heart{ended: make(chan struct{})})
		go h.run(h.beats[i])
	}
	one := h.beats[i]
	one.links = append(one.links, pulse{mine, wakes})
	return mine, func() { h.leave(one, mine) }
}

func (h *hearts) leave(one *heart, mine chan int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one.links = slices.DeleteFunc(one.links, func(each pulse) bool { return each.beat == mine })
	if len(one.links) == 0 {
		h.beats = slices.DeleteFunc(h.beats, func(each *heart) bool { return each == one })
		close(one.ended)
	}
}

func (h *hearts) run(one *heart) {
	ticker := time.NewTicker(beatEvery / 2)
	defer ticker.Stop()
	for half := 1; ; half++ {
		select {
		case <-one.ended:
			return
		case <-ticker.C:
		}
		h.mu.Lock()
		for _, each := range one.links {
			if !each.wakes(half) {
				continue
			}
			select {
			case each.beat <- half:
			default: // it has not come to the one before
			}
		}
		h.mu.Unlock()
	}
}
