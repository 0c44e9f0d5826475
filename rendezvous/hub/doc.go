// Package hub is the shell around rendezvous/roster: it runs the rooms.
//
// It owns one goroutine for each room that somebody is in, the clock and the
// one timer of that room, and the bounded queue towards each socket. It knows
// no HTTP and no WebSocket: an edge brings a [Socket], says [Hub.Enter] with a
// checked ticket, and hands on what it reads to the [Seat].
//
// Helpers that wait to be called have a [Post] here: a room's acting host calls,
// and those with the fewest rooms are sent.
//
// Nobody waits for a socket. What a room sends goes into that socket's queue;
// a queue that is full, or a write that takes too long, costs its owner the socket
// and nobody else anything. An idle socket costs no goroutine here: its queue
// is emptied by one that lives as long as there is something in it.
package hub

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/roster"
)

var (
	// ErrNoMeeting is what [Records] answers for a meeting that is not there, or
	// not any more.
	ErrNoMeeting = errors.New("hub: no such meeting")
	// ErrStopping is returned by Enter once Run has ended or is ending.
	ErrStopping = errors.New("hub: shutting down")
)

const (
	maxQueue      = roster.MaxLog + 256                        // frames towards one socket: a whole resume and what comes meanwhile
	maxQueueBytes = roster.MaxLogBytes + 2*protocol.MaxWelcome // bytes towards one socket: the same with two welcomes
	inboxSize     = 16                                         // inputs that wait for their room
	keepWithin    = 5 * time.Second                            // for a write or read of the records
)

// Socket is the edge's side of one connection. Its methods may be called from
// any goroutine, Write from one at a time.
type Socket interface {
	// Write writes one frame, or fails within a bounded time.
	Write(frame []byte) error
	// Close ends the connection, and with it a Write or read that is under way.
	// Why is "" when nothing was said before.
	Close(why protocol.ByeWhy)
}

// Opened is what a room begins with.
type Opened struct {
	Meeting        roster.Meeting
	Standings      []roster.Standing
	SuspendedUntil time.Time // entry by password; zero when it is open
}

// Records is what outlives a room.
type Records interface {
	// Open reads a meeting. It fails with ErrNoMeeting.
	Open(ctx context.Context, id meeting.ID) (Opened, error)
	// Keep stores what was decided about an identity.
	Keep(ctx context.Context, id meeting.ID, s roster.Standing) error
	// KeepLocked stores whether newcomers are kept out.
	KeepLocked(ctx context.Context, id meeting.ID, locked bool) error
}

// Live is what can be told of a room without being in it.
type Live struct {
	Inside int      // participants, helpers left out
	Names  []string // of the first of them, at most MaxNames
	ids    []identity.PeerID
}

// Has tells whether an identity is in.
func (l Live) Has(id identity.PeerID) bool { return slices.Contains(l.ids, id) }

// MaxNames bounds Live.Names.
const MaxNames = 12
