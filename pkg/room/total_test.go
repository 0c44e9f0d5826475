package room

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Anything that could be put in, sound or not, drawn from so few names that
// what one event makes the next one meets.
var (
	anyID     = rapid.SampledFrom([]identity.PeerID{"a", "b", "c", "d", "e", "f", ""})
	anyNumber = rapid.SampledFrom([]int64{1, 2, 3, 4, 5, 1024, 2048, 0, -1, protocol.MaxInt, protocol.MaxInt + 1})
	anyMillis = rapid.SampledFrom([]int{0, 20, 600_000, 600_001, -5})
	anyShape  = rapid.SampledFrom([]Shape{ShapeMesh, ShapeSFU, ShapeServe, "ring"})
	anyWhy    = rapid.SampledFrom([]protocol.LeftWhy{"left", "lost", "removed", "denied", "ended", "bored"})
	anyPolicy = rapid.SampledFrom([]Policy{{2}, {4}, {8}, {0}, {99}})
	anyRef    = rapid.Custom(func(t *rapid.T) Ref {
		return Ref{anyID.Draw(t, "peer"), anyNumber.Draw(t, "session"), anyShape.Draw(t, "shape")}
	})
	anyBool    = rapid.Bool()
	anyPersons = rapid.SliceOfN(rapid.Custom(drawPerson), 0, 6)
)

func drawPerson(t *rapid.T) protocol.Participant {
	n := anyNumber.Draw(t, "n")
	return protocol.Participant{
		ID: anyID.Draw(t, "id"), N: n, Session: rapid.SampledFrom([]int64{n, 7, 0}).Draw(t, "session"),
		Kind: rapid.SampledFrom([]protocol.ParticipantKind{"browser", "node", "helper", "node", "cat"}).Draw(t, "kind"),
		Role: rapid.SampledFrom([]protocol.Role{"host", "co-host", "participant", "participant", "king"}).Draw(t, "role"),
		Via:  rapid.SampledFrom([]protocol.Via{"invitation", "password", "window"}).Draw(t, "via"),
	}
}

func drawDirective(t *rapid.T) protocol.Directive {
	return protocol.Directive{
		Term: anyNumber.Draw(t, "term"), Seq: anyNumber.Draw(t, "seq"),
		Topology: rapid.SampledFrom([]protocol.Topology{"mesh", "star", "star", "tree", "pile"}).Draw(t, "topology"),
		SFU:      anyID.Draw(t, "sfu"), Standby: anyID.Draw(t, "standby"), Manual: anyBool.Draw(t, "manual"), Reason: "x",
	}
}

func drawEvent(t *rapid.T) Event {
	switch rapid.IntRange(0, 17).Draw(t, "event") {
	case 0:
		return Welcome{drawPerson(t), anyPersons.Draw(t, "roster"), anyPolicy.Draw(t, "policy"), anyBool.Draw(t, "resumed"), anyBool.Draw(t, "waiting")}
	case 1:
		self := protocol.Participant{ID: "a", N: 1, Session: 1, Kind: "node", Role: "participant", Via: "invitation"}
		return Welcome{self, append(anyPersons.Draw(t, "roster"), self), Policy{4}, false, false}
	case 2, 3, 4:
		return Joined{drawPerson(t)}
	case 5:
		return Left{anyID.Draw(t, "id"), anyWhy.Draw(t, "why")}
	case 6:
		return Updated{drawPerson(t)}
	case 7:
		return PolicyChanged{anyPolicy.Draw(t, "policy")}
	case 8, 9:
		return Said{anyID.Draw(t, "from"), drawDirective(t)}
	case 10:
		m := anyMillis.Draw(t, "figure")
		return Advert{anyID.Draw(t, "from"), protocol.Capacity{
			UplinkKbps: m, DownlinkKbps: 9000, CoresMilli: 4000, Willing: anyBool.Draw(t, "willing"),
			RTTs: []protocol.RTT{{To: anyID.Draw(t, "to"), Millis: m}}, LossMille: rapid.SampledFrom([]int{0, 99, 100, 1000, 1001, -1}).Draw(t, "loss"),
		}}
	case 11:
		return LinkUp{anyRef.Draw(t, "link")}
	case 12:
		return LinkCarrying{anyRef.Draw(t, "link")}
	case 13:
		return LinkDown{anyRef.Draw(t, "link")}
	case 14:
		return LinkAsked{anyRef.Draw(t, "link"), anyBool.Draw(t, "asked")}
	case 15:
		return Heard{anyID.Draw(t, "via"), rapid.SliceOfN(anyID, 0, 4).Draw(t, "peers")}
	case 16:
		return Choose{rapid.SampledFrom([]elect.Topology{"", "mesh", "star", "tree"}).Draw(t, "topology"), anyID.Draw(t, "sfu"), anyID.Draw(t, "standby")}
	default:
		return Clock{}
	}
}

// TestStepIsTotal guards that nothing that arrives can panic a client, change a
// state that was handed out, or leave one that contradicts itself.
func TestStepIsTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := New("a")
		now := int64(1)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.SampledFrom([]int64{0, 1, 400, 5000, 31_000, -10}).Draw(t, "wait")
			before := Digest(state)
			next, out := Step(state, Input{At: now, Event: drawEvent(t)})
			if Digest(state) != before {
				t.Fatal("a state that was handed out has changed")
			}
			if out.Refused != "" && Digest(next) != before {
				t.Fatalf("refused as %s, and changed", out.Refused)
			}
			if d := Deadline(next); d != 0 && d <= next.now {
				t.Fatalf("a deadline of %d at %d", d, next.now)
			}
			consistent(t, next)
			state = next
		}
	})
}

func consistent(t *rapid.T, s State) {
	if s.phase == inside && !s.Has("a") {
		t.Fatal("not in a room of one's own")
	}
	if s.chair != "" && !s.Has(s.chair) {
		t.Fatalf("the chair is %s's, who is not here", s.chair)
	}
	wanted := map[identity.PeerID]int{}
	for i, l := range Plan(s) {
		if !s.Has(l.Peer) || l.Peer == "a" {
			t.Fatalf("a link with %q", l.Peer)
		}
		if i > 0 && Plan(s)[i-1].Ref == l.Ref {
			t.Fatalf("two links %+v", l.Ref)
		}
		if !l.Draining {
			wanted[l.Peer]++
		}
	}
	for id, n := range wanted {
		if n > 1 {
			t.Fatalf("%d links wanted with %s", n, id)
		}
	}
	if len(s.held) > MaxHeld || len(s.removed) > MaxRemoved {
		t.Fatal("keeps too much")
	}
}
