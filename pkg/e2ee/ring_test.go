package e2ee

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/protocol"
)

type ringVectors struct {
	Grants  map[string]protocol.Grant `json:"grants"`
	Strange identity.PeerID           `json:"stranger"` // who was never a member
	Stays   []ringVector              `json:"stays"`
}

type ringVector struct {
	Says  string     `json:"says"`
	Steps []ringStep `json:"steps"`
}

// ringStep is one of take and chair, or time alone, and what follows. Times are
// milliseconds after the start, 1700000000000; epochs are named.
type ringStep struct {
	At    int64  `json:"at"`
	Take  string `json:"take,omitempty"`
	Fault string `json:"fault,omitempty"`
	Chair string `json:"chair,omitempty"` // of people.json; "nobody" for nobody

	InUse    string   `json:"in_use,omitempty"`
	Newest   string   `json:"newest,omitempty"`
	Held     []string `json:"held"`               // in the order in which they came
	Deadline int64    `json:"deadline,omitempty"` // 0 for never
}

// ringGrants are epochs by Ada and Ben. The number is in the name.
func ringGrants(people map[string]person) map[string]protocol.Grant {
	grants := make(map[string]protocol.Grant)
	for i, e := range []struct {
		name, by string
		number   int64
	}{
		{"ada 100", "ada", 100},
		{"ada 200", "ada", 200},
		{"ada 300", "ada", 300},
		{"ben 150", "ben", 150},
		{"ben 250", "ben", 250},
		{"ben 200", "ben", 200},
		{"ben 120", "ben", 120},
		{"cleo 900", "cleo", 900},
		{"dan 1", "dan", 1},
		{"ada far", "ada", protocol.MaxInt - start},
	} {
		grants[e.name] = newEpoch(theMeeting, start+e.number, seed(byte(60+i)), people[e.by].who, start, int64(i+1), meeting.EntryAny).Grant()
	}
	return grants
}

var ringStays = []struct {
	says  string
	steps []ringStep
}{
	{"the first is used at once, the next 250 ms after it came", []ringStep{
		{At: 0, Chair: "ada"},
		{At: 10, Take: "ada 100"},
		{At: 20, Take: "ada 200"},
		{At: 269},
		{At: 270},
		{At: 10269},
		{At: 10270},
		{At: 10280, Take: "ada 100", Fault: "no-epoch"},
	}},
	{"whoever had the chair before", []ringStep{
		{At: 0, Chair: "ada"},
		{At: 0, Take: "ben 250"},
		{At: 10, Take: "ada 100"},
		{At: 260},
		{At: 270, Take: "ada 100"},
	}},
	{"handover", []ringStep{
		{At: 0, Chair: "ada"},
		{At: 0, Take: "ada 100"},
		{At: 1000, Chair: "ben"},
		{At: 1100, Take: "ben 150"},
		{At: 1349},
		{At: 1350},
		{At: 11349},
		{At: 11350},
	}},
	{"two in the chair at once, and then one", []ringStep{
		{At: 0, Take: "ada 200"},
		{At: 5, Take: "ben 250"},
		{At: 100, Chair: "ada"},
		{At: 300},
		{At: 400, Chair: "ben"},
		{At: 700},
		{At: 800, Chair: "nobody"},
	}},
	{"one number, two epochs: the greater digest", []ringStep{
		{At: 0, Take: "ben 200"},
		{At: 1, Take: "ada 200"},
		{At: 300},
	}},
	{"one number, two epochs, the other way round", []ringStep{
		{At: 0, Take: "ada 200"},
		{At: 1, Take: "ben 200"},
		{At: 300},
	}},
	{"no longer the next before it was used", []ringStep{
		{At: 0, Chair: "ada"},
		{At: 0, Take: "ada 100"},
		{At: 10, Take: "ada 200"},
		{At: 20, Take: "ada 300"},
		{At: 260},
		{At: 270},
		{At: 10019},
		{At: 10020},
	}},
	{"by a stranger", []ringStep{{At: 0, Take: "dan 1", Fault: "no-epoch"}}},
	{"a number ahead of every clock", []ringStep{
		{At: 0, Take: "ada far"},
		{At: 10, Chair: "ben"},
		{At: 20, Take: "ben 250"},
		{At: 270},
	}},
	{"more than eight are not held", []ringStep{
		{At: 0, Take: "ada 100"},
		{At: 1, Take: "ben 150"},
		{At: 2, Take: "ada 200"},
		{At: 3, Take: "ben 200"},
		{At: 4, Take: "ben 250"},
		{At: 5, Take: "ada 300"},
		{At: 6, Take: "cleo 900"},
		{At: 7, Take: "ada far"},
		{At: 8, Take: "ben 120"},
	}},
}

