// Package client is the Go client of a rendezvous: its HTTP routes and its
// signaling WebSocket, with sessions that survive a lost connection and a
// restarted rendezvous.
//
// A [Client] makes one HTTP request per call, signed by its identity. A
// [Session] is one participant's place in one meeting: what is sent in it
// arrives once and in order, what comes is delivered once and in order,
// whatever happens to the WebSocket below. The package knows the frames'
// order and nothing of what they mean for a room.
//
// What can go wrong comes in four sorts: a *[Refused] holds the rendezvous'
// own words, [ErrUnreachable] means that it could not be asked,
// [ErrNotRendezvous] that something else answered, and an *[Ended] that a
// session was ended by the other side. The sentence of each is fit to be
// shown; none holds a token, ticket or password.
package client

import (
	"errors"
	"fmt"
	"strings"

	"github.com/parley-mesh/parley/pkg/protocol"
)

var (
	// ErrConfig wraps what is wrong with a Config or SessionConfig.
	ErrConfig = errors.New("client: wrong configuration")

	// ErrUnreachable means that no answer came; it wraps the cause.
	ErrUnreachable = errors.New("client: could not connect to the rendezvous")

	// ErrNotRendezvous means that what answered does not speak the protocol.
	ErrNotRendezvous = errors.New("client: the answer is not a rendezvous'")

	// ErrBacklog means that a session has protocol.MaxUnacked frames that the
	// rendezvous has not acknowledged; the frame was not taken.
	ErrBacklog = errors.New("client: too many frames wait for the rendezvous")

	// ErrEnded means that a session is over; the frame was not taken.
	ErrEnded = errors.New("client: the session has ended")

	// ErrKeyReadable means that others than its owner can open the key file.
	ErrKeyReadable = errors.New("client: the key file can be opened by others; allow it to its owner alone (chmod 600)")

	errFrame = fmt.Errorf("%w: a frame breaks the protocol", ErrNotRendezvous)
	errAnew  = errors.New("client: to say hello anew")
)

// Refused is the rendezvous' answer that it will not do something.
type Refused struct{ Problem protocol.Problem }

// Error is the problem's sentence for a person.
func (r *Refused) Error() string { return r.Problem.Detail }

// Code is the stable word that the problem's type ends in.
func (r *Refused) Code() protocol.Code {
	return protocol.Code(r.Problem.Type[strings.LastIndexByte(r.Problem.Type, '/')+1:])
}

// Temporary reports whether the same request can succeed later, after
// Problem.RetryAfter seconds when that is set.
func (r *Refused) Temporary() bool {
	switch r.Code() {
	case protocol.CodeTooManyRequests, protocol.CodeUnavailable, protocol.CodeStorage, protocol.CodeInternal:
		return true
	default:
		return false
	}
}

// Ended tells why the rendezvous ended a session for good.
type Ended struct{ Bye protocol.Bye }

// Error is the farewell's sentence for a person.
func (e *Ended) Error() string { return e.Bye.Detail }

// returns reports whether the session may be taken up again.
func (e *Ended) returns() bool {
	return e.Bye.Why == protocol.ByeRestart || e.Bye.Why == protocol.ByeSlow
}
