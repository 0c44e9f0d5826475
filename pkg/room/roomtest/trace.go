package roomtest

import (
	"fmt"
	"io"
	"strings"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// describe tells a directive by the names of this world.
func (w *world) describe(d protocol.Directive) string {
	who := func(id identity.PeerID) string {
		if c := w.at(id); c != nil {
			return c.name
		}
		return "-"
	}
	return fmt.Sprintf("(%d, %d) %s sfu=%s standby=%s because %s", d.Term, d.Seq, d.Topology, who(d.SFU), who(d.Standby), d.Reason)
}

// Text is a Tracer for people: one line for what the world did and for every
// step that changed something worth telling.
type Text struct{ To io.Writer }

// Note implements Tracer.
func (t Text) Note(at int64, text string) { fmt.Fprintf(t.To, "%9d  -- %s\n", at, text) }

// Step implements Tracer.
func (t Text) Step(who string, before room.State, in room.Input, after room.State, out room.Outcome) {
	var lines []string
	for _, n := range out.Notices {
		lines = append(lines, fmt.Sprintf("%T%+v", n, n))
	}
	if _, ok := in.Event.(room.Said); ok && out.Refused != "" && out.Refused != room.RefusedKnown {
		lines = append(lines, "refused: "+string(out.Refused))
	}
	if out.Held != "" {
		lines = append(lines, "held: "+string(out.Held))
	}
	a, b := room.Plan(before), room.Plan(after)
	if len(a) != len(b) || (len(a) > 0 && &a[0] != &b[0]) {
		var plan []string
		for _, l := range b {
			mark := ""
			if l.Draining {
				mark += " draining"
			}
			if l.Quiet {
				mark += " quiet"
			}
			plan = append(plan, fmt.Sprintf("%s %s%s", short(l.Peer), l.Purpose, mark))
		}
		lines = append(lines, "plan: "+strings.Join(plan, ", "))
	}
	if len(lines) == 0 {
		return
	}
	event := strings.TrimPrefix(fmt.Sprintf("%T", in.Event), "room.")
	fmt.Fprintf(t.To, "%9d  %s (%s) %s: %s\n", in.At, who, short(after.Self()), event, strings.Join(lines, "; "))
}

func short(id identity.PeerID) string {
	if len(id) < 6 {
		return string(id)
	}
	return string(id[len(id)-6:])
}
