package room

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// calls counts the calls for helpers of the last step.
func (r *rig) calls() int {
	n := 0
	for _, action := range r.out.Actions {
		if action == (CallHelper{}) {
			n++
		}
	}
	return n
}

func helper(p *protocol.Participant) { p.Kind = protocol.KindHelper }

// A room that is too large for a mesh and has nobody to carry it calls for
// helpers, again and again, but less and less often; with two of them it is
// content, with one it looks for a standby.
func TestCallHelper(t *testing.T) {
	t.Parallel()
	host, e := but(person("a", 1), a), person("e", 5)
	h, i := but(person("h", 8), helper), but(person("i", 9), helper)
	r := enter(t, host, person("b", 2), person("c", 3), person("d", 4)).wait(LearnFor).wait(60_000)
	if r.calls() != 0 || Deadline(r.state) != 0 {
		t.Fatalf("%d calls in a room that fits a mesh, next look at %d", r.calls(), Deadline(r.state))
	}
	called := func(until int64) (at []int64) {
		t.Helper()
		for start := r.now; r.now < start+until; {
			if next := Deadline(r.state); next == 0 || next > r.now+ReviewEvery {
				t.Fatalf("looks again at %d, it is %d", next, r.now)
			}
			if r.wait(500).calls() > 0 {
				at = append(at, r.now-start)
			}
		}
		return at
	}
	r.do(Joined{e})
	want := []int64{1000, 6000, 16_000, 36_000, 76_000, 136_000, 196_000}
	if diff := cmp.Diff(want, called(200_000)); diff != "" {
		t.Fatalf("called at (-want +got)\n%s", diff)
	}
	r.do(Joined{h}, advert("h", 90_000)).wait(GrowAfter)
	if got := r.state.Arranged().SFU; got != "h" {
		t.Fatalf("the helper that came is not the SFU: %q", got)
	}
	r.up(sfu("h", 8))
	if got := called(60_000); len(got) != 1 {
		t.Errorf("called for a standby at %v", got)
	}
	r.do(Joined{i}, advert("h", 90_000), advert("i", 90_000)).wait(GrowAfter).do(LinkUp{sfu("i", 9)})
	if got := r.state.Arranged(); got.Standby != "i" || slices.Contains(r.out.Actions, Action(CallHelper{})) {
		t.Fatalf("arranged %+v, then %+v", got, r.out.Actions)
	}
	if got := called(20_000); got != nil {
		t.Errorf("called at %v, with nobody missing", got)
	}
}

// Only who has the chair calls, and nobody where the host has chosen by hand.
func TestCallsNobody(t *testing.T) {
	t.Parallel()
	host, b := but(person("a", 1), a), person("b", 2)
	r := enter(t, b, host, person("c", 3), person("d", 4), person("e", 5)).wait(LearnFor)
	for range 10 {
		if r.wait(1000).calls() != 0 {
			t.Fatal("a participant calls for helpers")
		}
	}
	r.do(Left{"a", protocol.LeftLeft}, Joined{person("f", 6)})
	if r.wait(GrowAfter).calls() != 1 {
		t.Error("whoever comes into the chair does not call")
	}
	r.do(Choose{Topology: "mesh"})
	for range 100 {
		if r.wait(1000).calls() != 0 {
			t.Fatal("the host wants a mesh, and helpers are called")
		}
	}
}
