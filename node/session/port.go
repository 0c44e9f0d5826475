package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// port joins one link to the router, both ways. Its methods as link.Media and
// router.Downstream are the hot path: they take no lock, wait for nobody, and
// leave word in the loop's inbox only when something begins.
type port struct {
	tie    *tie
	shape  room.Shape
	router *router.Router
	clock  func() int64 // nanoseconds, the router's
	inbox  *inbox
	claims func(of router.Key, p *router.Packet) e2ee.Claim // what the frame that begins in a packet says

	link     atomic.Pointer[link.Link]
	receiver atomic.Pointer[router.Receiver]
	intakes  []atomic.Pointer[intake] // by line
	turns    []turn                   // by line, of an SFU's
	mediaAt  atomic.Int64             // when the last packet came, by the clock

	lines  sync.Mutex // held while what the lines bring changes
	closed bool
	holds  []hold // by line

	outs    []out         // by slot; does not change after open
	slotOf  [][]int       // by line and layer, the slot; −1 for none
	written []atomic.Bool // by slot: something has gone out since its flow began

	mu     sync.Mutex
	flows  []router.Flow // the last that the router told
	posted bool          // the loop will look at them
}

// out is where a slot leaves: a line, and its layer in simulcast.
type out struct {
	line, layer int
	mid         string
}

// intake is a source of the router's that a line brings.
type intake struct {
	key     router.Key
	source  *router.Source
	arrived atomic.Bool
	leaving int64 // of the loop: when it may be let go of; 0 while it is wanted
}

func newPort(t *tie, lines int, r *router.Router, clock func() int64, b *inbox, claims func(router.Key, *router.Packet) e2ee.Claim) *port {
	return &port{
		tie: t, shape: t.line.Shape, router: r, clock: clock, inbox: b, claims: claims,
		intakes: make([]atomic.Pointer[intake], lines), turns: make([]turn, lines), holds: make([]hold, lines),
	}
}

// open makes the link a receiver of the router: of self's own sources, each on
// its line and in as many layers as it is sent in, or, where this end serves, of
// everybody's in any slot.
func (p *port) open(shape room.Shape, layers [ownLines]int) {
	l := p.link.Load()
	var slots []router.Slot
	for i, line := range l.Lines() {
		if !line.Send {
			continue
		}
		slot := router.Slot{Media: line.Media, Pinned: line.Source}
		if shape == room.ShapeServe {
			slot.Pinned = ""
		}
		if shape != room.ShapeServe && i < ownLines && layers[i] > 1 {
			for layer := range layers[i] {
				slots = append(slots, router.Slot{Media: line.Media, Pinned: layerOf(line.Source, layer)})
				p.outs = append(p.outs, out{line: i, layer: layer, mid: line.Mid})
			}
			continue
		}
		slots = append(slots, slot)
		p.outs = append(p.outs, out{line: i, mid: line.Mid})
	}
	p.slotOf = make([][]int, len(l.Lines()))
	for slot, o := range p.outs {
		p.slotOf[o.line] = append(p.slotOf[o.line], slot)
	}
	p.written = make([]atomic.Bool, len(slots))
	scope := router.OwnSources
	if shape == room.ShapeServe {
		scope = router.Everybody
	}
	p.receiver.Store(p.router.AddReceiver(p.tie.party.id, slots, scope, p))
}

// close takes the link out of the router.
func (p *port) close() {
	if r := p.receiver.Load(); r != nil {
		r.Close()
	}
	for line := range p.intakes {
		p.bring(line, router.Key{})
	}
	p.lines.Lock()
	defer p.lines.Unlock()
	p.closed = true
}

// bring says which source a line brings from now on; the zero key for none.
func (p *port) bring(line int, key router.Key) {
	p.lines.Lock()
	defer p.lines.Unlock()
	before := p.intakes[line].Load()
	if (before == nil && key == router.Key{}) || (before != nil && before.key == key) {
		return
	}
	if key == (router.Key{}) {
		p.intakes[line].Store(nil)
		p.holds[line].rest(before.key, p.clock())
	} else {
		p.beginLocked(line, key)
	}
	if before != nil {
		before.source.Close()
	}
}

