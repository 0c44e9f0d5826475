// Package relay is the rendezvous' part in the nodes' own network: the libp2p
// host that introduces two nodes which cannot reach each other, so that they
// punch holes through their NATs, and passes their bytes on where that fails.
//
// It owns one host with a key of its own, and on it
//
//   - the circuit relay (libp2p circuit v2). It names no limits to those who use
//     it, because GossipSub says nothing over a limited connection, and keeps
//     [Quotas] of its own instead. Bytes are passed only between two identities
//     that are in one room.
//   - /parley/1/reach, which tells a node whether it can be called by somebody
//     whom it did not call.
//   - STUN binding (RFC 8489, with OTHER-ADDRESS of RFC 5780) on the UDP port of
//     QUIC and on a second one, by which a node learns what kind of NAT it is
//     behind.
//
// It does not know what passes through it: circuits are encrypted end to end.
// It does not know rooms either; whoever assembles it says who shares one.
package relay

import "errors"

var (
	// ErrConfig says that a Config cannot be used, and why.
	ErrConfig = errors.New("relay: wrong configuration")
	// ErrListen says that the address cannot be had.
	ErrListen = errors.New("relay: cannot listen")
)
