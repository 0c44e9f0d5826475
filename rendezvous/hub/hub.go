package hub

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/roster"
)

// Config is what a hub needs; every field is required but ICEServers.
type Config struct {
	Log     *slog.Logger
	Records Records
	// Ticket seals a ticket for a meeting: one to come back with, or, for a helper
	// without a session, one to come with.
	Ticket func(id meeting.ID, expires *time.Time, now time.Time, c roster.Claims) string
	// ICEServers is told to every participant.
	ICEServers []protocol.ICEServer
}

// Hub holds the rooms that somebody is in.
type Hub struct {
	config  Config
	conns   atomic.Uint64
	buffers sync.Pool     // of *[]byte, to put a frame's number before its body
	stop    chan struct{} // closed when Run ends
	running sync.WaitGroup
	places  places
	helpers helpers

	mu      sync.Mutex
	rooms   map[meeting.ID]*room
	stopped bool
}

// New returns a hub with no room. Rooms can be entered at once; Run waits for
// the end.
func New(config Config) *Hub {
	return &Hub{
		config:  config,
		buffers: sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }},
		stop:    make(chan struct{}),
		places:  places{rooms: make(map[identity.PeerID][]meeting.ID)},
		helpers: helpers{posts: make(map[identity.PeerID]*Post)},
		rooms:   make(map[meeting.ID]*room),
	}
}

// Run returns when ctx has ended, every participant was told that the rendezvous
// restarts, and every socket is closed.
func (h *Hub) Run(ctx context.Context) error {
	<-ctx.Done()
	h.mu.Lock()
	if !h.stopped {
		h.stopped = true
		close(h.stop)
	}
	h.mu.Unlock()
	h.dismiss()
	h.running.Wait()
	return nil
}

// Seat is a socket's place in a room.
type Seat struct {
	room *room
	conn roster.Conn
}

// Enter brings a socket whose hello had a good ticket. What becomes of it, it is
// told by frames. The caller reads from then on, hands every frame to
// Receive, and calls Gone when there is nothing more to read.
func (h *Hub) Enter(id meeting.ID, c roster.Claims, hello protocol.Hello, socket Socket) (*Seat, error) {
	r, err := h.roomFor(id)
	if err != nil {
		return nil, err
	}
	seat := &Seat{room: r, conn: roster.Conn(h.conns.Add(1))}
	r.inbox <- event{in: roster.Enter{Conn: seat.conn, Claims: c, Hello: hello}, outbox: newOutbox(h, socket)}
	return seat, nil
}

// Receive hands on a frame that was read, with its number or 0. It waits while
// the room has its hands full.
func (s *Seat) Receive(seq int64, frame protocol.ClientFrame) {
	s.room.deliver(event{in: roster.Receive{Conn: s.conn, Seq: seq, Frame: frame}})
}

// Gone tells that the socket is closed.
func (s *Seat) Gone() { s.room.deliver(event{in: roster.Disconnected{Conn: s.conn}}) }

// roomFor returns a meeting's room, opened if need be. The room waits for one
// Enter.
func (h *Hub) roomFor(id meeting.ID) (*room, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return nil, ErrStopping
	}
	r := h.rooms[id]
	if r == nil {
		r = newRoom(h, id)
		h.rooms[id] = r
		h.running.Go(r.run)
	}
	r.entering++
	return r, nil
}

// retire lets go of a room unless somebody is about to enter it.
func (h *Hub) retire(r *room) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.entering > 0 {
		return false
	}
	delete(h.rooms, r.id)
	close(r.done)
	return true
}

func (h *Hub) entered(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.entering--
}

func (h *Hub) find(id meeting.ID) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[id]
}

// Refresh lets a running room look at its record again: it was changed or
// deleted, or its entry by password suspended.
func (h *Hub) Refresh(id meeting.ID) {
	if r := h.find(id); r != nil {
		r.deliver(event{refresh: true})
	}
}

// Live tells who is in a meeting's room.
func (h *Hub) Live(id meeting.ID) Live {
	r := h.find(id)
	if r == nil {
		return Live{}
	}
	return *r.live.Load()
}
