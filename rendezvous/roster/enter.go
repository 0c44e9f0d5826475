package roster

import (
	"time"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// enter decides over a hello.
func (r *Room) enter(now time.Time, in Enter) {
	c, h := in.Claims, in.Hello
	if r.byConn[in.Conn] != nil {
		return // the shell gives each socket one Enter
	}
	if (h.Kind == protocol.KindHelper) != c.Helper {
		r.bye(in.Conn, protocol.Bye{Why: protocol.ByeProtocol, Code: protocol.CodeInvalid, Detail: "kind is helper with the ticket of a helper that was called, and only then."})
		return
	}
	if refusal, refused := r.barred(c); refused {
		r.bye(in.Conn, refusal)
		return
	}
	claimed := int64(0) // the session that the ticket allows to continue
	if h.Session == c.Session {
		claimed = c.Session
	}
	m := r.byID[c.ID]
	switch {
	case m == nil:
		r.arrive(now, in, claimed)
	case m.helps() != c.Helper:
		r.bye(in.Conn, protocol.Bye{Why: protocol.ByeDenied, Code: protocol.CodeInvalid, Detail: "This identity is in the meeting already: a helper has an identity of its own."})
	case h.Session == m.Session:
		r.again(now, m, in)
	case claimed != 0 && claimed < m.Session && m.conn != 0:
		r.bye(in.Conn, protocol.Bye{Why: protocol.ByeElsewhere, Detail: "You are in this meeting in another window."})
	default:
		r.takeOver(now, m, in, claimed)
	}
}

// barred tells what keeps an identity out whatever the room is like.
func (r *Room) barred(c Claims) (protocol.Bye, bool) {
	s := r.standings[c.ID]
	switch {
	case r.ended:
		return protocol.Bye{Why: protocol.ByeEnded, Detail: "The meeting has ended."}, true
	case s.Banned:
		return protocol.Bye{Why: protocol.ByeRemoved, Code: protocol.CodeBanned, Detail: "The host has removed you from this meeting for good."}, true
	case !s.Removed.IsZero() && !c.Issued.After(s.Removed):
		return protocol.Bye{Why: protocol.ByeRemoved, Detail: "The host has removed you from this meeting."}, true
	}
	return protocol.Bye{}, false
}

// arrive brings in somebody who is neither in the roster nor waiting.
func (r *Room) arrive(now time.Time, in Enter, claimed int64) {
	c, h := in.Claims, in.Hello
	role := r.role(c)
	known := c.N != 0 // was in before
	guest := !known && !c.Helper && role == protocol.RoleParticipant
	if guest {
		if refusal, refused := r.closed(c); refused {
			r.bye(in.Conn, refusal)
			return
		}
	}
	waits := r.meeting.Policy.WaitingRoom && guest
	returns := known && c.N < r.opened // from before a restart: its place was never given up
	if bye, full := r.full(c, waits, returns); full {
		r.bye(in.Conn, bye)
		return
	}
	m := &member{
		Participant: protocol.Participant{ID: c.ID, N: c.N, Session: claimed, Kind: h.Kind, Role: role, Via: c.Via, Presence: h.Presence, Card: h.Card},
		waiting:     waits,
	}
	if m.Session == 0 {
		m.Session = r.number(now)
	}
	switch {
	case !known:
		m.N = m.Session
	case r.taken(m.N):
		m.N = r.number(now) // the clock went back in between
	}
	r.last = max(r.last, m.N, m.Session)
	r.byID[m.ID] = m
	r.plug(now, m, in.Conn)
	if waits {
		r.waiting = append(r.waiting, m)
		r.welcome(now, m, false)
		r.tellChairWhoWaits(now)
		return
	}
	r.insert(m)
	r.welcome(now, m, false)
	r.postAll(now, protocol.Joined{Participant: m.Participant}, m)
	r.seat(now)
}

// closed tells what keeps newcomers out.
func (r *Room) closed(c Claims) (protocol.Bye, bool) {
	switch {
	case r.meeting.Policy.Locked:
		return protocol.Bye{Why: protocol.ByeDenied, Code: protocol.CodeLocked, Detail: "The meeting is locked: nobody new can come in."}, true
	case r.meeting.Policy.Entry == meeting.EntryInvitation && c.Via != protocol.ViaInvitation:
		return protocol.Bye{Why: protocol.ByeDenied, Code: protocol.CodeInvitationOnly, Detail: "This meeting is entered by invitation only."}, true
	}
	return protocol.Bye{}, false
}

func (r *Room) full(c Claims, waits, returns bool) (protocol.Bye, bool) {
	var room bool
	switch {
	case waits:
		room = len(r.waiting) < MaxWaiting
	case c.Helper:
		room = len(r.members)-r.Inside() < MaxHelpers && len(r.members) < protocol.MaxRoster
	case returns:
		room = len(r.members) < protocol.MaxRoster
	default:
		room = r.hasRoom()
	}
	if room {
		return protocol.Bye{}, false
	}
	return protocol.Bye{Why: protocol.ByeDenied, Code: protocol.CodeFull, Detail: "The meeting is full; try again when somebody has left.", RetryAfter: 30}, true
}

// hasRoom tells whether one more can come in: helpers take nobody's place.
func (r *Room) hasRoom() bool {
	return r.Inside() < r.meeting.Policy.Capacity && len(r.members) < protocol.MaxRoster
}

func (r *Room) taken(n int64) bool {
	for _, m := range r.members {
		if m.N == n {
			return true
		}
	}
	return false
}

func (r *Room) role(c Claims) protocol.Role {
	switch {
	case c.Helper:
		return protocol.RoleParticipant
	case c.ID == r.meeting.HostID:
		return protocol.RoleHost
	case r.standings[c.ID].CoHost:
		return protocol.RoleCoHost
	default:
		return protocol.RoleParticipant
	}
}

// again takes up a session of the same page: resumed if the log reaches back,
// else anew, which nobody else notices.
func (r *Room) again(now time.Time, m *member, in Enter) {
	if m.conn != 0 {
		r.out = append(r.out, Hangup{Conn: m.conn}) // the page knows that this socket is dead
		r.unplug(m)
	}
	r.plug(now, m, in.Conn)
	resumed := m.log.reaches(in.Hello.Received)
	if resumed {
		m.log.ack(in.Hello.Received)
	} else {
		m.log, m.received, m.letIn = log{}, 0, false
	}
	m.told = m.received
	changed, rekeyed := m.Presence != in.Hello.Presence, m.Card != in.Hello.Card
	m.Presence, m.Card = in.Hello.Presence, in.Hello.Card
	if resumed && m.letIn && in.Hello.Received == 0 {
		// The welcome of its admission may be lost with the old socket: it waits
		// once more, and is let in.
		m.waiting = true
		r.welcome(now, m, true)
		m.waiting = false
		r.welcome(now, m, false)
	} else {
		r.welcome(now, m, resumed)
	}
	if resumed {
		for i, body := range m.log.frames {
			r.out = append(r.out, Send{Conn: m.conn, Seq: m.log.acked + int64(i) + 1, Body: body})
		}
	}
	switch {
	case rekeyed && !m.waiting:
		r.postAll(now, protocol.Updated{Participant: m.Participant}, nil)
	case changed:
		r.updated(now, m)
	}
}

// takeOver lets a newer page or process have the entry of the older one.
func (r *Room) takeOver(now time.Time, m *member, in Enter, claimed int64) {
	r.bye(m.conn, protocol.Bye{Why: protocol.ByeElsewhere, Detail: "You opened this meeting in another window."})
	r.unplug(m)
	if claimed > m.Session {
		m.Session = claimed
		r.last = max(r.last, claimed)
	} else {
		m.Session = r.number(now)
	}
	m.Kind, m.Presence, m.Card = in.Hello.Kind, in.Hello.Presence, in.Hello.Card
	if in.Claims.Via == protocol.ViaInvitation {
		m.Via = protocol.ViaInvitation
	}
	m.log, m.received, m.told, m.letIn = log{}, 0, 0, false
	r.plug(now, m, in.Conn)
	r.welcome(now, m, false)
	if m.waiting {
		r.tellChairWhoWaits(now)
		return
	}
	r.postAll(now, protocol.Updated{Participant: m.Participant}, m)
	r.seat(now) // an invitation may have raised its standing
}

// welcome answers a hello, or follows an admission.
func (r *Room) welcome(now time.Time, m *member, resumed bool) {
	w := protocol.Welcome{
		Self: m.Participant, Title: r.meeting.Title, HostID: r.meeting.HostID, Policy: r.meeting.Policy,
		ExpiresAt: r.meeting.ExpiresAt, ICEServers: r.config.ICEServers,
		Resumed: resumed, Waiting: m.waiting, Received: m.received,
	}
	claims := Claims{ID: m.ID, Via: m.Via, Helper: m.helps(), Issued: now}
	if !m.waiting { // who waits has no place yet to come back to
		w.Roster = r.Roster()
		claims.N, claims.Session = m.N, m.Session
	}
	w.Resume = protocol.Resume{Ticket: r.config.Ticket(now, claims), Within: protocol.ResumeWithin}
	r.say(m.conn, w)
}
