// Package room is the room as a pure value: who is in it, who has the chair,
// what the chair has said, and which links this participant should therefore
// have.
//
// It owns the roster as this participant knows it, succession, directives and
// their order, the standby's takeover, and the plan. It does not own sockets,
// links, signatures, clocks or media: a session feeds it what happened and makes
// its plan real. Directives arrive here already verified.
//
// # Contract
//
//	state := room.New(self)
//	for {
//		input := … // a frame of the rendezvous, something a link did, the clock
//		state, outcome = room.Step(state, input)
//		for _, action := range outcome.Actions { … } // say or show a directive
//		match(links, room.Plan(state))               // open what is wanted, close what is not
//		timer.Reset(room.Deadline(state))            // then step with Clock
//	}
//
// Step is total: any input in any state gives a state, and an input that makes
// no sense is refused with a Reason and changes nothing. A State is a value: no
// step changes one that was handed out, and the same inputs give the same
// states everywhere. Time is the input's At, in milliseconds of any clock that
// does not run backwards; what does is taken for standing still.
//
// Every link in the plan is to be kept up by the session for as long as it is
// there, and to be closed when it is there no longer. The session tells when it
// comes up, carries, goes down, and whether the peer still asks for anything on
// it. A link is Draining when it is no longer wanted but its replacement does
// not carry yet, and Quiet when this side asks for nothing on it.
//
// # Succession
//
// The acting host follows from the roster alone (protocol.ActingHost), so
// nobody votes. A participant that the rendezvous lost, but that is still heard
// from, stays in the room unconfirmed; it counts in the succession for DoubtFor,
// so that a restarted rendezvous takes the chair from nobody.
//
// A directive is followed when its author has the chair by this participant's
// own roster, and it is higher by (Term, Seq) than what is in force. Another
// author needs a higher term: the term rises whenever the chair changes hands,
// and with a new session of the same chair. What comes from somebody else in
// the room is held for HoldFor, because rosters lag: it may be the next acting
// host's first word, overtaking the news that the last one left. An acting host
// who hears of a higher directive than its own says its own again under a
// higher term, because others may have followed that one.
//
// Seq is not counted from 1: it is the author's session number × SeqsPerTerm
// plus a count. So two participants that both believe to have the chair, while
// their rosters disagree, can never say different things under one (Term, Seq).
//
// web/src/room is this package in TypeScript; both replay testdata/traces.
package room
