package session

import (
	"context"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Published is a source that a Publisher brings.
type Published struct {
	Source        protocol.Source
	Layers        int // in which it is sent towards an SFU, from the smallest; 0 and 1 mean one
	Width, Height int // of the largest; 0 when unknown
}

// Publisher brings sources of this participant's own.
type Publisher interface {
	// Sources does not change.
	Sources() []Published
	// Run writes packets until ctx ends or the sources do. Its error becomes an
	// Error event, and the sources are off from then on.
	Run(ctx context.Context, out Outlet) error
	// RequestKeyFrame notes that somebody cannot decode a layer, and returns.
	RequestKeyFrame(source protocol.Source, layer int)
}

// Outlet takes what a Publisher brings. What is switched off in the presence is
// dropped here. Its methods are safe from any goroutine and do not wait.
type Outlet interface {
	// Write takes a packet; it is read during the call only.
	Write(source protocol.Source, p *router.Packet)
	// SenderReport relates a layer's RTP clock to the wall clock (NTP, 32.32 bits).
	SenderReport(source protocol.Source, layer int, ntp uint64, rtp uint32)
	// Wanted tells which layers anybody wants of a source.
	Wanted(source protocol.Source) []bool
}
