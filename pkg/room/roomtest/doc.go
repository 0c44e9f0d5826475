// Package roomtest simulates rooms: many participants, each with a room.State
// of its own, a rendezvous that orders, resumes, crashes and comes back, links
// that open, break and stall, and directives that arrive late, twice, in
// another order or only by another way. Some members lose packets that they send
// on, and some rooms have helpers in reserve that come when they are called. One seed decides everything, so a run
// that breaks an invariant is replayed by its number.
//
// It owns that world and the invariants. What is checked, most of it after
// every step, stands in checks.go. A world begins with a time of trouble, then
// everything heals, and from there the clock runs against the bounds: media
// between everybody, then silence.
//
//	go test ./pkg/room/roomtest                       ten thousand seeds
//	go test ./pkg/room/roomtest -run Inv -seeds N     more, or fewer (-from the first)
//	go test ./pkg/room/roomtest -run Inv -seed N -v   one of them, told step by step
//	go test ./pkg/room/roomtest -run Traces -update   the traces that TypeScript replays
//
// TestMutations takes each rule of room.Rules out in turn, and the simulator must
// notice. A new rule belongs there too.
package roomtest
