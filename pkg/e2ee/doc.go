// Package e2ee owns end-to-end encryption between the sessions of a meeting:
// whom a client takes notice of, what two sessions or all of them say to each
// other under which key, and how media frames and chat are sealed. SECURITY.md,
// beside this file, is the protocol byte by byte, what it protects and what it
// does not.
//
// It does not own sockets, rosters, links, or who has the chair, nor the frame
// format of media (package sframe) and the messages in a box (package
// protocol). web/src/e2ee is this package in TypeScript; both replay
// testdata/vectors.
//
// # Contract
//
// A [Doorkeeper] judges each entry of the rendezvous' roster before anything
// else hears of it and gives the [Session] of whoever is accepted. A [Mailbox]
// seals to such sessions and opens what they sealed. A [Ring] holds epochs and
// says which is in use; with it a [MediaSealer], a [MediaOpener] and chat work.
//
// Doorkeeper, Mailbox and Ring belong to one goroutine. MediaSealer and
// MediaOpener may be used from any; a [Stream] from one.
//
// The package is pure: times (milliseconds since 1970) and seeds are arguments.
// The one exception is that encapsulating to a session's key draws its
// randomness inside crypto/hpke, which takes none from outside.
//
// Nothing that comes from outside makes it panic, everything that is kept is
// bounded, errors never repeat their input, and keys print as placeholders.
package e2ee
