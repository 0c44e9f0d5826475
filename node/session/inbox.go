package session

import "sync"

// inboxMost bounds what waits for the loop. Rates of links and rendezvous keep it
// far below; a link that fills it all the same is let go of.
const inboxMost = 8192

// input is something for the loop: one of the structs in inputs.go.
type input interface{ take(*loop) }

// inbox is the way into the loop, from any goroutine, without waiting.
type inbox struct {
	wake chan struct{} // holds one: there is something

	mu      sync.Mutex
	waiting []input
	flooded map[*tie]struct{} // whose inputs found no room
	refused bool              // nobody takes anything any more
}

func newInbox() *inbox {
	return &inbox{wake: make(chan struct{}, 1), flooded: make(map[*tie]struct{})}
}

// post queues an input and reports whether it found room. from is the link that
// it came by, or nil.
func (b *inbox) post(in input, from *tie) bool {
	b.mu.Lock()
	full := b.refused || len(b.waiting) >= inboxMost
	if !full {
		b.waiting = append(b.waiting, in)
	} else if from != nil && !b.refused {
		b.flooded[from] = struct{}{}
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return !full
}

// all takes out everything that waits. The slice is reused by the call after
// the next, into which spare is given.
func (b *inbox) all(spare []input) (waiting []input, flooded []*tie) {
	clear(spare)
	b.mu.Lock()
	defer b.mu.Unlock()
	waiting, b.waiting = b.waiting, spare[:0]
	for t := range b.flooded {
		flooded = append(flooded, t)
	}
	clear(b.flooded)
	return waiting, flooded
}

// refuse ends the inbox: the loop is over.
func (b *inbox) refuse() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused, b.waiting = true, nil
	clear(b.flooded)
}
