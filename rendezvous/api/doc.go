// Package api is the HTTP and WebSocket edge of the rendezvous.
//
// It owns the routes and who may use each (routes.go), the web client's files and
// the headers around everything, and how what goes wrong below becomes an
// answer: an error turns into an RFC 9457 problem in one function (problem.go)
// and into a bye and a close code in one other each (farewell.go, socket.go). It
// keeps nothing: meetings are rendezvous/store's, rooms rendezvous/hub's, and
// every door asks the same rendezvous/guard first.
//
// A request without the credential of its route goes no further than the
// table of routes, where a route that names none is shut.
package api

import "errors"

// What the edge itself refuses. None of them repeats what was sent.
var (
	errAnswered   = errors.New("api: answered already")
	errNoRoute    = errors.New("api: no such route")
	errMethod     = errors.New("api: no such method on this route")
	errNoBearer   = errors.New("api: no bearer token")
	errMediaType  = errors.New("api: the body is not declared as JSON")
	errCutOff     = errors.New("api: the body ended early")
	errOrigin     = errors.New("api: a page of another origin")
	errNoSocket   = errors.New("api: no request for a WebSocket of this version")
	errLocked     = errors.New("api: the meeting is locked")
	errInviteOnly = errors.New("api: the meeting is entered by invitation")
	errFull       = errors.New("api: the meeting is full")
	errBanned     = errors.New("api: the identity is banned from the meeting")
	errNotReady   = errors.New("api: not able to serve")

	errBinary   = errors.New("api: a binary frame")
	errFrame    = errors.New("api: a frame over its limit")
	errFlood    = errors.New("api: more frames than may")
	errLate     = errors.New("api: no hello in time")
	errNotHello = errors.New("api: the first frame is no hello")
	errNoHelper = errors.New("api: an identity that may not help")
	errNotPing  = errors.New("api: a helper that waits says more than ping")
	errTicket   = errors.New("api: a ticket that does not fit")
	errOldTick  = errors.New("api: a ticket that has expired")
	errClosing  = errors.New("api: closing")
)
