// Package roster is the rendezvous' pure model of one room: who is in it and
// who waits, in which order, and which frame goes to whom.
//
// A [Room] takes inputs and gives outputs:
//
//	outputs := room.Step(now, roster.Enter{…})
//
// It owns join and session numbers, the waiting room, the chair's authority,
// what becomes of a participant whose socket is gone, and the numbered log that
// lets a session be taken up again with nothing lost and nothing twice. It owns
// no socket, clock, timer or ticket: the shell (rendezvous/hub) calls Step for
// everything that happens and again at [Room.Deadline], writes every [Send] in
// order, and hangs up for every [Hangup].
//
// # Numbers
//
// Join and session numbers come from one counter that never falls below the
// clock's milliseconds, so they rise across restarts without being stored. A
// session begins with an [Enter] that is not a resume; frames in both directions
// are then numbered from 1, except Welcome, Problem, Bye, Pong, Ping and Ack. A
// second Welcome, which follows an admission, continues the numbering.
//
// # Helpers
//
// A helper comes when the acting host has called, with a ticket that says so. The
// waiting room, the lock, the policy of entry and the capacity are not for it;
// it has no role and never the chair. In all else it is a participant: it is
// told what everybody is told, can be removed, and leaves and comes back alike.
//
// # Resuming
//
// A session whose socket is gone keeps its place for [Grace]. Whoever names its
// number and the last frame received gets everything after that. If the log
// no longer reaches back so far, or the rendezvous was restarted, the same
// participant enters anew, with the same join number and, if it still is the
// same page, the same session number. The roster in a resumed Welcome is the
// present one; the frames that follow it lead to that same roster.
package roster

import (
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

const (
	// Grace is how long a session without a socket keeps its place.
	Grace = protocol.ResumeWithin * time.Second
	// Silence is how long a socket may say nothing.
	Silence = protocol.SilentFor * time.Second
	// MaxWaiting bounds the waiting room.
	MaxWaiting = 200
	// MaxLog and MaxLogBytes bound what is kept for one session's resume: a room of
	// a hundred that turns to one participant at once, each with an offer and its
	// candidates, must not look like somebody who does not read.
	MaxLog      = 4 * protocol.MaxUnacked
	MaxLogBytes = 4 << 20
	// MaxStandings bounds what a room remembers about identities.
	MaxStandings = 1000
	// MaxHelpers bounds the helpers in a room, who have no part in its capacity.
	MaxHelpers = 8
	// MaxCalls is how often helpers may be called within CallsWithin.
	MaxCalls    = 6
	CallsWithin = time.Minute

	ackEvery = 32          // client frames after which one is acknowledged at once
	ackDelay = time.Second // the longest that an acknowledgement waits otherwise
)

// Conn names a socket. The shell chooses it, above zero, and never twice.
type Conn uint64

// Meeting is what a room must know of its stored record.
type Meeting struct {
	ID        meeting.ID
	Title     string
	HostID    identity.PeerID
	Policy    meeting.Policy
	ExpiresAt *time.Time // nil: does not expire
}

// Claims is what a ticket proved. The shell has checked it.
type Claims struct {
	ID  identity.PeerID
	Via protocol.Via
	// Helper is whether it was called as a helper, which needs nobody's leave to
	// come in and can come as nothing else.
	Helper bool
	// N and Session are the numbers in a resume ticket; 0 in one for joining.
	N, Session int64
	// Issued is when the ticket was made.
	Issued time.Time
}

// Standing is what was decided about an identity and outlives the room: the
// shell stores it and gives it back to [New].
type Standing struct {
	ID     identity.PeerID
	CoHost bool
	// Banned keeps the identity out for good.
	Banned bool
	// Removed voids every ticket that was made until then.
	Removed time.Time
}

// Input is one thing that happened.
type Input interface{ input() }

// Enter is a hello with a good ticket, on a socket that has none before.
type Enter struct {
	Conn   Conn
	Claims Claims
	Hello  protocol.Hello
}

// Receive is a further frame, with its number or 0.
type Receive struct {
	Conn  Conn
	Seq   int64
	Frame protocol.ClientFrame
}

// Disconnected tells that a socket is gone.
type Disconnected struct{ Conn Conn }

// Change brings the meeting's record as it is now.
type Change struct{ Meeting Meeting }

// Suspended tells that entry by password is suspended until a time.
type Suspended struct{ Until time.Time }

// End tells that the meeting was deleted.
type End struct{}

// Restart tells that the rendezvous is shutting down.
type Restart struct{}

// Tick lets time pass; due at [Room.Deadline].
type Tick struct{}

func (Enter) input()        {}
func (Receive) input()      {}
func (Disconnected) input() {}
func (Change) input()       {}
func (Suspended) input()    {}
func (End) input()          {}
func (Restart) input()      {}
func (Tick) input()         {}

// Output is one thing for the shell to do, in order.
type Output interface{ output() }

// Send writes a frame to a socket.
type Send struct {
	Conn Conn
	Seq  int64  // 0: not numbered
	Body []byte // shared between receivers: not to be changed
}

// Hangup closes a socket after what was sent to it. Why is "" when nothing was
// said, because nobody is there to hear it.
type Hangup struct {
	Conn Conn
	Why  protocol.ByeWhy
}

// Keep stores a standing; one that says nothing is forgotten.
type Keep struct{ Standing Standing }

// KeepLocked stores whether the meeting is locked.
type KeepLocked struct{ Locked bool }

// Call has helpers called into the room: others than those in Except, who are in
// already or were sent away.
type Call struct{ Except []identity.PeerID }

func (Send) output()       {}
func (Call) output()       {}
func (Hangup) output()     {}
func (Keep) output()       {}
func (KeepLocked) output() {}

// AppendTo appends the frame as it stands on the wire.
func (s Send) AppendTo(b []byte) []byte {
	if s.Seq == 0 {
		return append(b, s.Body...)
	}
	b = append(b, `{"seq":`...)
	b = appendInt(b, s.Seq)
	b = append(b, ',')
	return append(b, s.Body[1:]...) // every body begins with {"type":
}
