package roster

import (
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// receive takes a frame of somebody who said hello.
func (r *Room) receive(now time.Time, in Receive) {
	m := r.byConn[in.Conn]
	if m == nil {
		return // hung up on meanwhile
	}
	m.heard = now
	switch f := in.Frame.(type) {
	case protocol.Hello, protocol.Help:
		r.breach(now, m, "A session has one hello: it was said already.")
		return
	case protocol.Ping:
		r.acknowledge(m)
		r.say(m.conn, protocol.Pong{})
		return
	case protocol.Ack:
		if !m.log.ack(f.Received) {
			r.refuse(m, 0, protocol.CodeInvalid, "received", "received is higher than any number that was sent.")
		}
		return
	}
	switch {
	case in.Seq <= 0:
		r.refuse(m, 0, protocol.CodeInvalid, "seq", "seq must be given, counting from 1.")
		return
	case in.Seq <= m.received:
		r.wake(now.Add(ackDelay)) // came before, through the socket that was lost
		m.told = min(m.told, in.Seq-1)
		return
	}
	m.received = in.Seq
	r.act(now, m, in.Seq, in.Frame)
	if m.received-m.told >= ackEvery {
		r.acknowledge(m)
	} else {
		r.wake(now.Add(ackDelay))
	}
}

// act does what a frame asks for.
func (r *Room) act(now time.Time, m *member, seq int64, frame protocol.ClientFrame) {
	switch f := frame.(type) {
	case protocol.Leave:
		r.leave(now, m)
		return
	case protocol.SetPresence:
		r.present(now, m, f.Presence)
		return
	}
	if m.waiting {
		r.refuse(m, seq, protocol.CodeNotInRoom, "", "You are not in the room yet: wait until you are let in.")
		return
	}
	switch f := frame.(type) {
	case protocol.SendSignal:
		r.signal(now, m, seq, f)
	case protocol.SendBroadcast:
		r.postAll(now, protocol.Broadcast{From: m.ID, Session: m.Session, Box: f.Box}, m)
	case protocol.Admit:
		if r.chairs(m, seq, "let somebody in") {
			r.admitOne(now, m, seq, f.ID)
		}
	case protocol.Deny:
		if r.chairs(m, seq, "send somebody away") {
			r.deny(now, m, seq, f.ID)
		}
	case protocol.Remove:
		if r.chairs(m, seq, "remove somebody") {
			r.remove(now, m, seq, f)
		}
	case protocol.Lock:
		if r.chairs(m, seq, "lock the meeting") {
			r.lock(now, f.Locked)
		}
	case protocol.CallHelper:
		if r.chairs(m, seq, "call helpers") {
			r.call(now, m, seq)
		}
	case protocol.SetRole:
		r.setRole(now, m, seq, f)
	}
}

func (r *Room) signal(now time.Time, m *member, seq int64, f protocol.SendSignal) {
	to := r.byID[f.To]
	if to == nil || to.waiting || to == m {
		r.refuse(m, seq, protocol.CodeNotInRoom, "to", "Nobody else with that peer ID is in the room.")
		return
	}
	r.post(now, to, encode(protocol.Signal{From: m.ID, Session: m.Session, Box: f.Box}))
}

func (r *Room) present(now time.Time, m *member, p protocol.Presence) {
	if m.Presence == p {
		return
	}
	m.Presence = p
	r.updated(now, m)
}

// updated tells everybody, the participant included, of an entry that changed.
func (r *Room) updated(now time.Time, m *member) {
	if m.waiting {
		r.tellChairWhoWaits(now)
		return
	}
	entry := m.Participant
	entry.Card = protocol.Card{} // its session is the same
	r.postAll(now, protocol.Updated{Participant: entry}, nil)
}

func (r *Room) leave(now time.Time, m *member) {
	r.out = append(r.out, Hangup{Conn: m.conn})
	r.gone(now, m, protocol.LeftLeft)
}

// gone takes a member out and tells who must know.
func (r *Room) gone(now time.Time, m *member, why protocol.LeftWhy) {
	r.drop(m)
	if m.waiting {
		r.tellChairWhoWaits(now)
		return
	}
	r.postAll(now, protocol.Left{ID: m.ID, Why: why}, nil)
	r.seat(now)
}

// breach ends the socket of who broke the protocol's rules.
func (r *Room) breach(now time.Time, m *member, detail string) {
	r.bye(m.conn, protocol.Bye{Why: protocol.ByeProtocol, Code: protocol.CodeMalformed, Detail: detail})
	r.disconnected(now, m.conn)
}

// disconnected begins the grace time.
func (r *Room) disconnected(now time.Time, conn Conn) {
	m := r.byConn[conn]
	if m == nil {
		return
	}
	r.unplug(m)
	m.lost = now
	r.wake(now.Add(Grace))
}

// inRoom finds who is in the roster, or refuses.
func (r *Room) inRoom(m *member, seq int64, id identity.PeerID) *member {
	if other := r.byID[id]; other != nil && !other.waiting {
		return other
	}
	r.refuse(m, seq, protocol.CodeNotInRoom, "id", "Nobody with that peer ID is in the room.")
	return nil
}
