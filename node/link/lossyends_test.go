package link_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

type server struct {
	hall     *lossyHall
	viewer   *viewer
	ready    sync.WaitGroup
	link     *link.Link
	receiver *router.Receiver
	nacked   atomic.Int64
}

func (s *server) Signal(_ *link.Link, m protocol.LinkSignal) {
	s.viewer.ready.Wait()
	s.viewer.link.Accept(m)
}
func (s *server) Opened(*link.Link)              {}
func (s *server) Vitals(*link.Link, link.Vitals) {}
func (s *server) Broken(*link.Link)              { s.hall.t.Error("the SFU's link broke") }

func (s *server) Control(_ *link.Link, m protocol.ControlMessage) {
	if views, ok := m.(protocol.Views); ok {
		s.receiver.SetViews(s.hall.now(), views.Views)
	}
}
func (s *server) Packet(int, *router.Packet)            {}
func (s *server) SenderReport(int, int, uint64, uint32) {}
func (s *server) Upstream(int, int, bool)               {}
func (s *server) Nack(line, _ int, seqs []uint16) {
	s.nacked.Add(int64(len(seqs)))
	s.receiver.Nack(s.hall.now(), line, seqs)
}
func (s *server) KeyFrame(line, _ int) { s.receiver.KeyFrame(s.hall.now(), line) }
func (s *server) Reception(line, _ int, lost uint8, _ uint32, rtt time.Duration) {
	s.receiver.Reception(s.hall.now(), line, lost, int64(rtt))
}

func (s *server) Bandwidth(bps int)                        { s.receiver.SetBandwidth(s.hall.now(), bps) }
func (s *server) WriteRTP(slot int, out *router.Out) error { return s.link.WriteRTP(slot, out) }
func (s *server) Flush()                                   { s.link.Flush() }
func (s *server) SendReport(slot int, ntp uint64, rtp, packets, octets uint32) {
	s.link.SendReport(slot, ntp, rtp, packets, octets)
}

func (s *server) Slots(flows []router.Flow) {
	var slots protocol.Slots
	for _, f := range flows {
		slots.Slots = append(slots.Slots, protocol.Slot{Mid: strconv.Itoa(f.Slot), From: f.Key.From, Source: f.Key.Source})
	}
	if err := s.link.Send(slots); err != nil {
		s.hall.t.Error(err)
	}
}

// viewer is a receiver: its link brings sources into a router of its own, whose
// sink is the tape.
type viewer struct {
	hall      *lossyHall
	id        identity.PeerID
	transport *link.Transport
	router    *router.Router
	serve     *server
	ready     sync.WaitGroup
	link      *link.Link
	tape      *lossyTape

	mu      sync.Mutex
	sources map[int]*router.Source // by line
}

func (v *viewer) Signal(_ *link.Link, m protocol.LinkSignal) {
	v.serve.ready.Wait()
	v.serve.link.Accept(m)
}
func (v *viewer) Vitals(*link.Link, link.Vitals) {}
func (v *viewer) Broken(*link.Link)              { v.hall.t.Error("a receiver's link broke") }

func (v *viewer) Opened(l *link.Link) {
	err := l.Send(protocol.Views{Views: []protocol.View{
		{From: lossySender, Source: protocol.SourceMic},
		{From: lossySender, Source: protocol.SourceCamera, Width: 1280, Height: 720},
	}})
	if err != nil {
		v.hall.t.Error(err)
	}
}

func (v *viewer) Control(_ *link.Link, m protocol.ControlMessage) {
	slots, ok := m.(protocol.Slots)
	if !ok {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range slots.Slots {
		line, _ := strconv.Atoi(s.Mid)
		if v.sources[line] == nil {
			v.sources[line] = v.router.AddSource(router.Key{From: s.From, Source: s.Source}, router.MediaOf(s.Source), false, viewerUp{v, line})
		}
	}
}

func (v *viewer) source(line int) *router.Source {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.sources[line]
}

func (v *viewer) Packet(line int, p *router.Packet) {
	v.tape.bytes(len(p.Payload))
	if s := v.source(line); s != nil {
		s.Write(v.hall.now(), p)
	}
}
func (v *viewer) SenderReport(int, int, uint64, uint32)            {}
func (v *viewer) Nack(int, int, []uint16)                          {}
func (v *viewer) KeyFrame(int, int)                                {}
func (v *viewer) Reception(int, int, uint8, uint32, time.Duration) {}
func (v *viewer) Bandwidth(int)                                    {}
func (v *viewer) Upstream(int, int, bool)                          {}

type viewerUp struct {
	viewer *viewer
	line   int
}

func (u viewerUp) RequestKeyFrame(layer int)     { u.viewer.link.RequestKeyFrame(u.line, layer) }
func (u viewerUp) Nack(layer int, seqs []uint16) { u.viewer.link.SendNack(u.line, layer, seqs) }