// run plays steps in a new ring, and fills in what follows.
func (s *ringStep) play(t testing.TB, r *Ring, people map[string]person, grants map[string]protocol.Grant) ringStep {
	t.Helper()
	names := make(map[string]string)
	for name, g := range grants {
		names[g.Key] = name
	}
	name := func(e *Epoch) string {
		if e == nil {
			return ""
		}
		return names[e.Grant().Key]
	}
	out := *s
	now := start + s.At
	switch {
	case s.Take != "":
		_, err := r.Take(now, grants[s.Take], func(id identity.PeerID, _ int64) bool { return id != people["dan"].id() })
		out.Fault = fault(err)
	case s.Chair == "nobody":
		r.SetChair(now, "")
	case s.Chair != "":
		r.SetChair(now, people[s.Chair].id())
	}
	out.InUse, out.Newest, out.Held = name(r.InUse(now)), name(r.Newest()), []string{}
	for _, e := range r.Held() {
		out.Held = append(out.Held, name(e))
	}
	if out.Deadline = r.Deadline(); out.Deadline != 0 {
		out.Deadline -= start
	}
	return out
}

// Guards who seals with what and when, in both languages: the vectors are what
// this code does, and were read over.
func TestRingVectors(t *testing.T) {
	t.Parallel()
	people := named(t)
	make := func() ringVectors {
		v := ringVectors{Grants: ringGrants(people), Strange: people["dan"].id()}
		for _, stay := range ringStays {
			r := NewRing(theMeeting)
			played := ringVector{Says: stay.says}
			for _, s := range stay.steps {
				out := s.play(t, r, people, v.Grants)
				if out.Fault != s.Fault {
					t.Errorf("%s, at %d: %q", stay.says, s.At, out.Fault)
				}
				played.Steps = append(played.Steps, out)
			}
			v.Stays = append(v.Stays, played)
		}
		return v
	}
	same(t, vectors(t, "ring.json", make), make())
}

// Guards who begins an epoch, and when.
func TestRingBegins(t *testing.T) {
	t.Parallel()
	ada, ben, _ := room(t)
	r := NewRing(theMeeting)
	r.SetChair(start, ada.id())
	if !r.Due(start, ada.id()) || r.InUse(start) != nil {
		t.Fatal("who has the chair and no epoch must begin one")
	}
	one := r.Begin(start, seed(50), ada.who, start, 1, meeting.EntryAny)
	if r.InUse(start) != one || one.Number != start || r.Due(start+EpochFor-1, ada.id()) || !r.Due(start+EpochFor, ada.id()) {
		t.Error("the first is used at once, numbered by the clock, and lasts a quarter of an hour")
	}
	// A clock that stands still, or runs behind the one of who had the chair.
	two := r.Begin(start, seed(51), ada.who, start, 2, meeting.EntryInvitation)
	if two.Number != start+1 {
		t.Errorf("number %d", two.Number)
	}
	if current := r.Current(start + 10); len(current) != 2 || current[0] != one || current[1] != two {
		t.Error("a newcomer gets what is in use and what will be")
	}
	r.SetChair(start+1000, ben.id())
	if r.InUse(start+1000) != two || !r.Due(start+1000, ben.id()) {
		t.Error("who takes the chair begins one of their own; until then the old one is in use")
	}
	three := r.Begin(start-5000, seed(52), ben.who, start, 1, meeting.EntryAny)
	if three.Number != start+2 {
		t.Errorf("number %d", three.Number)
	}
	// Ben reloads: nothing is left of his ring, and he has the chair again.
	again := NewRing(theMeeting)
	again.SetChair(start+2000, ben.id())
	if _, err := again.Take(start+2000, three.Grant(), anybody); err != nil {
		t.Fatal(err)
	}
	if again.InUse(start+2000).ID != three.ID || again.Due(start+2000, ben.id()) {
		t.Error("an epoch that others handed back is as good as before")
	}
	four := again.Begin(start+2001, seed(53), ben.who, start+2000, 1, meeting.EntryAny)
	if four.Number <= three.Number {
		t.Errorf("number %d", four.Number)
	}
}

