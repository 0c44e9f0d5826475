// Package overlay is the native nodes' own network: a libp2p host on the
// participant's identity, with which the nodes of a room find each other, hand
// on envelopes and exchange link offers, with the rendezvous or without it.
//
// It owns the host (QUIC and TCP, hole punching, the reservation at the
// rendezvous' relay, mDNS on the local network), one GossipSub topic for each
// room that was joined, and the stream protocols
//
//	/parley/1/signal   one signal box to a member
//	/parley/1/find     asks a member for the addresses of another one
//
// It does not know what an envelope says nor what is in a box: whoever joins a
// room says who is in it ([Inbox]) and which of them run a node ([Topic.Meet]),
// for a browser runs no libp2p. Only the relays and the members of joined rooms
// stay connected.
//
// A room's topic is parley/1/room/ and a hash of the meeting's ID and its host's
// peer ID: who knows neither can neither read nor guess in which rooms a node is.
//
// An [Overlay] listens from [New] on and does the rest while [Overlay.Run] runs.
// Its methods may be called from any goroutine.
package overlay

import "errors"

var (
	// ErrConfig says that a Config cannot be used, and why.
	ErrConfig = errors.New("overlay: wrong configuration")
	// ErrClosed is returned once the overlay or the topic has ended.
	ErrClosed = errors.New("overlay: closed")
	// ErrNoPath is returned when a member cannot be reached now.
	ErrNoPath = errors.New("overlay: no path to this member")
	// ErrNotMember is returned for who is no member of the room that runs a node.
	ErrNotMember = errors.New("overlay: no node of this room")
	// ErrRefused is returned when the other node did not take a signal.
	ErrRefused = errors.New("overlay: the other node refused")
	// ErrTooLarge is returned for what is larger than its bound.
	ErrTooLarge = errors.New("overlay: too large")
	// ErrRoom is returned by Join for a room that is joined already.
	ErrRoom = errors.New("overlay: this room is joined already")
)
