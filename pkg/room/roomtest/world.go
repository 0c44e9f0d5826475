package roomtest

import (
	"container/heap"
	"fmt"
	"math/rand/v2"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// Options choose a run.
type Options struct {
	Seed    uint64
	Members int         // 0 lets the seed choose
	Rules   *room.Rules // nil for the real rules of succession
	Trace   Tracer      // nil for none
	Brief   bool        // names of one letter for IDs, for traces that are kept
}

// Tracer is told every step of a run.
type Tracer interface {
	// Step tells that who, one of the participants, took an input.
	Step(who string, before room.State, in room.Input, after room.State, out room.Outcome)
	// Note tells what the world did.
	Note(at int64, text string)
}

// Result is what a run came to.
type Result struct {
	Hash     uint64 // of every step; equal runs have equal hashes
	Steps    int
	Members  int
	Failures []string // broken invariants, the first few
}

// Run simulates one world to its end, or to its first broken invariants.
func Run(o Options) Result {
	w := newWorld(o)
	w.script()
	for len(w.queue) > 0 && len(w.failures) == 0 {
		t := heap.Pop(&w.queue).(task)
		w.now = t.at
		t.run()
	}
	return Result{Hash: w.hash, Steps: w.steps, Members: len(w.clients), Failures: w.failures}
}

type world struct {
	options  Options
	rng      *rand.Rand
	now      int64
	order    int64
	queue    tasks
	clients  []*client // in order of ID, so that an index orders like an ID
	index    map[identity.PeerID]int
	rdv      rendezvous
	wires    map[wireKey]*wire
	large    bool
	ends     int64 // when the world ends
	trouble  int64 // when anything last went wrong on the network
	saidAt   int64 // when the last directive was said
	quiet    bool  // from here nothing but noise happens
	restless int   // directives said since; an estimate may pass a bound once
	counted  map[[2]int64]said
	views    map[viewKey]room.Arrangement
	hash     uint64
	steps    int
	failures []string
}

// client is one participant's end: its process, its state and its connection.
type client struct {
	w       *world
	at      int // index in the world
	id      identity.PeerID
	name    string
	kind    protocol.ParticipantKind
	role    protocol.Role
	via     protocol.Via
	n       int64 // 0 before the first welcome
	session int64
	alive   bool
	state   room.State
	plan    []room.Link        // the plan that the links were last matched to
	drains  map[room.Ref]int64 // since when which of its links drain

	connected bool  // to the rendezvous
	epoch     int64 // counts connections; older deliveries are void
	cut       int   // clients of another cut cannot be reached
	offline   bool  // the rendezvous cannot be reached
	expelled  bool  // removed from the meeting

	wakes     int64 // when the clock is to be stepped; 0 for never
	deliverAt int64 // of the latest frame under way from the rendezvous
	strength  protocol.Capacity
	leaky     int                       // of a thousand packets that it sends on, so many are lost
	reserve   bool                      // a helper that comes when it is called
	idle      int64                     // since when such a one has served nobody; 0 while it does
	missed    bool                      // its last advert told of losses
	removed   map[identity.PeerID]int64 // whom it saw removed, and their numbers
	doubts    map[identity.PeerID]int64 // since when it doubts whom
	seqs      [2]int64                  // (term, seq) in force
	follows   identity.PeerID
	hearing   bool // a word on whom it has is under way
}

type task struct {
	at, order int64
	run       func()
}

type tasks []task

func (q tasks) Len() int { return len(q) }
func (q tasks) Less(i, j int) bool {
	return q[i].at < q[j].at || (q[i].at == q[j].at && q[i].order < q[j].order)
}
func (q tasks) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *tasks) Push(x any)   { *q = append(*q, x.(task)) }
func (q *tasks) Pop() any {
	old := *q
	t := old[len(old)-1]
	*q = old[:len(old)-1]
	return t
}

func (w *world) after(wait int64, run func()) {
	at := w.now + wait
	if w.ends != 0 && at > w.ends {
		return
	}
	w.order++
	heap.Push(&w.queue, task{at, w.order, run})
}

// between draws a number from low to high.
func (w *world) between(low, high int64) int64 { return low + w.rng.Int64N(high-low+1) }

func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

func (w *world) note(format string, args ...any) {
	if w.options.Trace != nil {
		w.options.Trace.Note(w.now, fmt.Sprintf(format, args...))
	}
}

// step gives a client an event and makes its world follow.
func (c *client) step(e room.Event) room.Outcome {
	w := c.w
	if !c.alive {
		return room.Outcome{Refused: room.RefusedEnded}
	}
	before := c.state
	in := room.Input{At: w.now, Event: e}
	after, out := room.Step(before, in)
	c.state = after
	w.steps++
	w.mix(uint64(c.at), uint64(w.now), uint64(len(room.Plan(after))), uint64(len(out.Refused)),
		uint64(len(out.Notices)), uint64(after.InForce().Directive.Seq))
	if w.options.Trace != nil {
		w.options.Trace.Step(c.name, before, in, after, out)
	}
	c.check(before, e, out)
	if out.Refused == "" {
		c.match()
	}
	for _, a := range out.Actions {
		c.act(a)
	}
	c.wake()
	return out
}

// wake has the clock stepped at the state's deadline.
func (c *client) wake() {
	at := room.Deadline(c.state)
	if at == 0 || (c.wakes != 0 && c.wakes <= at && c.wakes > c.w.now) {
		return
	}
	c.wakes = at
	session := c.session
	c.w.after(at-c.w.now, func() {
		if c.wakes == at && c.session == session {
			c.wakes = 0
			c.step(room.Clock{})
		}
	})
}

func (w *world) mix(values ...uint64) {
	for _, v := range values {
		w.hash = (w.hash ^ v) * 1099511628211
	}
}

func (w *world) at(id identity.PeerID) *client {
	if i, ok := w.index[id]; ok {
		return w.clients[i]
	}
	return nil
}

func (w *world) reachable(a, b *client) bool { return a.alive && b.alive && a.cut == b.cut }
