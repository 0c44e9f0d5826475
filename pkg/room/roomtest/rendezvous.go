package roomtest

import (
	"cmp"
	"slices"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

const grace = 30_000

// rendezvous keeps the roster, and a queue for each session so that a resumed
// one loses nothing. All of it is gone when it crashes.
type rendezvous struct {
	up       bool
	number   int64 // last join or session number
	sessions map[*client]*session
	expelled map[*client]bool
}

// session is a client's place in the roster.
type session struct {
	participant protocol.Participant
	connected   bool
	lost        int64        // counts losses, to tell a stale timer
	queue       []room.Event // not delivered yet
}

func (r *rendezvous) next() int64 { r.number++; return r.number }

func (w *world) connect(c *client) {
	if !c.alive || c.connected || c.expelled {
		return
	}
	if !w.rdv.up || c.offline {
		w.after(w.between(300, 2500), func() { w.connect(c) })
		return
	}
	if w.rdv.expelled[c] {
		c.leave()
		return
	}
	c.connected = true
	c.epoch++
	c.deliverAt = w.now
	s := w.rdv.sessions[c]
	if s != nil && s.participant.Session == c.session && c.session != 0 {
		s.connected = true
		s.lost++
		backlog := s.queue
		s.queue = nil
		w.deliver(c, s, w.welcome(c, s, true))
		for _, e := range backlog {
			w.deliver(c, s, e)
		}
		c.attemptAll()
		return
	}
	w.enter(c, s)
}

func (w *world) enter(c *client, old *session) {
	if c.session == 0 {
		c.session = w.rdv.next()
	}
	if c.n == 0 {
		c.n = c.session
	}
	s := &session{connected: true, participant: protocol.Participant{
		ID: c.id, N: c.n, Session: c.session, Kind: c.kind, Role: c.role, Via: c.via,
		Presence: protocol.Presence{Name: c.name, Mic: true, Camera: true},
	}}
	w.rdv.sessions[c] = s
	w.deliver(c, s, w.welcome(c, s, false))
	if old != nil {
		w.tell(c, room.Updated{Participant: s.participant})
	} else {
		w.tell(c, room.Joined{Participant: s.participant})
	}
	c.attemptAll()
}

func (w *world) welcome(c *client, s *session, resumed bool) room.Event {
	return room.Welcome{Self: s.participant, Roster: w.roster(), Policy: room.Policy{MeshMax: 4}, Resumed: resumed}
}

func (w *world) roster() []protocol.Participant {
	roster := make([]protocol.Participant, 0, len(w.rdv.sessions))
	for _, c := range w.clients {
		if s := w.rdv.sessions[c]; s != nil {
			roster = append(roster, s.participant)
		}
	}
	slices.SortFunc(roster, func(a, b protocol.Participant) int { return cmp.Compare(a.N, b.N) })
	return roster
}

// tell sends an event to everybody in the roster but one.
func (w *world) tell(except *client, e room.Event) {
	for _, c := range w.clients {
		if s := w.rdv.sessions[c]; s != nil && c != except {
			w.deliver(c, s, e)
		}
	}
}

// deliver sends frames of one session in order.
func (w *world) deliver(c *client, s *session, e room.Event) {
	s.queue = append(s.queue, e)
	if !s.connected {
		return
	}
	epoch := c.epoch
	c.deliverAt = max(c.deliverAt, w.now+w.between(2, 60))
	w.after(c.deliverAt-w.now, func() {
		if !c.connected || c.epoch != epoch || !c.alive || len(s.queue) == 0 {
			return
		}
		next := s.queue[0]
		s.queue = s.queue[1:]
		c.take(next)
	})
}

// disconnect breaks a client's connection. The rendezvous waits for it.
func (w *world) disconnect(c *client) {
	if !c.connected {
		return
	}
	c.connected = false
	c.epoch++
	if s := w.rdv.sessions[c]; s != nil {
		s.connected = false
		s.lost++
		lost := s.lost
		w.after(grace, func() {
			if w.rdv.sessions[c] == s && s.lost == lost {
				delete(w.rdv.sessions, c)
				w.tell(c, room.Left{ID: c.id, Why: protocol.LeftLost})
			}
		})
	}
	w.after(w.between(100, 2000), func() { w.connect(c) })
}

func (w *world) crashRendezvous(down int64) {
	if !w.rdv.up {
		return
	}
	w.note("rendezvous crashes for %d ms", down)
	w.rdv.up = false
	w.rdv.sessions = map[*client]*session{}
	w.rdv.expelled = map[*client]bool{}
	for _, c := range w.clients {
		w.disconnect(c)
	}
	w.after(down, func() {
		w.note("rendezvous is back")
		w.rdv.up = true
		w.rdv.number += 1000
	})
}

func (w *world) expel(c *client) {
	if s := w.rdv.sessions[c]; s == nil || !w.rdv.up {
		return
	}
	w.note("%s is removed", c.name)
	delete(w.rdv.sessions, c)
	w.rdv.expelled[c] = true
	w.tell(c, room.Left{ID: c.id, Why: protocol.LeftRemoved})
	c.leave()
}

// promote makes somebody co-host, or takes it back.
func (w *world) promote(c *client) {
	s := w.rdv.sessions[c]
	if s == nil || !w.rdv.up || c.role == protocol.RoleHost || c.kind == protocol.KindHelper {
		return
	}
	if c.role == protocol.RoleCoHost {
		c.role = protocol.RoleParticipant
	} else {
		c.role = protocol.RoleCoHost
	}
	w.note("%s is now %s", c.name, c.role)
	s.participant.Role = c.role
	w.tell(nil, room.Updated{Participant: s.participant})
}
