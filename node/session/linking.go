package session

import (
	"cmp"
	"maps"
	"slices"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// linkOpened begins what a link is for: it becomes a receiver of the router, its
// peer is told what self asks for and what flows, and hears what it missed.
func (l *loop) linkOpened(t *tie) {
	if l.links.ties[t.line.Ref] != t || t.opened {
		return
	}
	t.opened, t.openedAt, t.vitals.Up = true, l.millis(), true
	l.links.forgive(t.line.Ref)
	t.port.open(t.line.Shape, t.layers)
	l.bring(t)
	l.ask(t)
	l.tellSlots(t, true)
	l.linkJudged(t)
	if peer, here := l.door.guests[t.party.id]; here && peer.entry.Session == t.party.session {
		l.hand(peer, true) // a box before may have been lost
	}
	l.pay(t, t.party.id)
	if l.newcomer.asks(t.party.id) && l.cfg.Kind != protocol.KindHelper {
		if l.send(t, protocol.HistoryRequest{}) {
			t.history = protocol.MaxHistory
		}
	}
	l.dirty.heard = true
}

// pay sends what was said while nobody could bring it to somebody, by a link that
// now does.
func (l *loop) pay(t *tie, id identity.PeerID) {
	for _, e := range l.chat.pay(id) {
		l.send(t, protocol.Carry{Envelope: e})
	}
}

// linkMeasured takes in a link's newest vitals.
func (l *loop) linkMeasured(t *tie) {
	t.posted.Store(false)
	v := t.latest.Load()
	if v == nil || l.links.ties[t.line.Ref] != t {
		return
	}
	was := t.up()
	t.vitals = *v
	if t.presumed != 0 && l.millis() >= t.presumed {
		t.presumed = 0
		l.shows(t, t.views)
	}
	if t.serves() && !t.welcomed && l.millis() >= t.openedAt+welcomeFor {
		t.welcomed = true
		l.ask(t)
	}
	if t.leaves {
		l.bring(t)
	}
	t.link.SetLevel(int(l.outlet.level.Load()))
	if was != t.up() {
		l.revived(t)
	}
	l.linkJudged(t)
}

// revived draws the consequences of a link that goes down or is up again: what
// was asked while it was down may be lost.
func (l *loop) revived(t *tie) {
	l.dirty.heard = true
	l.bring(t)
	l.ask(t)
}

// linkJudged tells the room's core how a link is.
func (l *loop) linkJudged(t *tie) {
	if l.links.ties[t.line.Ref] != t {
		return
	}
	v := unborn
	if t.up() {
		v = vitals{up: true, carrying: l.carries(t), unasked: t.viewed && len(t.views) == 0, millis: -1}
		if t.vitals.RTT > 0 {
			v.millis = int(t.vitals.RTT.Milliseconds())
		}
	}
	if known := l.core.known[t.line.Ref]; v.carrying != known.carrying {
		t.carriedAt = l.millis()
		l.dirty.heard = true
	}
	l.core.linked(t.line.Ref, v)
	l.tellLink(t)
}

// bring makes the router's sources what a link's lines bring.
func (l *loop) bring(t *tie) {
	t.bring(l.millis(), l.presenceOf)
	l.dirty.flows = true
}

// mediaArrived takes in that the first packet of a source came by a link.
func (l *loop) mediaArrived(t *tie) {
	l.dirty.flows = true
	l.linkJudged(t)
}

// carries tells whether what was asked for on a link flows.
func (l *loop) carries(t *tie) bool {
	if !t.asked {
		return false
	}
	if l.millis() >= t.askedAt+arriveFor {
		return t.told // nothing is waited for any longer
	}
	slots := map[router.Media]int{}
	for _, line := range t.link.Lines() {
		if line.Receive {
			slots[line.Media]++
		}
	}
	d := demand{askedAt: t.askedAt, told: t.told, expected: expectedOf(t.asks, l.presenceOf, slots)}
	if t.flows != nil {
		d.flows = t.port.inflows()
	}
	return d.carries(l.millis())
}

// presumeFor is how long the peer of a link that wakes is sent everything of
// self's own: a standby that takes over asks within a round trip.
const presumeFor = 2_000

// presume sends before the peer has asked, because it is about to.
func (l *loop) presume(t *tie) {
	if t.line.Shape != room.ShapeSFU || !t.viewed || len(t.views) > 0 {
		return
	}
	t.presumed = l.millis() + presumeFor
	var all []protocol.View
	for _, source := range protocol.Sources() {
		all = append(all, protocol.View{From: l.self, Source: source})
	}
	l.shows(t, all)
}

// shows tells the router what a link's peer shows.
func (l *loop) shows(t *tie, views []protocol.View) {
	r := t.port.receiver.Load()
	if r == nil {
		return
	}
	for i, source := range protocol.Sources() {
		if t.layers[i] > 1 {
			views = inLayers(views, router.Key{From: l.self, Source: source}, l.outlet.sources[source].Published)
		}
	}
	r.SetViews(l.nanos(), views)
}

// closed draws the consequences of a link that is no more.
func (l *loop) closed(t *tie) {
	l.tellLink(t)
	l.dirty.asks, l.dirty.heard, l.dirty.flows = true, true, true
}

// send sends a control message, and reports whether the link took it.
func (l *loop) send(t *tie, m protocol.ControlMessage) bool {
	return t.link.Send(m) == nil
}

// ask tells a link's peer what self wants of it.
func (l *loop) ask(t *tie) {
	if !t.up() || (t.line.Draining && !t.line.Quiet && t.asked) {
		return // an old link goes on carrying what it carries
	}
	views := []protocol.View{}
	if !t.line.Quiet {
		views = viewsOf(l.askable(t), l.want(t))
	}
	if t.asked && slices.Equal(views, t.asks) {
		return
	}
	if !l.send(t, protocol.Views{Views: views}) {
		return
	}
	if p := l.core.person(t.party.id); !t.asked && p != nil && p.Kind != protocol.KindBrowser {
		t.told = false // a node answers with what flows
	}
	if !t.asked || len(t.asks) == 0 {
		t.askedAt = l.millis()
	}
	t.asked, t.asks = true, views
}

// askable is whose sources a link can bring.
func (l *loop) askable(t *tie) []protocol.Participant {
	if t.line.Shape != room.ShapeSFU {
		if p := l.core.person(t.party.id); p != nil && p.Kind != protocol.KindHelper {
			return []protocol.Participant{p.Participant}
		}
		return nil
	}
	var people []protocol.Participant
	for p := range l.core.state.All() {
		if p.ID != l.self && p.Kind != protocol.KindHelper {
			people = append(people, p.Participant)
		}
	}
	slices.SortFunc(people, func(a, b protocol.Participant) int { return cmp.Compare(a.N, b.N) })
	return people
}

// want is what to ask for on a link: what this node takes for itself, and where
// it serves what its receivers show.
func (l *loop) want(t *tie) Want {
	return func(p protocol.Participant, source protocol.Source) (width, height int, wanted bool) {
		key := router.Key{From: p.ID, Source: source}
		if t.line.Shape != room.ShapeSFU {
			layers, w, h := l.router.Wanted(key)
			if slices.Contains(layers, true) {
				width, height, wanted = w, h, true
			}
		}
		if !l.has(t) {
			return width, height, wanted
		}
		if t.serves() && l.millis() < t.openedAt+welcomeFor && published(p.Presence, source) && source != protocol.SourceScreenAudio {
			w, h := welcomeWidth, welcomeHeight
			width, height = larger(width, height, wanted, w, h)
			wanted = true
		}
		if l.cfg.Want != nil {
			if w, h, too := l.cfg.Want(p, source); too {
				width, height = larger(width, height, wanted, w, h)
				wanted = true
			}
		}
		for _, s := range l.cfg.Sinks {
			if s.Want(key) {
				return 0, 0, true
			}
		}
		return width, height, wanted
	}
}

// Somebody whom self begins to serve is asked for what its presence says, as a
// picture of medium size, before anybody has said to want it: those who will are
// on their way, and find it flowing.
const (
	welcomeFor    = 2_000
	welcomeWidth  = 640
	welcomeHeight = 360
)

// has tells whether a link is the way by which self is to have its peer's
// sources: the standby's links stay without media until it serves.
func (l *loop) has(t *tie) bool {
	switch t.line.Shape {
	case room.ShapeMesh:
		return l.core.state.Router() == ""
	case room.ShapeServe:
		return l.core.state.Router() == l.self
	default:
		return true
	}
}

// larger unites two sizes, of which 0 by 0 is as large as there is.
func larger(width, height int, known bool, w, h int) (int, int) {
	switch {
	case !known:
		return w, h
	case width*height == 0 || w*h == 0:
		return 0, 0
	default:
		return max(width, w), max(height, h)
	}
}

// tellSlots tells a link's peer what flows, when that is news or an answer.
func (l *loop) tellSlots(t *tie, answer bool) {
	if l.links.ties[t.line.Ref] != t || !t.opened {
		return
	}
	slots := slotsOf(t.port.outflows()).Slots
	if !answer && slices.Equal(slots, t.slots) {
		return
	}
	if l.send(t, protocol.Slots{Slots: slots}) {
		t.slots = slots
	}
	l.dirty.heard = true
}

// control takes a link's control message.
func (l *loop) control(t *tie, m protocol.ControlMessage) {
	if l.links.ties[t.line.Ref] != t {
		return
	}
	switch m := m.(type) {
	case protocol.Views:
		t.views, t.viewed, t.viewedAt = m.Views, true, l.millis()
		l.dirty.heard = true
		t.presumed = 0
		l.shows(t, m.Views)
		l.dirty.asks = true
		l.next.asks = 0
		l.tellSlots(t, true)
		l.linkJudged(t)
	case protocol.Slots:
		t.told, t.flows = true, slices.Clone(m.Slots)
		if t.flows == nil {
			t.flows = []protocol.Slot{}
		}
		l.bring(t)
		l.linkJudged(t)
	case protocol.Carry:
		l.envelope(m.Envelope, t)
	case protocol.HistoryRequest:
		if l.newcomer.answer(t.party.id, l.millis()) {
			for _, part := range l.chat.history.parts() {
				l.send(t, part)
			}
		}
	case protocol.History:
		l.remember(t, m.Envelopes)
	case protocol.Heard:
		for _, id := range m.Peers {
			if !slices.Contains(t.says, id) {
				l.pay(t, id)
			}
		}
		t.says = m.Peers
		l.core.happened(room.Heard{Via: t.party.id, Peers: m.Peers})
	case protocol.Pass:
		l.passed(t, m)
	}
}

// tellLink tells the owner when a link's condition changes.
func (l *loop) tellLink(t *tie) {
	state := t.condition()
	if l.links.ties[t.line.Ref] != t {
		state = LinkClosed
	}
	if state == t.state {
		return
	}
	t.state = state
	l.next.seek = l.millis()
	l.out.tell(Link{
		Peer: t.party.id, Shape: t.line.Shape, State: state,
		RTTMillis: int(t.vitals.RTT.Milliseconds()), Relayed: t.vitals.Relayed, Overlay: l.way(t.party.id),
	})
}

// arriving is whose what arrives here now, by any link.
func (l *loop) arriving() map[router.Key]bool {
	flows := make(map[router.Key]bool)
	for _, t := range l.links.ties {
		for _, f := range t.port.inflows() {
			if f.arrived && t.flows != nil {
				flows[f.key] = true
			}
		}
	}
	return flows
}

func (l *loop) tellFlows() {
	now := l.arriving()
	tell := func(keys map[router.Key]bool, besides map[router.Key]bool, on bool) {
		for _, k := range slices.SortedFunc(maps.Keys(keys), compareKeys) {
			if !besides[k] {
				l.out.tell(Slots{From: k.From, Source: k.Source, On: on})
			}
		}
	}
	tell(l.told.flows, now, false)
	tell(now, l.told.flows, true)
	l.told.flows = now
}

func compareKeys(a, b router.Key) int {
	if a.From != b.From {
		return cmp.Compare(a.From, b.From)
	}
	return lineOf(a.Source) - lineOf(b.Source)
}
