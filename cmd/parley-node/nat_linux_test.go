package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/node"
)

// Guards people at home: two nodes behind real NATs, who know of each other from
// the rendezvous alone, are directly connected where NATs allow it, overlay and
// media, and else through the relay; and probe says which it is.
func TestBehindNATs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		router, nat, path, link string
	}{
		"cone":      {cone, "cone", "direct", "direct"},
		"symmetric": {symmetric, "symmetric", "relayed", ""}, // media needs TURN, or a helper
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := newLab(t, test.router, test.router)
			lab.rendezvous()
			var created struct {
				Link string `json:"invitation_link"`
			}
			lab.event(lab.in("home1", "parley-node", "create", "Weekly", "--rendezvous", lab.url, "--json"), "created", &created)
			lab.lines(lab.in("home1", "parley-node", "join", created.Link, "--name", "A", "--json", "--no-tui"),
				func(line string) bool { return strings.Contains(line, `"event":"joined"`) })

			var found node.Probed
			for range 3 { // the first may have been too short for a busy machine
				lab.event(lab.in("home2", "parley-node", "probe", created.Link, "--for", "4s", "--json"), "probe", &found)
				if slices.ContainsFunc(found.Peers, func(p node.ProbedPeer) bool { return p.Path == test.path }) {
					break
				}
			}
			if found.NAT != test.nat || found.Reachable || !found.Reserved || found.QUICProblem+found.TCPProblem != "" {
				t.Errorf("of itself: %+v", found)
			}
			if len(found.Peers) != 1 || found.Peers[0].Path != test.path || test.link != "" && found.Peers[0].Link != test.link {
				t.Errorf("of the other: %+v, want %s", found.Peers, test.path)
			}
		})
	}
}
