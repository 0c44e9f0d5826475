package hub

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/roster"
)

// event is an input on its way to its room; with an Enter comes the queue
// towards the socket.
type event struct {
	in      roster.Input
	outbox  *outbox
	refresh bool // instead of an input: look at the record
}

// room runs one roster. All but the first four fields belong to its goroutine.
type room struct {
	hub      *Hub
	id       meeting.ID
	inbox    chan event
	done     chan struct{} // closed when nobody reads the inbox any more
	live     atomic.Pointer[Live]
	entering int // under hub.mu: how many Enters are on their way

	state    *roster.Room
	outboxes map[roster.Conn]*outbox
}

func newRoom(h *Hub, id meeting.ID) *room {
	r := &room{
		hub: h, id: id,
		inbox: make(chan event, inboxSize), done: make(chan struct{}),
		outboxes: make(map[roster.Conn]*outbox),
	}
	r.live.Store(&Live{})
	return r
}

// deliver hands an event to the room, unless it is over.
func (r *room) deliver(e event) {
	select {
	case r.inbox <- e:
	case <-r.done:
	}
}

// run is the room's life, from the first Enter until it is empty or the hub
// stops.
func (r *room) run() {
	opened, err := r.open()
	if err != nil {
		r.turnAway(err)
		return
	}
	r.state = roster.New(time.Now(), roster.Config{
		Meeting: opened.Meeting, Standings: opened.Standings, SuspendedUntil: opened.SuspendedUntil,
		ICEServers: r.hub.config.ICEServers,
		Ticket: func(now time.Time, c roster.Claims) string {
			return r.hub.config.Ticket(r.id, r.state.Meeting().ExpiresAt, now, c)
		},
	})
	defer func() { r.hub.places.move(r.id, r.live.Load().ids, nil) }()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		r.rearm(timer)
		select {
		case e := <-r.inbox:
			if e.refresh {
				r.refresh()
			} else {
				r.step(e)
			}
		case <-timer.C:
			r.step(event{in: roster.Tick{}})
		case <-r.hub.stop:
			r.stop()
			return
		}
		if r.state.Empty() && r.hub.retire(r) {
			return
		}
	}
}

func (r *room) open() (Opened, error) {
	ctx, cancel := context.WithTimeout(context.Background(), keepWithin)
	defer cancel()
	return r.hub.config.Records.Open(ctx, r.id)
}

// refresh lets the roster know what the record says now.
func (r *room) refresh() {
	opened, err := r.open()
	switch {
	case errors.Is(err, ErrNoMeeting):
		r.step(event{in: roster.End{}})
	case err != nil:
		r.hub.config.Log.Error("a room cannot look at its record and goes on as it was", "meeting", r.id, "error", err)
	default:
		r.step(event{in: roster.Change{Meeting: opened.Meeting}})
		r.step(event{in: roster.Suspended{Until: opened.SuspendedUntil}})
	}
}

// rearm sets the timer to the roster's deadline.
func (r *room) rearm(timer *time.Timer) {
	due := r.state.Deadline()
	if due.IsZero() {
		timer.Stop()
		return
	}
	timer.Reset(time.Until(due))
}

// step lets one thing happen and does what follows from it.
func (r *room) step(e event) {
	switch in := e.in.(type) {
	case roster.Enter:
		r.outboxes[in.Conn] = e.outbox
		r.hub.entered(r)
	case roster.Disconnected:
		if box := r.outboxes[in.Conn]; box != nil {
			box.abandon()
			delete(r.outboxes, in.Conn)
		}
	}
	said := r.state.Step(time.Now(), e.in)
	// Before anybody is told: who reads that they are inside counts as such.
	if changesRoster(e.in) {
		live := r.survey()
		r.hub.places.move(r.id, r.live.Swap(live).ids, live.ids)
	}
	for _, out := range said {
		r.do(out)
	}
}

