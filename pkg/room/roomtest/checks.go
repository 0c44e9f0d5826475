package roomtest

import (
	"fmt"

	"github.com/parley-mesh/parley/pkg/elect"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// said is a directive as the world first met it.
type said struct {
	by        identity.PeerID
	directive protocol.Directive
}

// viewKey is what a plan may depend on: the roster and the directive.
type viewKey struct {
	roster    uint64
	term, seq int64
}

const maxFailures = 5

func (w *world) fail(format string, args ...any) {
	if len(w.failures) < maxFailures {
		w.failures = append(w.failures, fmt.Sprintf("seed %d at %d ms: ", w.options.Seed, w.now)+fmt.Sprintf(format, args...))
	}
	w.note("BROKEN: "+format, args...)
}

// check looks at the client that took a step.
func (c *client) check(before room.State, e room.Event, out room.Outcome) {
	w := c.w
	if out.Refused != "" {
		// A refused input changes nothing.
		a, b := room.Plan(before), room.Plan(c.state)
		if len(a) != len(b) || (len(a) > 0 && &a[0] != &b[0]) || before.InForce() != c.state.InForce() || before.ActingHost() != c.state.ActingHost() {
			w.fail("%s refused %T as %s, but changed", c.name, e, out.Refused)
		}
		return
	}
	if l, ok := e.(room.Left); ok && l.Why == protocol.LeftRemoved {
		c.removed[l.ID] = w.at(l.ID).n
	}
	roster := false
	for _, n := range out.Notices {
		switch n := n.(type) {
		case room.Entered, room.Confirmed, room.Restarted:
			roster = true
		case room.Doubted:
			roster = true
			c.doubts[n.ID] = w.now
		case room.Gone:
			roster = true
			c.checkGone(n)
		case room.ChairMoved:
			roster = true
		case room.Followed:
			roster = true
			c.checkFollowed(n)
		}
	}
	if _, ok := e.(room.Updated); roster || ok {
		c.checkRoster()
	}
	for _, a := range out.Actions {
		if _, ok := a.(room.Say); ok && w.quiet {
			if w.restless++; w.restless > w.calm() {
				w.fail("%s says something again, with nothing but noise: %+v", c.name, a)
			}
		}
	}
}

// checkFollowed: a (term, seq) means one thing; what is in force only rises;
// the term rises when the chair changes hands.
func (c *client) checkFollowed(n room.Followed) {
	w := c.w
	pair := [2]int64{n.Directive.Term, n.Directive.Seq}
	if first, ok := w.counted[pair]; !ok {
		w.counted[pair] = said{n.By, n.Directive}
	} else if first != (said{n.By, n.Directive}) {
		w.fail("(%d, %d) is said twice: %s and %s", pair[0], pair[1], w.describe(first.directive), w.describe(n.Directive))
	}
	if pair[0] < c.seqs[0] || (pair[0] == c.seqs[0] && pair[1] <= c.seqs[1]) {
		w.fail("%s follows (%d, %d) after (%d, %d)", c.name, pair[0], pair[1], c.seqs[0], c.seqs[1])
	}
	if c.follows != "" && c.follows != n.By && pair[0] <= c.seqs[0] {
		w.fail("%s: the chair changed hands without a higher term", c.name)
	}
	c.seqs, c.follows = pair, n.By
}

// checkRoster: nobody removed is back, the chair is lawful, and who knows the
// same roster and directive has the same arrangement.
func (c *client) checkRoster() {
	w := c.w
	if w.large && w.order%8 != 0 {
		return
	}
	var sum uint64
	chair := w.at(c.state.ActingHost())
	var holder *room.Person
	for p := range c.state.All() {
		if n, ok := c.removed[p.ID]; ok && p.N <= n {
			w.fail("%s has %s again, who was removed", c.name, w.at(p.ID).name)
		}
		if chair != nil && p.ID == chair.id {
			held := p
			holder = &held
		}
		h := uint64(w.index[p.ID]+1)*0x9e3779b97f4a7c15 ^ uint64(p.Session)*0xbf58476d1ce4e5b9
		sum += h * (h>>29 | 1)
	}
	for p := range c.state.All() {
		if !p.Confirmed && p.ID != c.id || p.Kind == protocol.KindHelper {
			continue
		}
		if holder == nil || outranks(p.Participant, holder.Participant) {
			w.fail("%s gives the chair to %v, before %s", c.name, name(chair), w.at(p.ID).name)
			break
		}
	}
	if holder != nil && holder.Kind == protocol.KindHelper {
		w.fail("%s gives the chair to a helper", c.name)
	}
	force := c.state.InForce().Directive
	key := viewKey{sum, force.Term, force.Seq}
	if first, ok := w.views[key]; !ok {
		w.views[key] = c.state.Arranged()
	} else if first != c.state.Arranged() {
		w.fail("%s arranges %+v, others with the same roster and directive %+v", c.name, c.state.Arranged(), first)
	}
}

// outranks is succession told once more, pair by pair, so that a mistake in the
// rule is not repeated here.
func outranks(a, b protocol.Participant) bool {
	hosts := func(p protocol.Participant) bool { return p.Role == protocol.RoleHost }
	cohosts := func(p protocol.Participant) bool { return p.Role == protocol.RoleCoHost }
	invited := func(p protocol.Participant) bool { return p.Via == protocol.ViaInvitation }
	for _, better := range []func(protocol.Participant) bool{hosts, cohosts, invited} {
		if better(a) != better(b) {
			return better(a)
		}
		if better(a) && !(hosts(a) || cohosts(a)) {
			break
		}
		if better(a) {
			return a.N < b.N
		}
	}
	return a.N < b.N
}

func name(c *client) string {
	if c == nil {
		return "nobody"
	}
	return c.name
}

// checkGone: nobody whose media could be had is dropped because the rendezvous
// forgot it.
func (c *client) checkGone(n room.Gone) {
	w := c.w
	peer := w.at(n.ID)
	if n.Why != protocol.LeftLost || peer == nil || !peer.alive || w.rdv.expelled[peer] {
		return
	}
	since, ok := w.path(peer, c)
	if ok && w.now-since > 6000 && w.now-w.trouble > 6000 {
		w.fail("%s drops %s, whom it could still hear", c.name, peer.name)
	}
}

// calm is how many directives may be said in quiet times: one, when an estimate
// passes a bound; a few, when somebody who loses packets is given a try.
func (w *world) calm() int {
	for _, c := range w.clients {
		if c.alive && c.leaky > 0 {
			return 3
		}
	}
	return 1
}

// checkOffer: exactly one end of a link offers it, the served one or the later.
func (w *world) checkOffer(x *wire) {
	a, b := find(x.ends[0].plan, x.ref(0)), find(x.ends[1].plan, x.ref(1))
	if a == nil || b == nil || a.Offer == b.Offer || a.Offer != (!x.key.star && x.sessions[0] > x.sessions[1]) {
		w.fail("the link between %s and %s is not offered once, by the end that is served or came later", x.ends[0].name, x.ends[1].name)
	}
}

// checkPlan: with the same roster and directive either both ends want a link or
// neither does. Large rooms look at a few peers each time.
func (c *client) checkPlan() {
	w := c.w
	force := c.state.InForce().Directive
	looks := len(w.clients)
	start := 0
	if looks > 16 {
		start = int(w.order) % looks
		looks = 4
	}
	for i := range looks {
		peer := w.clients[(start+i)%len(w.clients)]
		if peer == c || !peer.alive || !peer.state.Inside() || peer.state.Arranged() != c.state.Arranged() ||
			peer.state.InForce().Directive != force || !peer.state.Has(c.id) || !c.state.Has(peer.id) {
			continue
		}
		mine, theirs := wanted(c.plan, peer, c), wanted(peer.plan, c, peer)
		if mine != theirs && c.knows(peer) && peer.knows(c) {
			w.fail("%s wants a link with %s: %v; the other way: %v", c.name, peer.name, mine, theirs)
		}
	}
}

// knows tells whether a client has the peer's present session.
func (c *client) knows(peer *client) bool {
	for p := range c.state.All() {
		if p.ID == peer.id {
			return p.Session == peer.session
		}
	}
	return false
}

// wanted returns the shape of the link wanted with a peer, as its server end
// sees it, or "".
func wanted(plan []room.Link, peer, self *client) string {
	for _, l := range plan {
		if l.Peer != peer.id || l.Draining || l.Session != peer.session {
			continue
		}
		switch l.Shape {
		case room.ShapeServe:
			return self.name + " serves"
		case room.ShapeSFU:
			return peer.name + " serves"
		default:
			return "mesh"
		}
	}
	return ""
}

// checkClose: a link is let go only when everybody whose media ran over it has
// another way, or its time is over.
func (c *client) checkClose(x *wire, l room.Link) {
	w := c.w
	if w.now-w.trouble < 3000 || (l.Draining && w.now-c.drains[l.Ref] >= room.DrainFor) {
		return
	}
	others := []*client{w.at(l.Peer)}
	if x.key.star {
		others = w.clients
	}
	for i, peer := range others {
		if len(others) > 60 && (i+int(w.order))%16 != 0 {
			continue
		}
		if peer == c || !peer.alive || !c.state.Has(peer.id) || !peer.state.Has(c.id) || peer.kind == protocol.KindHelper || c.kind == protocol.KindHelper {
			continue
		}
		for _, way := range [][2]*client{{peer, c}, {c, peer}} {
			_, before := w.path(way[0], way[1])
			x.broken = true
			_, after := w.path(way[0], way[1])
			x.broken = false
			if before && !after {
				w.fail("%s lets go of its link with %s, but then %s no longer reaches %s", c.name, w.at(l.Peer).name, way[0].name, way[1].name)
				return
			}
		}
	}
}

// path tells since when media can come from one client to another.
func (w *world) path(from, to *client) (int64, bool) {
	if from == to {
		return 0, true
	}
	best, ok := int64(0), false
	take := func(since int64) {
		if !ok || since < best {
			best, ok = since, true
		}
	}
	if x := w.up(wireKey{min(from.at, to.at), max(from.at, to.at), false}); x != nil && x.carries[x.end(to)] {
		take(x.since[x.end(to)])
	}
	for _, l := range to.plan {
		if l.Shape != room.ShapeSFU || l.Quiet {
			continue
		}
		via := w.at(l.Peer)
		down := w.up(wireKey{via.at, to.at, true})
		if down == nil || !down.carries[1] || !via.alive {
			continue
		}
		if via == from {
			take(down.since[1])
		} else if up := w.up(wireKey{via.at, from.at, true}); up != nil && up.carries[0] {
			take(max(down.since[1], up.since[0]))
		}
	}
	for _, l := range to.plan {
		if l.Shape != room.ShapeServe || l.Peer != from.id {
			continue
		}
		if x := w.up(wireKey{to.at, from.at, true}); x != nil && x.carries[0] {
			take(x.since[0])
		}
	}
	return best, ok
}

// checkPaths: everybody who is in the room has everybody's media.
func (w *world) checkPaths() {
	var in []*client
	for _, c := range w.clients {
		if c.alive && c.kind != protocol.KindHelper && !c.expelled && c.state.Inside() {
			in = append(in, c)
		}
	}
	broken := 0
	for _, to := range in {
		if a, b := to.state.ActingHost(), in[0].state.ActingHost(); a != b {
			w.fail("%s and %s do not agree who has the chair", to.name, in[0].name)
			return
		}
		if to.state.InForce().Directive != in[0].state.InForce().Directive && w.now-w.saidAt > 2000 {
			w.fail("%s follows %s, %s %s", to.name, w.describe(to.state.InForce().Directive), in[0].name, w.describe(in[0].state.InForce().Directive))
			return
		}
		for _, from := range in {
			if to.removed[from.id] != 0 || from.removed[to.id] != 0 {
				continue
			}
			if _, ok := w.path(from, to); !ok {
				w.fail("%s does not get %s's media, %d ms after everything healed", to.name, from.name, w.now-w.trouble)
				if broken++; broken > 3 {
					return
				}
			}
			if w.quiet && w.now-w.saidAt > 3000 && !to.state.Reached(from.id) {
				w.fail("%s does not believe to have %s's media", to.name, from.name)
				return
			}
		}
	}
	if w.quiet {
		w.checkTopology(in)
	}
}

// checkTopology: a room that is too large for a mesh has an SFU when somebody
// can carry it.
func (w *world) checkTopology(in []*client) {
	if len(in) == 0 {
		return
	}
	able := 0
	for _, c := range w.clients {
		if (c.reserve && !c.expelled) || (c.leaky == 0 && c.carries(len(in))) {
			able++
		}
	}
	a := in[0].state.Arranged()
	if len(in) > 4 && able > 0 && a.Topology != elect.Star && !in[0].state.InForce().Directive.Manual {
		w.fail("%d people are in a mesh, though %d could carry a star", len(in), able)
	}
	if len(in) <= 3 && a.Topology != elect.Mesh && !in[0].state.InForce().Directive.Manual {
		w.fail("%d people are in a star", len(in))
	}
	w.checkHelp(in)
}
