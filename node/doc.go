// Package node is a native participant, put together: the rendezvous' client,
// the links' transport, the overlay, the session, what is published and what is
// recorded. [New] makes one that joins a meeting, [NewHelper] one that lends its
// line to meetings that call for it.
//
// It owns the order in which the parts begin and end, and what goes between
// them. Everything that has rules of its own is a part's.
//
// # The end of a stay
//
// A node leaves when [Node.Leave] is called or the context of [Node.Run] ends:
// the others are told, the recording's files are ended, the sockets closed, all
// of it within [EndWithin].
package node
