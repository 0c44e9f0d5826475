package hub

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/roster"
)

// ErrHelpers is returned by Help when as many helpers as can be are registered.
var ErrHelpers = errors.New("hub: too many helpers are registered")

const (
	maxHelpers = 256              // registered at once
	perCall    = 2                // helpers sent for one call: an SFU and its standby
	comesIn    = 10 * time.Second // how long a helper that was called counts as on its way
)

// Post is a registered helper's place: it waits there to be called into rooms.
type Post struct {
	hub     *Hub
	id      identity.PeerID
	outbox  *outbox
	arrived uint64                   // the order of registration
	called  map[meeting.ID]time.Time // rooms that it is on its way to, and since when
}

// helpers are the registered ones, one post for an identity.
type helpers struct {
	mu    sync.Mutex
	posts map[identity.PeerID]*Post
	count uint64
}

// Help registers a helper, which the edge has found to be allowed, and tells it
// so. An older registration of the same identity ends. The caller reads from
// then on, calls Ping for every ping, and Gone when there is nothing more to
// read. It fails with ErrHelpers or ErrStopping.
func (h *Hub) Help(id identity.PeerID, socket Socket) (*Post, error) {
	helping, err := protocol.EncodeServer(0, protocol.Helping{})
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock() // so that nobody registers once Run says goodbye
	if h.stopped {
		return nil, ErrStopping
	}
	h.helpers.mu.Lock()
	defer h.helpers.mu.Unlock()
	if old := h.helpers.posts[id]; old != nil {
		old.end(protocol.Bye{Why: protocol.ByeElsewhere, Detail: "This helper has registered from another place."})
	} else if len(h.helpers.posts) >= maxHelpers {
		return nil, ErrHelpers
	}
	h.helpers.count++
	post := &Post{hub: h, id: id, outbox: newOutbox(h, socket), arrived: h.helpers.count, called: make(map[meeting.ID]time.Time)}
	h.helpers.posts[id] = post
	post.outbox.push(roster.Send{Body: helping})
	return post, nil
}

// Ping answers a ping.
func (p *Post) Ping() { p.say(protocol.Pong{}) }

// Gone tells that the socket is closed: nobody is called by it any more.
func (p *Post) Gone() {
	p.hub.helpers.mu.Lock()
	defer p.hub.helpers.mu.Unlock()
	if p.hub.helpers.posts[p.id] == p {
		delete(p.hub.helpers.posts, p.id)
	}
	p.outbox.abandon()
}

func (p *Post) say(f protocol.ServerFrame) {
	body, err := protocol.EncodeServer(0, f)
	if err != nil {
		p.hub.config.Log.Error("a helper's frame cannot be encoded", "error", err)
		return
	}
	p.outbox.push(roster.Send{Body: body})
}

// end says why and hangs up.
func (p *Post) end(bye protocol.Bye) {
	p.say(bye)
	p.outbox.finish(bye.Why)
}

// call sends helpers to a room: those with the fewest rooms first, and of
// equals who has waited longest.
func (h *Hub) call(now time.Time, id meeting.ID, except []identity.PeerID, ticket func(identity.PeerID) string) {
	h.helpers.mu.Lock()
	defer h.helpers.mu.Unlock()
	free := make([]*Post, 0, len(h.helpers.posts))
	load := make(map[*Post]int, len(h.helpers.posts))
	for _, p := range h.helpers.posts {
		for room, at := range p.called {
			if !now.Before(at.Add(comesIn)) || h.in(p.id, room) {
				delete(p.called, room)
			}
		}
		if _, coming := p.called[id]; coming || slices.Contains(except, p.id) {
			continue
		}
		load[p] = h.busy(p.id) + len(p.called)
		free = append(free, p)
	}
	slices.SortFunc(free, func(a, b *Post) int {
		return cmp.Or(cmp.Compare(load[a], load[b]), cmp.Compare(a.arrived, b.arrived))
	})
	for _, p := range free[:min(perCall, len(free))] {
		p.called[id] = now
		p.say(protocol.HelpWanted{MeetingID: id, Ticket: ticket(p.id)})
	}
}

// dismiss tells every helper that waits that the rendezvous restarts.
func (h *Hub) dismiss() {
	h.helpers.mu.Lock()
	defer h.helpers.mu.Unlock()
	for _, p := range h.helpers.posts {
		p.end(protocol.Bye{Why: protocol.ByeRestart, Detail: "The rendezvous is restarting; register again shortly.", RetryAfter: 1})
	}
	clear(h.helpers.posts)
}