func (r *room) do(out roster.Output) {
	switch out := out.(type) {
	case roster.Send:
		if box := r.outboxes[out.Conn]; box != nil {
			box.push(out)
		}
	case roster.Hangup:
		if box := r.outboxes[out.Conn]; box != nil {
			box.finish(out.Why)
			delete(r.outboxes, out.Conn)
		}
	case roster.Call:
		r.callHelpers(out.Except)
	case roster.Keep:
		r.keep("standing", func(ctx context.Context) error {
			return r.hub.config.Records.Keep(ctx, r.id, out.Standing)
		})
	case roster.KeepLocked:
		r.keep("lock", func(ctx context.Context) error {
			return r.hub.config.Records.KeepLocked(ctx, r.id, out.Locked)
		})
	}
}

// callHelpers has registered helpers come, each with a ticket of its own.
func (r *room) callHelpers(except []identity.PeerID) {
	now := time.Now()
	r.hub.call(now, r.id, except, func(id identity.PeerID) string {
		claims := roster.Claims{ID: id, Via: protocol.ViaPassword, Helper: true, Issued: now}
		return r.hub.config.Ticket(r.id, r.state.Meeting().ExpiresAt, now, claims)
	})
}

// keep stores a decision of the chair. It holds in the room whether or not
// that succeeds, so who decided is not refused for a full disk.
func (r *room) keep(what string, store func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), keepWithin)
	defer cancel()
	if err := store(ctx); err != nil {
		r.hub.config.Log.Error("a decision of the chair is not stored and ends with the room", "meeting", r.id, "what", what, "error", err)
	}
}

// changesRoster tells whether an input can change who is in and how they are
// called: all can but the most frequent.
func changesRoster(in roster.Input) bool {
	received, ok := in.(roster.Receive)
	if !ok {
		return true
	}
	switch received.Frame.(type) {
	case protocol.SendSignal, protocol.SendBroadcast, protocol.Ping, protocol.Ack:
		return false
	}
	return true
}

func (r *room) survey() *Live {
	live := &Live{}
	for _, p := range r.state.Roster() {
		live.ids = append(live.ids, p.ID)
		if p.Kind == protocol.KindHelper {
			continue
		}
		live.Inside++
		if len(live.Names) < MaxNames {
			live.Names = append(live.Names, p.Presence.Name)
		}
	}
	return live
}

// stop says goodbye to everybody, to those on their way too.
func (r *room) stop() {
	r.step(event{in: roster.Restart{}})
	r.refuseEntering(protocol.Bye{Why: protocol.ByeRestart, Detail: "The rendezvous is restarting; come back by your resume ticket.", RetryAfter: 1})
}

// turnAway says to everybody who comes that there is no room to enter.
func (r *room) turnAway(err error) {
	bye := protocol.Bye{Why: protocol.ByeEnded, Code: protocol.CodeMeetingNotFound, Detail: "Meeting room not found: it was deleted or has expired."}
	if !errors.Is(err, ErrNoMeeting) {
		r.hub.config.Log.Error("a room cannot be opened", "meeting", r.id, "error", err)
		bye = protocol.Bye{Why: protocol.ByeRestart, Code: protocol.CodeStorage, Detail: "The rendezvous cannot read its storage now; try again shortly.", RetryAfter: 5}
	}
	r.refuseEntering(bye)
}

// refuseEntering takes every Enter that is on its way until there is none, and
// lets go of the room.
func (r *room) refuseEntering(bye protocol.Bye) {
	body, err := protocol.EncodeServer(0, bye)
	if err != nil {
		r.hub.config.Log.Error("a bye cannot be encoded", "error", err)
	}
	for !r.hub.retire(r) {
		e := <-r.inbox
		if e.outbox == nil {
			continue
		}
		r.hub.entered(r)
		e.outbox.push(roster.Send{Body: body})
		e.outbox.finish(bye.Why)
	}
}
