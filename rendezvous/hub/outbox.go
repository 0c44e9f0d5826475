package hub

import (
	"sync"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/roster"
)

// outbox is the bounded queue towards one socket. A goroutine empties it while
// there is something in it, and no longer.
type outbox struct {
	hub    *Hub
	socket Socket

	mu       sync.Mutex
	queue    []roster.Send
	bytes    int
	emptying bool
	over     bool // nothing more is taken; the socket is closed once the queue is empty
	why      protocol.ByeWhy
}

func newOutbox(h *Hub, socket Socket) *outbox { return &outbox{hub: h, socket: socket} }

// push queues a frame. A queue that is full is thrown away, and the socket with
// it: what was numbered is kept for its resume.
func (o *outbox) push(s roster.Send) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return
	}
	if len(o.queue) >= maxQueue || o.bytes+len(s.Body) > maxQueueBytes {
		o.queue, o.bytes = nil, 0
		o.over, o.why = true, protocol.ByeSlow
		s = roster.Send{Body: slowBye}
	}
	o.queue = append(o.queue, s)
	o.bytes += len(s.Body)
	o.emptyLocked()
}

// slowBye is written where no room can be asked for a frame.
var slowBye = []byte(`{"type":"bye","why":"slow","detail":"You did not read what was sent; come back by your resume ticket."}`)

// finish closes the socket after what is queued.
func (o *outbox) finish(why protocol.ByeWhy) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return
	}
	o.over, o.why = true, why
	o.emptyLocked()
}

// abandon throws the queue away: nobody is there.
func (o *outbox) abandon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue, o.bytes, o.over = nil, 0, true
	o.emptyLocked()
}

func (o *outbox) emptyLocked() {
	if !o.emptying {
		o.emptying = true
		o.hub.running.Go(o.empty)
	}
}

// empty writes until there is nothing more to write.
func (o *outbox) empty() {
	for {
		frames, over, why := o.take()
		if len(frames) == 0 {
			if over {
				o.socket.Close(why)
			}
			return
		}
		for _, s := range frames {
			if o.write(s) != nil {
				o.abandon()
				break
			}
		}
	}
}

// take returns what is queued. With nothing queued the caller is done, and the
// next push finds another.
func (o *outbox) take() (frames []roster.Send, over bool, why protocol.ByeWhy) {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames, o.queue, o.bytes = o.queue, nil, 0
	if len(frames) == 0 && !o.over {
		o.emptying = false
	}
	return frames, o.over, o.why
}

func (o *outbox) write(s roster.Send) error {
	if s.Seq == 0 {
		return o.socket.Write(s.Body)
	}
	buffer := o.hub.buffers.Get().(*[]byte)
	*buffer = s.AppendTo((*buffer)[:0])
	err := o.socket.Write(*buffer)
	if cap(*buffer) <= protocol.MaxFrame {
		o.hub.buffers.Put(buffer)
	}
	return err
}
