package link

import (
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// end is one end of a link under test: what it is told, in channels to wait on.
type end struct {
	t    testing.TB
	link *Link
	peer *end

	signals  chan protocol.LinkSignal
	opened   chan struct{}
	controls chan protocol.ControlMessage
	broken   chan struct{}
	packets  chan arrival
	nacks    chan []uint16
	keys     chan layerKey
	reports  chan uint64
	received chan layerKey
	streams  chan upstream
	onPacket func(line int, p *router.Packet)
	lost     int // offers still to be lost
	altered  func(protocol.LinkSignal) protocol.LinkSignal

	mu     sync.Mutex
	vitals Vitals
	rate   int
	closed []protocol.LinkSignal
}

type arrival struct {
	line    int
	packet  router.Packet
	payload string
}

type upstream struct {
	key    layerKey
	active bool
}

func newEnd(t testing.TB) *end {
	return &end{
		t:       t,
		signals: make(chan protocol.LinkSignal, 256), opened: make(chan struct{}, 4),
		controls: make(chan protocol.ControlMessage, 64), broken: make(chan struct{}, 4),
		packets: make(chan arrival, 4096), nacks: make(chan []uint16, 64), keys: make(chan layerKey, 64),
		reports: make(chan uint64, 64), received: make(chan layerKey, 256), streams: make(chan upstream, 64),
	}
}

func offerTo[T any](c chan T, value T) {
	select {
	case c <- value:
	default:
	}
}

func (e *end) Signal(_ *Link, s protocol.LinkSignal)       { e.signals <- s }
func (e *end) Opened(*Link)                                { offerTo(e.opened, struct{}{}) }
func (e *end) Control(_ *Link, m protocol.ControlMessage)  { offerTo(e.controls, m) }
func (e *end) Broken(*Link)                                { offerTo(e.broken, struct{}{}) }
func (e *end) Nack(_, _ int, seqs []uint16)                { offerTo(e.nacks, seqs) }
func (e *end) KeyFrame(line, layer int)                    { offerTo(e.keys, layerKey{line, layer}) }
func (e *end) SenderReport(_, _ int, ntp uint64, _ uint32) { offerTo(e.reports, ntp) }
func (e *end) Upstream(line, layer int, active bool) {
	offerTo(e.streams, upstream{layerKey{line, layer}, active})
}

func (e *end) Reception(line, layer int, _ uint8, _ uint32, _ time.Duration) {
	offerTo(e.received, layerKey{line, layer})
}

func (e *end) Vitals(_ *Link, v Vitals) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.vitals = v
}

func (e *end) Bandwidth(rate int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rate = rate
}

func (e *end) Packet(line int, p *router.Packet) {
	if e.onPacket != nil {
		e.onPacket(line, p)
		return
	}
	offerTo(e.packets, arrival{line: line, packet: *p, payload: string(p.Payload)})
}

func (e *end) now() (Vitals, int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vitals, e.rate
}

// pair is a link and both its ends.
type pair struct {
	offerer, answerer *end
	stop              chan struct{}
	carried           sync.WaitGroup
}

type pairOptions struct {
	shape     room.Shape // the offerer's
	extra     room.Slots
	simulcast [4]int
	// lostSignals is how many of the offerer's offers never arrive.
	lostSignals int
	// offerServers and answerServers are each end's.
	offerServers, answerServers []protocol.ICEServer
	// altered is what becomes of a signal on its way; nil: it arrives as it was.
	altered func(protocol.LinkSignal) protocol.LinkSignal
}

const (
	ada = identity.PeerID("12D3KooWAda")
	bob = identity.PeerID("12D3KooWBob")
)

func mirror(s room.Shape) room.Shape {
	switch s {
	case room.ShapeSFU:
		return room.ShapeServe
	case room.ShapeServe:
		return room.ShapeSFU
	default:
		return s
	}
}

// newPair makes a link between two transports and carries its signals.
func newPair(t testing.TB, a, b *Transport, o pairOptions) *pair {
	t.Helper()
	if o.shape == "" {
		o.shape = room.ShapeMesh
	}
	p := &pair{offerer: newEnd(t), answerer: newEnd(t), stop: make(chan struct{})}
	p.offerer.peer, p.answerer.peer = p.answerer, p.offerer
	config := Config{
		ID: "AAAAAAAAAAAAAAAAAAAAAA", Extra: o.extra,
		Self: bob, Session: 1, Peer: ada, PeerSession: 2,
	}
	answering := config
	answering.Transport, answering.Shape = b, mirror(o.shape)
	answering.Events, answering.Media, answering.ICEServers = p.answerer, p.answerer, o.answerServers
	var err error
	if p.answerer.link, err = New(answering); err != nil {
		t.Fatal(err)
	}
	config.Transport, config.Shape, config.Offer, config.Simulcast = a, o.shape, true, o.simulcast
	config.Self, config.Session, config.Peer, config.PeerSession = ada, 2, bob, 1
	config.Events, config.Media, config.ICEServers = p.offerer, p.offerer, o.offerServers
	if p.offerer.link, err = New(config); err != nil {
		t.Fatal(err)
	}
	p.offerer.lost = o.lostSignals
	p.offerer.altered, p.answerer.altered = o.altered, o.altered
	for _, e := range []*end{p.offerer, p.answerer} {
		p.carried.Add(1)
		go func() {
			defer p.carried.Done()
			e.carry(p.stop)
		}()
	}
	t.Cleanup(p.close)
	return p
}

// carry brings an end's signals to the other end, encoded as on the wire.
func (e *end) carry(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case s := <-e.signals:
			if closing, ok := s.(protocol.Close); ok {
				e.peer.mu.Lock()
				e.peer.closed = append(e.peer.closed, closing)
				e.peer.mu.Unlock()
				continue
			}
			if _, offers := s.(protocol.Offer); offers && e.lost > 0 {
				e.lost--
				continue
			}
			if e.altered != nil {
				s = e.altered(s)
			}
			wire, err := protocol.EncodeBoxMessage(s)
			if err != nil {
				e.t.Errorf("%T: %v", s, err)
				continue
			}
			decoded, err := protocol.DecodeBoxMessage(wire)
			if err != nil {
				e.t.Errorf("%T: %v", s, err)
				continue
			}
			e.peer.link.Accept(decoded.(protocol.LinkSignal))
		}
	}
}

func (p *pair) close() {
	p.offerer.link.Close(false)
	p.answerer.link.Close(false)
	<-p.offerer.link.Done()
	<-p.answerer.link.Done()
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	p.carried.Wait()
}

func wait[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("waited for %s", what)
		panic("unreachable")
	}
}

func (p *pair) waitOpen(t testing.TB) {
	t.Helper()
	wait(t, "the offerer to open", p.offerer.opened)
	wait(t, "the answerer to open", p.answerer.opened)
}

func debugLogger() *slog.Logger {
	if os.Getenv("LINK_DEBUG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func loopback(t testing.TB) *Transport {
	t.Helper()
	tr, err := NewTransport(TransportConfig{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Logger: debugLogger()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}