// Guards erasure: the key's bytes are gone, and nothing can be had of it again.
func TestRingErases(t *testing.T) {
	t.Parallel()
	ada, _, _ := room(t)
	r, one := ringOf(ada, 50)
	grant := one.Grant()
	r.SetChair(start, ada.id())
	r.Begin(start+1000, seed(51), ada.who, start, 2, meeting.EntryAny)
	r.Tick(start + 1250)
	if at := r.Deadline(); at != start+1250+10_000 {
		t.Errorf("deadline %d", at-start)
	}
	r.Tick(start + 11_249)
	if one.Erased() || r.Find(one.ID) == nil {
		t.Error("erased too early")
	}
	r.Tick(start + 11_250)
	if !one.Erased() || one.key != [32]byte{} || r.Find(one.ID) != nil || len(r.Held()) != 1 || r.Deadline() != 0 {
		t.Error("not erased")
	}
	if _, err := one.derive(chatContext); err != ErrNoEpoch {
		t.Errorf("derived: %v", err)
	}
	if _, err := r.Take(start+12_000, grant, anybody); err != ErrNoEpoch {
		t.Errorf("taken again: %v", err)
	}
}

// Guards rooms that fall apart: the same grants, in whatever order and however
// far apart, end in the same epoch.
func TestRingConverges(t *testing.T) {
	t.Parallel()
	people := named(t)
	grants := ringGrants(people)
	delete(grants, "ada far")
	var all []protocol.Grant
	for _, name := range []string{"ada 100", "ada 200", "ada 300", "ben 150", "ben 250", "ben 200", "cleo 900", "dan 1"} {
		all = append(all, grants[name])
	}
	rapid.Check(t, func(t *rapid.T) {
		some := all[:rapid.IntRange(1, len(all)).Draw(t, "count")]
		chair := rapid.SampledFrom([]string{"ada", "ben", "cleo", "dan", "ben again"}).Draw(t, "chair")
		var ends [2]*Epoch
		for i := range ends {
			r, now := NewRing(theMeeting), start
			order := rapid.Permutation(some).Draw(t, "order")
			chairAt := rapid.IntRange(0, len(some)).Draw(t, "chair at")
			for j, g := range order {
				if j == chairAt {
					r.SetChair(now, people[chair].id())
				}
				// Less than what erases one in between.
				now += rapid.Int64Range(0, lingerFor/int64(len(all))-1).Draw(t, "wait")
				if _, err := r.Take(now, g, anybody); err != nil && !errors.Is(err, ErrNoEpoch) {
					t.Fatal(err)
				}
			}
			r.SetChair(now, people[chair].id())
			ends[i] = r.InUse(now + settleFor)
		}
		if ends[0].ID != ends[1].ID {
			t.Fatalf("%d by %s, and %d by %s", ends[0].Number-start, ends[0].By, ends[1].Number-start, ends[1].By)
		}
	})
}
