package room

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// rig is one participant's room with a clock, for tests that tell a story.
type rig struct {
	t     *testing.T
	state State
	now   int64
	out   Outcome
}

func person(id identity.PeerID, n int64) protocol.Participant {
	return protocol.Participant{
		ID: id, N: n, Session: n, Kind: protocol.KindBrowser, Role: protocol.RoleParticipant,
		Via: protocol.ViaInvitation, Presence: protocol.Presence{Name: string(id)},
	}
}

func but(p protocol.Participant, change func(*protocol.Participant)) protocol.Participant {
	change(&p)
	return p
}

func a(p *protocol.Participant)     { p.Role = protocol.RoleHost }
func node(p *protocol.Participant)  { p.Kind = protocol.KindNode }
func again(p *protocol.Participant) { p.Session += 100 }

// enter welcomes self, the first of the roster, and has every link up and
// carrying.
func enter(t *testing.T, roster ...protocol.Participant) *rig {
	t.Helper()
	r := &rig{t: t, state: New(roster[0].ID), now: 1000}
	r.do(Welcome{Self: roster[0], Roster: roster, Policy: Policy{MeshMax: 4}})
	return r
}

func (r *rig) do(events ...Event) *rig {
	r.t.Helper()
	for _, e := range events {
		r.state, r.out = Step(r.state, Input{At: r.now, Event: e})
		if r.out.Refused != "" {
			r.t.Fatalf("%T is refused: %s", e, r.out.Refused)
		}
	}
	return r
}

func (r *rig) refused(e Event, want Reason) *rig {
	r.t.Helper()
	before := Digest(r.state)
	var out Outcome
	r.state, out = Step(r.state, Input{At: r.now, Event: e})
	if out.Refused != want {
		r.t.Errorf("%T: refused %q, want %q", e, out.Refused, want)
	}
	if after := Digest(r.state); after != before {
		r.t.Errorf("%T was refused and changed the state", e)
	}
	return r
}

func (r *rig) wait(ms int64) *rig {
	r.t.Helper()
	r.now += ms
	return r.do(Clock{})
}

// up brings links up, carrying.
func (r *rig) up(refs ...Ref) *rig {
	r.t.Helper()
	for _, ref := range refs {
		r.do(LinkUp{ref}, LinkCarrying{ref})
	}
	return r
}

func (r *rig) plan(want ...string) *rig {
	r.t.Helper()
	var got []string
	for _, l := range Plan(r.state) {
		line := fmt.Sprintf("%s/%d %s", l.Peer, l.Session, l.Purpose)
		if l.Offer {
			line += " offer"
		}
		if l.Waits {
			line += " waits"
		}
		if l.Draining {
			line += " draining"
		}
		if l.Quiet {
			line += " quiet"
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Errorf("plan (-want +got)\n%s", diff)
	}
	return r
}

func (r *rig) people(want string) *rig {
	r.t.Helper()
	var got []string
	for _, p := range r.state.People() {
		mark := ""
		if !p.Confirmed {
			mark = "?"
		}
		got = append(got, string(p.ID)+mark)
	}
	if s := strings.Join(got, " "); s != want {
		r.t.Errorf("people %q, want %q", s, want)
	}
	return r
}

func mesh(peer identity.PeerID, session int64) Ref  { return Ref{peer, session, ShapeMesh} }
func sfu(peer identity.PeerID, session int64) Ref   { return Ref{peer, session, ShapeSFU} }
func serve(peer identity.PeerID, session int64) Ref { return Ref{peer, session, ShapeServe} }

func star(term, seq int64, sfu, standby identity.PeerID) protocol.Directive {
	return protocol.Directive{Term: term, Seq: seq, Topology: protocol.TopologyStar, SFU: sfu, Standby: standby, Reason: "large-room"}
}

func advert(id identity.PeerID, kbps int) Advert {
	return Advert{id, protocol.Capacity{UplinkKbps: kbps, DownlinkKbps: kbps, CoresMilli: 4000, Reachable: true, Willing: true}}
}

func (r *rig) said() []protocol.Directive {
	var said []protocol.Directive
	for _, action := range r.out.Actions {
		if s, ok := action.(Say); ok {
			said = append(said, s.Directive)
		}
	}
	return said
}
