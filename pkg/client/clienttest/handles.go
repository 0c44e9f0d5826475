package clienttest

import (
	"fmt"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Push sends a numbered frame to everybody with this identity.
func (r *Rendezvous) Push(to identity.PeerID, f protocol.ServerFrame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.roomOfLocked(to).sessions[to]; s != nil {
		s.postLocked(f)
	}
}

// Twist has every welcome and numbered frame pass through a hostile hand, which
// says what is sent in its place. It is called with the fake locked, and may not
// call it.
func (r *Rendezvous) Twist(hand func(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.twist = hand
}

// twistedLocked is what is sent in a frame's place.
func (r *Rendezvous) twistedLocked(to identity.PeerID, f protocol.ServerFrame) []protocol.ServerFrame {
	if r.twist == nil {
		return []protocol.ServerFrame{f}
	}
	return r.twist(to, f)
}

// PushUnknown sends a numbered frame of a type that nobody knows.
func (r *Rendezvous) PushUnknown(to identity.PeerID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.roomOfLocked(to).sessions[to]; s != nil {
		s.seq++
		o := outgoing{s.seq, fmt.Appendf(nil, `{"type":"surprise","seq":%d}`, s.seq)}
		s.log = append(s.log, o)
		s.queueLocked(o)
	}
}

// Raw sends text that need not be a frame.
func (r *Rendezvous) Raw(to identity.PeerID, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.roomOfLocked(to).sessions[to]; s != nil {
		s.queueLocked(outgoing{0, []byte(text)})
	}
}

// Repeat sends again everything that was not acknowledged.
func (r *Rendezvous) Repeat(to identity.PeerID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.roomOfLocked(to).sessions[to]; s != nil {
		s.queueLocked(s.log...)
	}
}

// Bye ends somebody's session.
func (r *Rendezvous) Bye(to identity.PeerID, bye protocol.Bye) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.roomOfLocked(to).sessions[to]; s != nil {
		s.byeLocked(bye)
	}
}

// Unacked tells how many frames to an identity are not acknowledged by it.
func (r *Rendezvous) Unacked(id identity.PeerID) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.roomOfLocked(id).sessions[id]; s != nil {
		return len(s.log)
	}
	return 0
}

// Came returns the boxes of what an identity's present session has sent, each
// once and in order; a frame without a box counts as "".
func (r *Rendezvous) Came(id identity.PeerID) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	boxes := []string{}
	if s := r.roomOfLocked(id).sessions[id]; s != nil {
		for _, frame := range s.came {
			switch f := frame.(type) {
			case protocol.SendSignal:
				boxes = append(boxes, f.Box)
			case protocol.SendBroadcast:
				boxes = append(boxes, f.Box)
			default:
				boxes = append(boxes, "")
			}
		}
	}
	return boxes
}

// Roster tells who is in a meeting, in order.
func (r *Rendezvous) Roster(id meeting.ID) []protocol.Participant {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.meetings[id]; m != nil {
		return m.rosterLocked()
	}
	return nil
}
