package roomtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
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
		file := filepath.Join("..", "testdata", "traces", fmt.Sprintf("seed-%d-of-%d.json", tr.seed, tr.members))
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
}
