package room

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// State is everything that one participant knows of its room. It is a value:
// Step returns another and never changes one. Make the first with New.
type State struct {
	rules *Rules
	step  int64 // counts steps; marks what the step under way may change in place
	now   int64
	phase phase

	self      identity.PeerID
	session   int64
	meshMax   int
	enteredAt int64
	untold    bool // entered a room too large for a mesh, and may still be told what is in force

	members []*member // sorted by ID, self included
	removed []removed // sorted by ID
	heard   []heard   // what SFU and standby said of whom they have

	chair  identity.PeerID
	tenure tenure // of self in the chair

	force Force // By is "" before the first directive
	top   int64 // highest term heard of
	held  []Force
	wish  wish

	arranged  Arrangement
	sfuAt     int64 // when topology or SFU last changed
	lossSince int64 // since when the SFU's receivers miss too much; 0 when they do not
	call      call
	takenOver bool
	showAt    int64 // when to show again what is in force; 0 while nothing is
	shows     int64 // how often it was time to

	drains    int   // how many links are draining
	doubtNext int64 // when to look at who is in doubt; 0 while nobody is
	plan      []Link
}

type phase string

const (
	outside phase = "outside"
	waiting phase = "waiting"
	inside  phase = "inside"
	ended   phase = "ended"
)

// Rules are those rules of the room that a test can take out, to show what
// breaks without one of them. New uses TheRules.
type Rules struct {
	// ActingHost is the succession.
	ActingHost func(roster []protocol.Participant) identity.PeerID
	// NextTerm follows the highest term heard of.
	NextTerm func(highest int64) int64
	// Overloaded judges an SFU by what the median of its receivers misses of a
	// thousand packets.
	Overloaded func(lossMille int) bool
	// Short tells whether the room lacks somebody to serve: by what the election
	// comes to, and what the SFU is that it chose.
	Short func(choice elect.Choice, sfu protocol.ParticipantKind) bool
}

// TheRules returns the rules that hold.
func TheRules() Rules {
	return Rules{
		ActingHost: protocol.ActingHost,
		NextTerm:   func(highest int64) int64 { return highest + 1 },
		Overloaded: func(lossMille int) bool { return lossMille >= 100 },
		Short: func(choice elect.Choice, sfu protocol.ParticipantKind) bool {
			return choice.Reason == elect.ReasonNoCandidate || (sfu == protocol.KindHelper && choice.Standby == "")
		},
	}
}

// member is one participant. Members are shared between states; draft.edit
// returns a copy.
type member struct {
	protocol.Participant
	step     int64
	doubted  int64 // since when it is unconfirmed; 0 when it is in the roster
	missing  bool  // doubted because a fresh roster lacks it
	capacity protocol.Capacity
	advertAt int64 // when the capacity came; 0 for never
	rtt      int64 // median of the advert's round trips to members
	lostAt   int64 // when it was found lost as SFU or standby; 0 for never
	unmet    int64 // how often in a row without ever having been up
	overAt   int64 // when it was last found overloaded as SFU; 0 for never
	overs    int64 // how often it was
	links    []link
}

// removed is somebody who was sent away; who comes in anew has a higher number.
type removed struct {
	id identity.PeerID
	n  int64
}

// Force is a directive and who said it.
type Force struct {
	By        identity.PeerID
	Directive protocol.Directive
	at        int64 // when it came
}

// tenure is self's time in the chair.
type tenure struct {
	term, seq int64 // last said; term 0 before the first
	repeatAt  int64 // when to say again what is in force; 0 for not
	repeats   int64
}

// wish is what the election would change, and since when.
type wish struct {
	choice elect.Choice
	since  int64 // 0 for no wish
}

// New returns the state of a participant that has not been welcomed yet.
func New(self identity.PeerID) State {
	rules := TheRules()
	return NewWithRules(self, &rules)
}

// NewWithRules is New under other rules, for tests of the rules.
func NewWithRules(self identity.PeerID, rules *Rules) State {
	return State{rules: rules, self: self, phase: outside, meshMax: 4, arranged: Arrangement{Topology: elect.Mesh}}
}

// Self returns whose state it is.
func (s State) Self() identity.PeerID { return s.self }

// Inside tells whether this participant is in the room.
func (s State) Inside() bool { return s.phase == inside }

// Person is one participant of the room as this one knows it.
type Person struct {
	protocol.Participant
	Confirmed bool // in the rendezvous' roster
}

// People returns everybody in the room, self included, in order of join number.
func (s State) People() []Person {
	people := make([]Person, len(s.members))
	for i, m := range s.members {
		people[i] = Person{m.Participant, m.doubted == 0}
	}
	slices.SortFunc(people, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.N, b.N), strings.Compare(string(a.ID), string(b.ID)))
	})
	return people
}

// All returns everybody in the room in the order of IDs, without the cost of
// People.
func (s State) All() iter.Seq[Person] {
	return func(yield func(Person) bool) {
		for _, m := range s.members {
			if !yield(Person{m.Participant, m.doubted == 0}) {
				return
			}
		}
	}
}

// Person returns one participant, without looking at every other.
func (s State) Person(id identity.PeerID) (Person, bool) {
	m := s.member(id)
	if m == nil {
		return Person{}, false
	}
	return Person{m.Participant, m.doubted == 0}, true
}

// Has tells whether somebody is in the room.
func (s State) Has(id identity.PeerID) bool { return s.member(id) != nil }

// Router returns who sends everybody's sources to self now: the SFU, the
// standby that has taken over, self when it is that, or "" in a mesh.
func (s State) Router() identity.PeerID { return s.router() }

// ActingHost returns who has the chair, or "" when nobody can.
func (s State) ActingHost() identity.PeerID { return s.chair }

// InForce returns the directive in force; By is "" before the first one.
func (s State) InForce() Force { return s.force }

// Arranged returns the topology that the plan follows.
func (s State) Arranged() Arrangement { return s.arranged }

// TakenOver tells whether this participant has moved to the standby.
func (s State) TakenOver() bool { return s.takenOver }

// find returns the index of a member, or -1.
func (s *State) find(id identity.PeerID) int {
	if i := s.place(id); i < len(s.members) && s.members[i].ID == id {
		return i
	}
	return -1
}

// place returns where a member is, or would be.
func (s *State) place(id identity.PeerID) int {
	low, high := 0, len(s.members)
	for low < high {
		middle := (low + high) / 2
		if s.members[middle].ID < id {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

func (s *State) member(id identity.PeerID) *member {
	if i := s.find(id); i >= 0 {
		return s.members[i]
	}
	return nil
}

func sorted(ids []identity.PeerID) []identity.PeerID {
	out := slices.Clone(ids)
	if !slices.IsSorted(out) {
		slices.Sort(out)
	}
	return out
}
