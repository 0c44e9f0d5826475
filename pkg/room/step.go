package room

import (
	"slices"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Step takes one input. A refused input returns the very state that came in; a
// refusal can still ask for an action, such as showing a laggard what is in
// force.
func Step(s State, in Input) (State, Outcome) {
	if in.At < 1 || in.At > protocol.MaxInt-DrainFor {
		return s, Outcome{Refused: RefusedClock}
	}
	if in.Event == nil {
		return s, Outcome{Refused: RefusedUnknown}
	}
	if s.phase == ended {
		return s, Outcome{Refused: RefusedEnded}
	}
	d := &draft{State: s}
	d.step++
	d.now = max(s.now, in.At)
	if refused := in.Event.apply(d); refused != "" {
		return s, Outcome{Refused: refused, Actions: d.out.Actions}
	}
	d.settle()
	return d.State, d.out
}

// draft is the state under way in one step, and what comes out beside it.
type draft struct {
	State
	out      Outcome
	owned    bool              // the members slice is this draft's own
	reseat   bool              // succession must look at everybody
	comers   []identity.PeerID // or at these and who has the chair
	replan   bool              // what is wanted of anybody may differ
	changed  []identity.PeerID // or of these
	replaced bool              // the plan's lines may differ
	again    bool              // somebody in doubt lost a link to the plan
}

func (d *draft) note(n Notice) { d.out.Notices = append(d.out.Notices, n) }

func (d *draft) act(a Action) { d.out.Actions = append(d.out.Actions, a) }

func (d *draft) own() {
	if !d.owned {
		d.members = slices.Clone(d.members)
		d.owned = true
	}
}

// edit returns the member at i for change.
func (d *draft) edit(i int) *member {
	d.own()
	m := d.members[i]
	if m.step != d.step {
		copied := *m
		copied.step = d.step
		copied.links = slices.Clone(m.links)
		m = &copied
		d.members[i] = m
	}
	return m
}

// settle draws every conclusion from what the event changed and from the time.
func (d *draft) settle() {
	if d.phase != inside {
		return
	}
	for range 3 {
		d.again = false
		d.expireDoubts()
		d.seat()
		d.reconsiderHeld()
		d.arrange()
		d.takeOver()
		if d.preside() {
			d.arrange()
			d.takeOver()
		}
		d.reconcile()
		if !d.again {
			break
		}
	}
	d.showAgain()
}

func (Clock) apply(*draft) Reason { return "" }

func (Ended) apply(d *draft) Reason {
	d.phase = ended
	d.members, d.plan, d.held, d.heard = nil, nil, nil, nil
	d.chair, d.tenure, d.wish, d.drains = "", tenure{}, wish{}, 0
	d.lossSince, d.call = 0, call{}
	return ""
}
