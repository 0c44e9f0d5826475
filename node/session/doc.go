// Package session is one participant's stay in one room: the loop that owns the
// meeting's state and makes the room's plan real.
//
// It owns the order of things. One goroutine takes what the rendezvous, the
// links, the overlay and the program say, one at a time; feeds the room's core
// (pkg/room); opens and closes links until they are what the core plans; signs
// and checks the envelopes that travel between participants; and tells its owner
// what happened, as events and as a snapshot. It also joins links to the router:
// what a link receives becomes a router's source, what the router sends goes out
// on a link. It does not own sockets (node/link, node/overlay), forwarding
// (node/router), files (node/media, node/record) or the choice of an SFU
// (pkg/elect), or cryptography (pkg/e2ee): it holds the keys and says when.
//
// # Secrecy
//
// Three things stand between the outside and the loop's state. The door: what
// the rendezvous says of somebody reaches the room's core only when the
// doorkeeper accepts it, and as this client takes it. Boxes: whatever goes
// through somebody else's hands is sealed to one session, or to everybody under
// the epoch, and opens for nobody else. Epochs: the acting host begins them, the
// others hand them on, and chat and media are sealed under the one in use. A
// helper's session has a door and boxes, and never an epoch.
//
// # Contract
//
//	s, err := session.New(cfg)
//	go func() { for e := range s.Events() { … } }()
//	err = s.Run(ctx) // nil after Leave; else ctx's error, *client.Ended or *client.Refused
//
// Everything but media passes through the loop. Packets do not: a link's reading
// goroutine hands them to the router and the router to the other links, with no
// queue of the session's between them.
//
// web/src/session is this package's twin: on every path that both take, what one
// sends the other understands, and the order is the same.
package session
