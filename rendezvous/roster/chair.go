package roster

import (
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// chairs tells whether a member may do what the acting host may, or refuses.
func (r *Room) chairs(m *member, seq int64, what string) bool {
	if m.ID == r.chair {
		return true
	}
	r.refuse(m, seq, protocol.CodeHostOnly, "", "Only the host, or who stands in while the host is away, can "+what+".")
	return false
}

// waits finds who is in the waiting room, or refuses.
func (r *Room) waits(m *member, seq int64, id identity.PeerID) *member {
	if other := r.byID[id]; other != nil && other.waiting {
		return other
	}
	r.refuse(m, seq, protocol.CodeNotInRoom, "id", "Nobody with that peer ID is waiting.")
	return nil
}

func (r *Room) admitOne(now time.Time, m *member, seq int64, id identity.PeerID) {
	other := r.waits(m, seq, id)
	if other == nil {
		return
	}
	if !r.hasRoom() {
		r.refuse(m, seq, protocol.CodeFull, "id", "The meeting is full: nobody more can be let in.")
		return
	}
	r.admit(now, other)
	r.tellChairWhoWaits(now)
}

// admit brings in who waited, with the join number of its arrival.
func (r *Room) admit(now time.Time, m *member) {
	r.waiting = slices.DeleteFunc(r.waiting, func(o *member) bool { return o == m })
	m.waiting, m.letIn = false, true
	r.insert(m)
	r.welcome(now, m, false)
	r.postAll(now, protocol.Joined{Participant: m.Participant}, m)
	r.seat(now)
}

func (r *Room) deny(now time.Time, m *member, seq int64, id identity.PeerID) {
	other := r.waits(m, seq, id)
	if other == nil {
		return
	}
	r.bye(other.conn, protocol.Bye{Why: protocol.ByeDenied, Detail: "The host did not let you in."})
	r.void(now, other.ID, false)
	r.gone(now, other, protocol.LeftDenied)
}

func (r *Room) remove(now time.Time, m *member, seq int64, f protocol.Remove) {
	other := r.inRoom(m, seq, f.ID)
	switch {
	case other == nil:
		return
	case other == m:
		r.refuse(m, seq, protocol.CodeInvalid, "id", "id must be somebody else: to go yourself, leave.")
		return
	}
	bye := protocol.Bye{Why: protocol.ByeRemoved, Detail: "The host has removed you from this meeting."}
	if f.Ban {
		bye.Code = protocol.CodeBanned
		bye.Detail = "The host has removed you from this meeting for good."
	}
	r.bye(other.conn, bye)
	r.void(now, other.ID, f.Ban)
	r.gone(now, other, protocol.LeftRemoved)
}

// void makes the tickets of an identity worthless, and with ban every later one.
func (r *Room) void(now time.Time, id identity.PeerID, ban bool) {
	r.keep(Standing{ID: id, Removed: now, Banned: ban})
}

func (r *Room) keep(s Standing) {
	if _, known := r.standings[s.ID]; !known && len(r.standings) >= MaxStandings {
		r.forgetOne()
	}
	r.standings[s.ID] = s
	r.out = append(r.out, Keep{Standing: s})
}

// forgetOne makes room for a standing: the oldest removal goes first, a ban last.
func (r *Room) forgetOne() {
	var oldest *Standing
	for _, s := range r.standings {
		if oldest == nil || weight(s) < weight(*oldest) ||
			weight(s) == weight(*oldest) && (s.Removed.Before(oldest.Removed) || s.Removed.Equal(oldest.Removed) && s.ID < oldest.ID) {
			oldest = &s
		}
	}
	if oldest != nil {
		delete(r.standings, oldest.ID)
		r.out = append(r.out, Keep{Standing: Standing{ID: oldest.ID}})
	}
}

func weight(s Standing) int {
	switch {
	case s.Banned:
		return 2
	case s.CoHost:
		return 1
	default:
		return 0
	}
}

func (r *Room) lock(now time.Time, locked bool) {
	if r.meeting.Policy.Locked == locked {
		return
	}
	r.meeting.Policy.Locked = locked
	r.out = append(r.out, KeepLocked{Locked: locked})
	r.tellPolicy(now)
}

// call has helpers come, not too often: whom they do not help they only wake.
func (r *Room) call(now time.Time, m *member, seq int64) {
	r.calls = slices.DeleteFunc(r.calls, func(at time.Time) bool { return !now.Before(at.Add(CallsWithin)) })
	if len(r.calls) >= MaxCalls {
		again := r.calls[0].Add(CallsWithin).Sub(now)
		r.say(m.conn, protocol.Refusal{
			Code: protocol.CodeTooManyRequests, Detail: "Helpers were called too often: wait for those that come.",
			RetryAfter: int((again + time.Second - 1) / time.Second), Seq: seq,
		})
		return
	}
	r.calls = append(r.calls, now)
	var except []identity.PeerID
	for id, s := range r.standings {
		if s.Banned || !s.Removed.IsZero() {
			except = append(except, id)
		}
	}
	for _, o := range r.members {
		except = append(except, o.ID)
	}
	slices.Sort(except)
	r.out = append(r.out, Call{Except: except})
}

// setRole is the host's alone: who stands in for the host makes no co-hosts.
func (r *Room) setRole(now time.Time, m *member, seq int64, f protocol.SetRole) {
	if m.Role != protocol.RoleHost {
		r.refuse(m, seq, protocol.CodeHostOnly, "", "Only the host can make somebody co-host.")
		return
	}
	other := r.inRoom(m, seq, f.ID)
	switch {
	case other == nil:
		return
	case f.Role == protocol.RoleHost:
		r.refuse(m, seq, protocol.CodeInvalid, "role", "role must be co-host or participant.")
		return
	case other.Role == protocol.RoleHost:
		r.refuse(m, seq, protocol.CodeInvalid, "id", "id must be somebody else: the host stays the host.")
		return
	case other.Kind == protocol.KindHelper:
		r.refuse(m, seq, protocol.CodeInvalid, "id", "id must not be a helper.")
		return
	case other.Role == f.Role:
		return
	}
	other.Role = f.Role
	s := r.standings[other.ID]
	s.ID, s.CoHost = other.ID, f.Role == protocol.RoleCoHost
	r.keep(s)
	r.updated(now, other)
	r.seat(now)
}
