package room

import (
	"testing"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := person("b", 2)
	r := enter(t, b, person("a", 1)).up(mesh("a", 1))
	for _, c := range []struct {
		event Event
		want  Reason
	}{
		{nil, RefusedUnknown},
		{Welcome{Self: person("x", 1), Policy: Policy{4}}, RefusedNotSelf},
		{Welcome{Self: but(b, again), Policy: Policy{4}}, RefusedNotSelf},
		{Welcome{Self: b, Roster: []protocol.Participant{person("a", 1)}, Policy: Policy{4}}, RefusedMalformed},
		{Welcome{Self: b, Roster: []protocol.Participant{b, b}, Policy: Policy{4}}, RefusedMalformed},
		{Welcome{Self: b, Roster: []protocol.Participant{b}, Policy: Policy{9}}, RefusedMalformed},
		{Welcome{Self: b, Waiting: true, Policy: Policy{4}}, RefusedNotSelf},
		{Joined{person("a", 1)}, RefusedKnown},
		{Joined{person("", 1)}, RefusedMalformed},
		{Joined{person("x", 0)}, RefusedMalformed},
		{Updated{person("a", 1)}, RefusedKnown},
		{Updated{person("x", 7)}, RefusedStranger},
		{Updated{but(b, again)}, RefusedNotSelf},
		{Left{"b", protocol.LeftRemoved}, RefusedSelf},
		{Left{"x", protocol.LeftLeft}, RefusedStranger},
		{PolicyChanged{Policy{1}}, RefusedMalformed},
		{LinkUp{mesh("a", 1)}, RefusedKnown},
		{LinkUp{mesh("a", 2)}, RefusedNotWanted},
		{LinkUp{sfu("a", 1)}, RefusedNotWanted},
		{LinkUp{serve("x", 1)}, RefusedStranger},
		{LinkCarrying{mesh("a", 1)}, RefusedKnown},
		{LinkAsked{mesh("a", 1), true}, RefusedKnown},
		{LinkMeasured{mesh("a", 1), -1}, RefusedMalformed},
		{Heard{"a", nil}, RefusedNotWanted},
		{Heard{"a", make([]identity.PeerID, 1001)}, RefusedMalformed},
		{Advert{"x", protocol.Capacity{}}, RefusedStranger},
		{Advert{"a", protocol.Capacity{UplinkKbps: -1}}, RefusedMalformed},
		{Choose{}, RefusedNotChair},
	} {
		r.refused(c.event, c.want)
	}
	r.do(LinkDown{mesh("a", 1)}).refused(LinkDown{mesh("a", 1)}, RefusedKnown).
		refused(LinkCarrying{mesh("a", 1)}, RefusedNotWanted).refused(LinkMeasured{mesh("a", 1), 3}, RefusedNotWanted)
	if _, out := Step(r.state, Input{At: 0, Event: Clock{}}); out.Refused != RefusedClock {
		t.Errorf("a clock at 0: %q", out.Refused)
	}
	r.do(Ended{}).refused(Clock{}, RefusedEnded)
}