// stayFor is how long what flows no longer is kept, in milliseconds: it often
// flows again at once, and what overtakes the word of that must find it.
const stayFor = 500

// stays tells whether a line goes on bringing what it brings for a while, though
// that does not flow.
func (p *port) stays(line int, flows bool, now int64) bool {
	in := p.intakes[line].Load()
	switch {
	case in == nil || p.shape == room.ShapeSFU:
		return false
	case flows:
		in.leaving = 0
		return false
	case in.leaving == 0:
		in.leaving = now + stayFor
	}
	return now < in.leaving
}

func (p *port) beginLocked(line int, key router.Key) *intake {
	in := &intake{key: key}
	// What an SFU sends is not self's to hand on.
	relay := p.shape != room.ShapeSFU
	in.source = p.router.AddSource(key, router.MediaOf(key.Source), relay, upstream{p, line})
	p.turns[line].begin()
	p.holds[line].release(p.clock(), func(packet *router.Packet) bool { return p.another(line, key, packet) }, in.source.Write)
	p.intakes[line].Store(in)
	return in
}

// another tells whether a packet is not of the source that an SFU named for its
// line: it came before the word of the next one.
func (p *port) another(line int, key router.Key, packet *router.Packet) bool {
	return p.shape == room.ShapeSFU && p.turns[line].another(p.claims(key, packet), packet.Seq)
}

// early takes in a packet that came before the word that its source flows, and
// returns the source if there is one. What the line carries for certain is taken
// at its packet's word, for a while; what an SFU sends is held.
func (p *port) early(now int64, line int, packet *router.Packet) *intake {
	if line < 0 || line >= len(p.intakes) {
		return nil
	}
	p.lines.Lock()
	defer p.lines.Unlock()
	in, held := p.intakes[line].Load(), &p.holds[line]
	switch {
	case p.closed:
		return nil
	case in != nil && !p.another(line, in.key, packet): // it has been named
		return in
	case in != nil:
		held.keep(now, packet, true)
		return nil
	case line >= ownLines || p.shape == room.ShapeSFU:
		held.keep(now, packet, p.another(line, held.was, packet))
		return nil
	}
	return p.beginLocked(line, router.Key{From: p.tie.party.id, Source: protocol.Sources()[line]})
}

// inflows are what the lines bring now.
func (p *port) inflows() []inflow {
	var flows []inflow
	for i := range p.intakes {
		if in := p.intakes[i].Load(); in != nil {
			flows = append(flows, inflow{in.key, in.arrived.Load()})
		}
	}
	return flows
}

// outflow is a source that goes out in a slot.
type outflow struct {
	key     router.Key
	mid     string
	written bool
}

// outflows are what the router puts into the slots now.
func (p *port) outflows() []outflow {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posted = false
	flows := make([]outflow, 0, len(p.flows))
	for _, f := range p.flows {
		of := outflow{router.Key{From: f.Key.From, Source: whole(f.Key.Source)}, p.outs[f.Slot].mid, p.written[f.Slot].Load()}
		if last := len(flows) - 1; last >= 0 && flows[last].mid == of.mid { // another layer
			flows[last].written = flows[last].written || of.written
			continue
		}
		flows = append(flows, of)
	}
	return flows
}

func (p *port) post() {
	p.mu.Lock()
	again := p.posted
	p.posted = true
	p.mu.Unlock()
	if !again {
		p.inbox.post(flowed{p.tie}, p.tie)
	}
}

func (p *port) intake(line int) *intake {
	if line < 0 || line >= len(p.intakes) {
		return nil
	}
	return p.intakes[line].Load()
}

// Packet, as link.Media.
func (p *port) Packet(line int, packet *router.Packet) {
	now := p.clock()
	p.mediaAt.Store(now)
	in := p.intake(line)
	if in == nil || p.another(line, in.key, packet) {
		if in = p.early(now, line, packet); in == nil {
			return
		}
	}
	in.source.Write(now, packet)
	if !in.arrived.Load() && in.source.Begun() {
		in.arrived.Store(true)
		p.inbox.post(arrived{p.tie}, p.tie)
	}
}

