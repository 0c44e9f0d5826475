package session

import (
	"fmt"
	"sync"
)

// outboxMost is how many events wait for who reads them.
const outboxMost = 1024

// outbox is the way to the owner. It waits for nobody: figures are lost first,
// then what is oldest, and an Error event tells how many.
type outbox struct {
	ch chan Event

	mu     sync.Mutex
	lost   int
	closed bool
}

func newOutbox() *outbox { return &outbox{ch: make(chan Event, outboxMost)} }

func (o *outbox) tell(e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	if _, figures := e.(Stats); figures && len(o.ch) > outboxMost/2 {
		return
	}
	if o.lost > 0 && len(o.ch) < outboxMost/2 {
		o.ch <- Error{Message: fmt.Sprintf("%d events were lost: they were not read in time", o.lost)}
		o.lost = 0
	}
	for {
		select {
		case o.ch <- e:
			return
		default:
		}
		select {
		case <-o.ch:
			o.lost++
		default:
		}
	}
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.closed = true
		close(o.ch)
	}
}
