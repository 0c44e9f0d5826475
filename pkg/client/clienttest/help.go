package clienttest

import (
	"context"
	"slices"
	"time"

	"github.com/coder/websocket"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// helper is one registered helper's WebSocket.
type helper struct {
	out    chan protocol.ServerFrame
	cancel context.CancelFunc
}

// Helpers tells who is registered as a helper, in order.
func (r *Rendezvous) Helpers() []identity.PeerID {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := []identity.PeerID{}
	for id := range r.helpers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// NoHelpers makes it refuse every helper that wants to register.
func (r *Rendezvous) NoHelpers(refuse bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noHelpers = refuse
}

// Call sends a registered helper into a meeting. Nothing happens when there is
// none.
func (r *Rendezvous) Call(id identity.PeerID, to meeting.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.helpers[id]; h != nil {
		h.say(protocol.HelpWanted{MeetingID: to, Ticket: ticket(id, protocol.RoleParticipant, protocol.ViaPassword)})
	}
}

// DismissHelper ends a helper's registration with a last word.
func (r *Rendezvous) DismissHelper(id identity.PeerID, bye protocol.Bye) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.helpers[id]; h != nil {
		h.say(bye)
	}
}

// help is the life of a helper's WebSocket after its first frame.
func (r *Rendezvous) help(ctx context.Context, cancel context.CancelFunc, conn *websocket.Conn, f protocol.Help) {
	h := &helper{out: make(chan protocol.ServerFrame, 16), cancel: cancel}
	id, err := identity.VerifyToken(f.Token, []string{r.base}, time.Now())
	r.mu.Lock()
	if err != nil || r.noHelpers {
		r.mu.Unlock()
		r.turnAway(ctx, conn, protocol.Refusal{Code: protocol.CodeUnauthenticated, Detail: "This rendezvous does not know that helper."})
		return
	}
	if r.helpers == nil {
		r.helpers = make(map[identity.PeerID]*helper)
	}
	r.helpers[id] = h
	h.say(protocol.Helping{})
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.helpers[id] == h {
			delete(r.helpers, id)
		}
	}()
	go func() {
		defer cancel()
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			if _, frame, err := protocol.DecodeClient(data); err != nil || frame != (protocol.Ping{}) {
				return
			}
			r.mu.Lock()
			h.say(protocol.Pong{})
			r.mu.Unlock()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-h.out:
			data, err := protocol.EncodeServer(0, f)
			if err != nil || conn.Write(ctx, websocket.MessageText, data) != nil {
				return
			}
		}
	}
}

// say drops a helper that does not read, as the real one does.
func (h *helper) say(f protocol.ServerFrame) {
	select {
	case h.out <- f:
	default:
		h.cancel()
	}
}

func (r *Rendezvous) turnAway(ctx context.Context, conn *websocket.Conn, why protocol.ServerFrame) {
	data, err := protocol.EncodeServer(0, why)
	if err == nil {
		_ = conn.Write(ctx, websocket.MessageText, data)
	}
	_ = conn.Close(websocket.StatusPolicyViolation, "refused")
}
