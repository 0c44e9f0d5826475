package store

import (
	"container/heap"
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
)

// agenda knows when meetings expire: each at most once, whatever becomes of its expiry. It is pure.
type agenda struct {
	heap appointments
	of   map[meeting.ID]*appointment
}

type appointment struct {
	id meeting.ID
	at time.Time
	i  int // in the heap
}

func newAgenda() *agenda { return &agenda{of: make(map[meeting.ID]*appointment)} }

func (a *agenda) set(id meeting.ID, at time.Time) {
	if known, there := a.of[id]; there {
		known.at = at
		heap.Fix(&a.heap, known.i)
		return
	}
	added := &appointment{id: id, at: at}
	a.of[id] = added
	heap.Push(&a.heap, added)
}

func (a *agenda) cancel(id meeting.ID) {
	if known, there := a.of[id]; there {
		delete(a.of, id)
		heap.Remove(&a.heap, known.i)
	}
}

// next is a meeting that is over at now.
func (a *agenda) next(now time.Time) (id meeting.ID, over bool) {
	if len(a.heap) == 0 || now.Before(a.heap[0].at) {
		return "", false
	}
	return a.heap[0].id, true
}

// wait is how long until the next expiry, and never longer than a day: clocks are set.
func (a *agenda) wait(now time.Time) time.Duration {
	const longest = 24 * time.Hour
	if len(a.heap) == 0 {
		return longest
	}
	return min(max(a.heap[0].at.Sub(now), 0), longest)
}

// appointments are a heap, the next one first.
type appointments []*appointment

func (h appointments) Len() int           { return len(h) }
func (h appointments) Less(i, j int) bool { return h[i].at.Before(h[j].at) }

func (h appointments) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].i, h[j].i = i, j
}

func (h *appointments) Push(x any) {
	added := x.(*appointment)
	added.i = len(*h)
	*h = append(*h, added)
}

func (h *appointments) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = nil
	*h = (*h)[:len(*h)-1]
	return last
}
