package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/parley-mesh/parley/node"
	"github.com/parley-mesh/parley/node/session"
)

// Guards people at home and at work: two nodes, who know of each other from the
// rendezvous alone, are directly connected where the network allows it, overlay
// and media, and else through the relay; and probe and the stay's events say
// which it is.
func TestBetweenTwoNetworks(t *testing.T) {
	t.Parallel()
	nats := func(router string) func(*testing.T) *natlab {
		return func(t *testing.T) *natlab { return newLab(t, router, router) }
	}
	for name, test := range map[string]struct {
		lab  func(*testing.T) *natlab
		want node.Probed
	}{
		"two cones": {nats(cone), node.Probed{
			NAT: "cone", Reserved: true, Peers: []node.ProbedPeer{{Path: "direct", Link: "direct"}},
		}},
		"two symmetric": {nats(symmetric), node.Probed{ // media needs TURN, or a helper
			NAT: "symmetric", Reserved: true, Peers: []node.ProbedPeer{{Path: "relayed"}},
		}},
		"one office": {newOffice, node.Probed{
			NAT: "none", Reserved: true, Reachable: true, Peers: []node.ProbedPeer{{Path: "direct", Link: "direct"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := test.lab(t)
			lab.rendezvous()
			var created struct {
				Link string `json:"invitation_link"`
			}
			lab.event(lab.in("home1", "parley-node", "create", "Weekly", "--rendezvous", lab.url(), "--json"), "created", &created)
			lab.lines(lab.in("home1", "parley-node", "join", created.Link, "--name", "A", "--json", "--no-tui"),
				func(line string) bool { return strings.Contains(line, `"event":"joined"`) })

			want := test.want.Peers[0]
			asWanted := func(p node.ProbedPeer) bool { return p.Path == want.Path && (want.Link == "" || p.Link == want.Link) }
			var found node.Probed
			for range 3 { // the first may have been too short for a busy machine
				lab.event(lab.in("home2", "parley-node", "probe", created.Link, "--for", "4s", "--json"), "probe", &found)
				if slices.ContainsFunc(found.Peers, asWanted) {
					break
				}
			}
			t.Logf("%+v", found)
			if found.NAT != test.want.NAT || found.Reachable != test.want.Reachable || found.Reserved != test.want.Reserved ||
				found.QUICProblem+found.TCPProblem != "" {
				t.Errorf("of itself: %+v", found)
			}
			if len(found.Peers) != 1 || !asWanted(found.Peers[0]) {
				t.Errorf("of the other: %+v, want %+v", found.Peers, want)
			}
			way, looks := "", 20
			lab.lines(lab.in("home2", "parley-node", "join", created.Link, "--name", "B", "--json", "--no-tui"), func(line string) bool {
				var stats struct {
					Event string
					Nodes []session.Way
				}
				if json.Unmarshal([]byte(line), &stats) != nil || stats.Event != "stats" {
					return false
				}
				for _, w := range stats.Nodes {
					way = string(w.Path)
				}
				looks--
				return way == want.Path || looks == 0
			})
			if way != want.Path {
				t.Errorf("to the other's node: %q, want %q", way, want.Path)
			}
		})
	}
}