// SenderReport, as link.Media.
func (p *port) SenderReport(line, layer int, ntp uint64, rtp uint32) {
	if in := p.intake(line); in != nil {
		in.source.SenderReport(p.clock(), layer, ntp, rtp)
	}
}

// Upstream, as link.Media.
func (p *port) Upstream(line, layer int, active bool) {
	if in := p.intake(line); in != nil {
		in.source.SetLayer(layer, active)
	}
}

// at finds the receiver and its slot for a line and layer.
func (p *port) at(line, layer int) (*router.Receiver, int) {
	r := p.receiver.Load()
	if r == nil || line < 0 || line >= len(p.slotOf) || layer < 0 || layer >= len(p.slotOf[line]) {
		return nil, 0
	}
	return r, p.slotOf[line][layer]
}

// Nack, as link.Media.
func (p *port) Nack(line, layer int, seqs []uint16) {
	if r, slot := p.at(line, layer); r != nil {
		r.Nack(p.clock(), slot, seqs)
	}
}

// KeyFrame, as link.Media.
func (p *port) KeyFrame(line, layer int) {
	if r, slot := p.at(line, layer); r != nil {
		r.KeyFrame(p.clock(), slot)
	}
}

// Reception, as link.Media.
func (p *port) Reception(line, layer int, lost uint8, _ uint32, rtt time.Duration) {
	if r, slot := p.at(line, layer); r != nil {
		r.Reception(p.clock(), slot, lost, int64(rtt))
	}
}

// Bandwidth, as link.Media.
func (p *port) Bandwidth(bitsPerSecond int) {
	if r := p.receiver.Load(); r != nil {
		r.SetBandwidth(p.clock(), bitsPerSecond)
	}
}

// WriteRTP, as router.Downstream.
func (p *port) WriteRTP(slot int, packet *router.Out) error {
	o := p.outs[slot]
	err := p.link.Load().WriteLayer(o.line, o.layer, packet)
	if err == nil && !p.written[slot].Load() {
		p.written[slot].Store(true)
		p.inbox.post(departed{p.tie}, p.tie)
	}
	return err
}

// Flush, as router.Downstream.
func (p *port) Flush() { p.link.Load().Flush() }

// SendReport, as router.Downstream.
func (p *port) SendReport(slot int, ntp uint64, rtp, packets, octets uint32) {
	o := p.outs[slot]
	p.link.Load().SendLayerReport(o.line, o.layer, ntp, rtp, packets, octets)
}

// Slots, as router.Downstream.
func (p *port) Slots(flows []router.Flow) {
	p.mu.Lock()
	before := make(map[int]router.Key, len(p.flows))
	for _, f := range p.flows {
		before[f.Slot] = f.Key
	}
	for _, f := range flows {
		if before[f.Slot] != f.Key {
			p.written[f.Slot].Store(false)
		}
	}
	p.flows = flows
	p.mu.Unlock()
	p.post()
}

// upstream is the way back to who sends on a line.
type upstream struct {
	port *port
	line int
}

// RequestKeyFrame, as router.Upstream.
func (u upstream) RequestKeyFrame(layer int) { u.port.link.Load().RequestKeyFrame(u.line, layer) }

// Nack, as router.Upstream.
func (u upstream) Nack(layer int, seqs []uint16) { u.port.link.Load().SendNack(u.line, layer, seqs) }

var _ interface {
	link.Media
	router.Downstream
} = (*port)(nil)

// slotsOf is the message that tells what goes out.
func slotsOf(flows []outflow) protocol.Slots {
	slots := make([]protocol.Slot, len(flows))
	for i, f := range flows {
		slots[i] = protocol.Slot{Mid: f.mid, From: f.key.From, Source: f.key.Source}
	}
	return protocol.Slots{Slots: slots}
}
