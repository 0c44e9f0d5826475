package roster

import (
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// tick does everything that time brings, and finds the next deadline.
func (r *Room) tick(now time.Time) {
	if r.ended {
		r.due = time.Time{}
		return
	}
	var over []*member
	for _, m := range slices.Concat(r.members, r.waiting) {
		switch {
		case m.conn == 0:
			if !now.Before(m.lost.Add(Grace)) {
				over = append(over, m)
			}
		case !now.Before(m.heard.Add(Silence)):
			r.out = append(r.out, Hangup{Conn: m.conn})
			r.disconnected(now, m.conn)
		default:
			r.acknowledge(m)
		}
	}
	for _, m := range over {
		r.gone(now, m, protocol.LeftLost)
	}
	r.due = time.Time{}
	if e := r.meeting.ExpiresAt; e != nil {
		r.wake(*e)
	}
	for _, m := range slices.Concat(r.members, r.waiting) {
		if m.conn == 0 {
			r.wake(m.lost.Add(Grace))
		} else {
			r.wake(m.heard.Add(Silence))
		}
	}
}

// change takes over a record that its host has changed.
func (r *Room) change(now time.Time, to Meeting) {
	before := r.meeting
	r.meeting = to
	if to.ExpiresAt != nil {
		r.wake(*to.ExpiresAt)
	}
	if before.Title == to.Title && before.Policy == to.Policy && same(before.ExpiresAt, to.ExpiresAt) {
		return
	}
	r.tellPolicy(now)
	if before.Policy.WaitingRoom && !to.Policy.WaitingRoom && len(r.waiting) > 0 {
		for len(r.waiting) > 0 && r.hasRoom() {
			r.admit(now, r.waiting[0])
		}
		r.tellChairWhoWaits(now)
	}
}

func same(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// end is the meeting's end: everybody is told and goes.
func (r *Room) end(now time.Time) {
	if r.ended {
		return
	}
	r.ended = true
	r.everyone(protocol.Bye{Why: protocol.ByeEnded, Detail: "The meeting has ended."})
	clear(r.byID)
	clear(r.byConn)
	r.members, r.waiting, r.chair = nil, nil, ""
	r.due = time.Time{}
}

// restart says so to every socket. The room is about to be let go.
func (r *Room) restart() {
	r.everyone(protocol.Bye{Why: protocol.ByeRestart, Detail: "The rendezvous is restarting; come back by your resume ticket.", RetryAfter: 1})
}

func (r *Room) everyone(b protocol.Bye) {
	for _, m := range slices.Concat(r.members, r.waiting) {
		r.bye(m.conn, b)
		r.unplug(m)
	}
}
