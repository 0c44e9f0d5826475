package roomtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

var update = flag.Bool("update", false, "write the traces anew")

const traceSteps = 110

// traces are runs that between them have every event but garbage, as seen by
// one participant each.
var traces = []struct {
	seed    uint64
	members int
	who     string
}{
	{17, 5, "host/node!"},
	{11, 7, "host/node"},
	{44, 5, "reserve5"},
	{18, 6, "host/node"},
	{25, 6, "p2/node"},
	{60, 6, "host"},
	{90, 7, "p1"},
	{35, 6, "host"}, // who has nobody to learn from
}

// TestTraces guards the traces that TypeScript replays against going stale.
func TestTraces(t *testing.T) {
	for _, tr := range traces {
		r := &Recorder{Who: tr.who, Limit: traceSteps}
		Run(Options{Seed: tr.seed, Members: tr.members, Trace: r, Brief: true})
		compare(t, fmt.Sprintf("seed-%d-of-%d.json", tr.seed, tr.members), r)
	}
	compare(t, "unmet.json", unmet())
}

func compare(t *testing.T, name string, r *Recorder) {
	t.Helper()
	file := filepath.Join("..", "testdata", "traces", name)
	if *update {
		if err := os.WriteFile(file, r.JSON(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(r.JSON()) {
		t.Errorf("%s is not what the room does now: go test ./pkg/room/roomtest -run Traces -update", file)
	}
}

// unmet is a host's run in a room whose only node is never reached, until it is:
// on the simulator's network everybody is reached soon.
func unmet() *Recorder {
	r := &Recorder{Who: "a", Limit: 300}
	state := room.New("a")
	do := func(at int64, e room.Event) {
		in := room.Input{At: at, Event: e}
		after, out := room.Step(state, in)
		r.Step("a", state, in, after, out)
		state = after
	}
	var roster []protocol.Participant
	for n, id := range []identity.PeerID{"a", "b", "c", "d", "e", "n"} {
		p := protocol.Participant{ID: id, N: int64(n + 1), Session: int64(n + 1), Kind: protocol.KindBrowser, Role: protocol.RoleParticipant, Via: protocol.ViaInvitation}
		switch id {
		case "a":
			p.Role = protocol.RoleHost
		case "n":
			p.Kind = protocol.KindNode
		}
		roster = append(roster, p)
	}
	do(1000, room.Welcome{Self: roster[0], Roster: roster, Policy: room.Policy{MeshMax: 4}})
	node := room.Ref{Peer: "n", Session: 6, Shape: room.ShapeSFU}
	for at := int64(2000); at < 225_000; at += 1000 {
		if at == 131_000 { // the fourth star
			do(at, room.LinkUp{Link: node})
		}
		if at == 135_000 {
			do(at, room.LinkDown{Link: node})
		}
		if at%20_000 == 2000 {
			do(at, room.Advert{From: "n", Capacity: protocol.Capacity{UplinkKbps: 90_000, DownlinkKbps: 90_000, CoresMilli: 4000, Reachable: true, Willing: true}})
		}
		do(at, room.Clock{})
	}
	return r
}
