package router

import (
	"sync"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Config is what a Router is made from. The zero value of a limit is its default.
type Config struct {
	Self identity.PeerID // whose sources are the node's own
	Seed uint64          // from which the slots' first numbers come

	CacheBytes int // payload bytes kept per layer of a video source at most, 512 KiB
}

// Router routes sources into slots.
type Router struct {
	config Config
	mu     sync.RWMutex
}

// New makes an empty router.
func New(config Config) *Router { return &Router{config: config} }

// Source is one of the router's sources: a line on which packets come in.
type Source struct{}

// AddSource adds a source. With relay it may be forwarded to others, without
// only to this node's sinks; the node's own may always be forwarded. Of several
// with one key the newest that brings packets is taken.
func (r *Router) AddSource(key Key, media Media, relay bool, up Upstream) *Source { return &Source{} }

// Write takes one packet in and sends it to whoever is shown it.
func (s *Source) Write(at int64, p *Packet) {}

// SenderReport takes what the sender said of a layer: its clock's ntp is rtp in
// the layer's timestamps.
func (s *Source) SenderReport(at int64, layer int, ntp uint64, rtp uint32) {}

// SetLayer tells that a layer is there, or has ended.
func (s *Source) SetLayer(layer int, active bool) {}

// Close removes the source; its slots fall silent. A second Close is harmless.
func (s *Source) Close() {}

// Receiver is one peer that is sent to.
type Receiver struct{}

// AddReceiver adds a receiver with a fixed number of slots.
func (r *Router) AddReceiver(id identity.PeerID, slots []Slot, only Scope, down Downstream) *Receiver {
	return &Receiver{}
}

// SetViews takes what the receiver shows, most important first.
func (rc *Receiver) SetViews(at int64, views []protocol.View) {}

// SetBandwidth takes the estimate of what the path to the receiver carries, in
// bits per second of RTP payload and all. Before the first, or with 0, it is
// taken for unlimited.
func (rc *Receiver) SetBandwidth(at int64, bps int) {}

// Nack answers a receiver's request for packets of a slot from the source's cache.
func (rc *Receiver) Nack(at int64, slot int, seqs []uint16) {}

// KeyFrame takes a receiver's request for a key frame in a slot.
func (rc *Receiver) KeyFrame(at int64, slot int) {}

// Reception takes a receiver report (RFC 3550 section 6.4.2): the fraction lost
// in 256ths, and the round trip in nanoseconds, 0 when not known.
func (rc *Receiver) Reception(at int64, slot int, lost uint8, rtt int64) {}

// Close removes the receiver. Nothing is written to it when Close has returned.
// A second Close is harmless.
func (rc *Receiver) Close() {}

// SinkHandle ends what AddSink began.
type SinkHandle struct{}

// AddSink hands the packets of every source that want accepts to s, sources that
// come later as well. want is asked once for each source.
func (r *Router) AddSink(want func(Key) bool, s Sink) *SinkHandle { return &SinkHandle{} }

// Close ends the sink. It is not called when Close has returned. A second Close
// is harmless.
func (h *SinkHandle) Close() {}

// Tick does what is due: NACKs again, key-frame requests again, loudness,
// bandwidth. It says when it wants to be called next.
func (r *Router) Tick(at int64) (next int64) { return at }

// Wanted tells what anybody wants of a source, for asking it upstream: which
// layers, and how large the largest view is in pixels, 0 by 0 meaning as large
// as there is. All false: nobody wants it.
func (r *Router) Wanted(key Key) (layers []bool, width, height int) { return nil, 0, 0 }

// Revision rises whenever Wanted may answer something else than before.
func (r *Router) Revision() uint64 { return 0 }

// Stats counts since the router was made.
type Stats struct {
	PacketsIn, BytesIn   uint64
	PacketsOut, BytesOut uint64 // with retransmissions
	Retransmitted        uint64
	Lost                 uint64 // on the way here, given up
	Nacked               uint64 // asked for again upstream
	KeyFrames            uint64 // asked for upstream
	Malformed            uint64 // dropped: they break their codec's or the router's rules
	Duplicate            uint64 // dropped: come twice
	Late                 uint64 // dropped: come too late
	WriteErrors          uint64
	Sources              []SourceStats
	Receivers            []ReceiverStats
}

// SourceStats tells of one source.
type SourceStats struct {
	Key    Key
	Relay  bool
	Layers []LayerStats
}

// LayerStats tells of one layer.
type LayerStats struct {
	Active        bool
	BitsPerSecond int
	Width, Height int // 0 when not known
}

// ReceiverStats tells of one receiver.
type ReceiverStats struct {
	ID            identity.PeerID
	BitsPerSecond int // the last SetBandwidth
	Flows         []FlowStats
}

// FlowStats tells what flows in a slot, and in which layer; −1 while its key
// frame is waited for.
type FlowStats struct {
	Flow
	Layer         int
	PacketsOut    uint64
	Retransmitted uint64
}

// Stats returns the counters, and what flows now.
func (r *Router) Stats() Stats { return Stats{} }
