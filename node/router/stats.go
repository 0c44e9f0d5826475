package router

import "github.com/parley-mesh/parley/pkg/identity"

// Stats tells what has flowed since the router was made, and what flows.
type Stats struct {
	Counts
	Sources   []SourceStats
	Receivers []ReceiverStats
}

// Counts are of packets and, where they say so, of bytes of payload.
type Counts struct {
	PacketsIn, BytesIn   uint64
	PacketsOut, BytesOut uint64 // with retransmissions
	Retransmitted        uint64
	Lost                 uint64 // on the way here, given up
	Nacked               uint64 // asked for again upstream
	KeyFrames            uint64 // asked for upstream
	Malformed            uint64 // dropped: they break their codec's or the router's rules
	Duplicate            uint64 // dropped: come twice
	Late                 uint64 // dropped: come too late
	Empty                uint64 // dropped: without payload, in order
	WriteErrors          uint64
}

// SourceStats tells of one source.
type SourceStats struct {
	Key    Key
	Relay  bool
	Layers [MaxLayers]LayerStats
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
	BitsPerSecond int     // the last SetBandwidth
	Loss          float64 // as the receiver reports it, smoothed, 0…1
	Flows         []FlowStats
}

// FlowStats tells what flows in a slot, and in which layer; −1 while its key
// frame is waited for.
type FlowStats struct {
	Flow
	Layer         int
	PacketsOut    uint32
	Retransmitted uint64
}

func (c *Counts) add(of *Counts) {
	c.PacketsIn += of.PacketsIn
	c.BytesIn += of.BytesIn
	c.PacketsOut += of.PacketsOut
	c.BytesOut += of.BytesOut
	c.Retransmitted += of.Retransmitted
	c.Lost += of.Lost
	c.Nacked += of.Nacked
	c.KeyFrames += of.KeyFrames
	c.Malformed += of.Malformed
	c.Duplicate += of.Duplicate
	c.Late += of.Late
	c.Empty += of.Empty
	c.WriteErrors += of.WriteErrors
}

// Stats returns the counters, and what flows now.
func (r *Router) Stats() Stats {
	sources, receivers, _ := r.everything()
	r.mu.RLock()
	stats := Stats{Counts: r.gone}
	r.mu.RUnlock()
	for _, s := range sources {
		s.mu.Lock()
		if !s.closed {
			stats.add(&s.counts)
			stats.Sources = append(stats.Sources, s.statsLocked())
		}
		s.mu.Unlock()
	}
	for _, rc := range receivers {
		rc.mu.Lock()
		stats.Receivers = append(stats.Receivers, rc.statsLocked())
		rc.mu.Unlock()
	}
	return stats
}

func (s *Source) statsLocked() SourceStats {
	stats := SourceStats{Key: s.key, Relay: s.relay}
	for i := range s.layers {
		l := &s.layers[i]
		stats.Layers[i] = LayerStats{Active: l.active, BitsPerSecond: l.rate.value, Width: l.width, Height: l.height}
	}
	return stats
}

func (rc *Receiver) statsLocked() ReceiverStats {
	stats := ReceiverStats{ID: rc.id, BitsPerSecond: rc.path.bps, Loss: rc.path.loss}
	for i := range rc.slots {
		s := &rc.slots[i]
		if s.source == nil {
			continue
		}
		s.source.mu.Lock()
		stats.Flows = append(stats.Flows, FlowStats{
			Flow:  Flow{Slot: i, Key: s.source.key},
			Layer: int(s.now), PacketsOut: s.packets, Retransmitted: s.retransmitted,
		})
		s.source.mu.Unlock()
	}
	return stats
}
