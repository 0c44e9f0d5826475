package session

import (
	"context"
	"sync/atomic"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// outlet is everything of self's own that is sent: what the publishers bring, as
// the router's sources, each for as long as the presence says that it is on.
type outlet struct {
	Sealer  // of every frame
	self    identity.PeerID
	router  *router.Router
	clock   func() int64
	sources map[protocol.Source]*ownSource // does not change
	level   atomic.Int32                   // of the microphone's last packet, 0 silent to 127
}

type ownSource struct {
	Published
	publisher Publisher
	ended     bool // of the loop: its publisher has nothing more
	live      atomic.Pointer[router.Source]
	layers    []atomic.Pointer[router.Source] // the same, layer by layer; nil for one layer
}

func newOutlet(self identity.PeerID, r *router.Router, clock func() int64, publishers []Publisher) *outlet {
	o := &outlet{self: self, router: r, clock: clock, sources: make(map[protocol.Source]*ownSource)}
	for _, p := range publishers {
		for _, s := range p.Sources() {
			own := &ownSource{Published: s, publisher: p}
			if s.Layers > 1 && router.MediaOf(s.Source) == router.Video {
				own.layers = make([]atomic.Pointer[router.Source], s.Layers)
			}
			o.sources[s.Source] = own
		}
	}
	return o
}

// initial is the presence that goes with what is published.
func (o *outlet) initial(name string, recording bool) protocol.Presence {
	p := protocol.Presence{Name: name, Mic: true, Camera: true, Screen: true, Recording: recording}
	return o.possible(p)
}

// possible takes out of a presence what nobody publishes.
func (o *outlet) possible(p protocol.Presence) protocol.Presence {
	has := func(source protocol.Source) bool {
		s := o.sources[source]
		return s != nil && !s.ended
	}
	p.Mic = p.Mic && has(protocol.SourceMic)
	p.Camera = p.Camera && has(protocol.SourceCamera)
	p.Screen = p.Screen && has(protocol.SourceScreen)
	return p
}

// follow switches the sources as the presence says.
func (o *outlet) follow(p protocol.Presence) {
	for source, s := range o.sources {
		on := !s.ended && published(p, source)
		live := s.live.Load()
		switch {
		case on && live == nil:
			key := router.Key{From: o.self, Source: source}
			added := o.router.AddSource(key, router.MediaOf(source), true, ownUpstream{s, 0})
			for layer := range max(1, s.Layers) {
				added.SetLayer(layer, true)
			}
			s.live.Store(added)
			for layer := range s.layers {
				key.Source = layerOf(source, layer)
				added := o.router.AddSource(key, router.Video, true, ownUpstream{s, layer})
				added.SetLayer(0, true)
				s.layers[layer].Store(added)
			}
		case !on && live != nil:
			s.live.Store(nil)
			live.Close()
			for layer := range s.layers {
				if of := s.layers[layer].Swap(nil); of != nil {
					of.Close()
				}
			}
		}
	}
}

// layers says in how many layers each line is sent towards an SFU.
func (o *outlet) layers() (layers [ownLines]int) {
	for source, s := range o.sources {
		layers[lineOf(source)] = len(s.layers)
	}
	return layers
}

// Write, as Outlet.
func (o *outlet) Write(source protocol.Source, p *router.Packet) {
	s := o.sources[source]
	if s == nil {
		return
	}
	live := s.live.Load()
	if source == protocol.SourceMic {
		level := int32(0)
		if live != nil {
			level = int32(Loudness(p.Level))
		}
		o.level.Store(level)
	}
	if live == nil {
		return
	}
	now := o.clock()
	live.Write(now, p)
	if p.Layer >= 0 && p.Layer < len(s.layers) {
		if of := s.layers[p.Layer].Load(); of != nil {
			alone := *p
			alone.Layer = 0
			of.Write(now, &alone)
		}
	}
}

// SenderReport, as Outlet.
func (o *outlet) SenderReport(source protocol.Source, layer int, ntp uint64, rtp uint32) {
	if s := o.sources[source]; s != nil {
		if live := s.live.Load(); live != nil {
			live.SenderReport(o.clock(), layer, ntp, rtp)
		}
		if layer >= 0 && layer < len(s.layers) {
			if of := s.layers[layer].Load(); of != nil {
				of.SenderReport(o.clock(), 0, ntp, rtp)
			}
		}
	}
}

// Wanted, as Outlet.
func (o *outlet) Wanted(source protocol.Source) []bool {
	layers, _, _ := o.router.Wanted(router.Key{From: o.self, Source: source})
	return layers
}

// ownUpstream is the way back to a publisher.
type ownUpstream struct {
	source *ownSource
	layer  int // of the publisher's, which is the router's lowest
}

// RequestKeyFrame, as router.Upstream.
func (u ownUpstream) RequestKeyFrame(layer int) {
	u.source.publisher.RequestKeyFrame(u.source.Source, u.layer+layer)
}

// Nack, as router.Upstream: nothing is lost between a publisher and the router.
func (ownUpstream) Nack(int, []uint16) {}

// publish runs the publishers until ctx ends and tells the loop of each that ends.
func (l *loop) publish(ctx context.Context) {
	for _, p := range l.cfg.Publish {
		l.running.Go(func() {
			err := p.Run(ctx, l.outlet)
			if ctx.Err() == nil {
				l.inbox.post(ceased{p, err}, nil)
			}
		})
	}
}

// sink begins to hand packets to the owner's sinks.
func (l *loop) sink() {
	for _, s := range l.cfg.Sinks {
		h := l.router.AddSink(func(k router.Key) bool { return lineOf(k.Source) >= 0 && s.Want(k) }, s.Write)
		l.sinks = append(l.sinks, h)
	}
}
