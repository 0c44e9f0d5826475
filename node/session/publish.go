package session

import (
	"context"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
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

// Sealer encrypts a publisher's frames, each once, before they are cut into
// packets.
type Sealer interface {
	// Seal appends the sealed frame to dst, which may not overlap it. It fails with
	// e2ee.ErrNoEpoch while nobody could open it: the frame is to be dropped. It is
	// safe from any goroutine and does not wait.
	Seal(dst []byte, source protocol.Source, codec sframe.Codec, frame []byte) ([]byte, error)
}

// Outlet takes what a Publisher brings. What is switched off in the presence is
// dropped here. Its methods are safe from any goroutine and do not wait.
type Outlet interface {
	Sealer
	// Write takes a packet of a sealed frame; it is read during the call only.
	Write(source protocol.Source, p *router.Packet)
	// SenderReport relates a layer's RTP clock to the wall clock (NTP, 32.32 bits).
	SenderReport(source protocol.Source, layer int, ntp uint64, rtp uint32)
	// Wanted tells which layers anybody wants of a source.
	Wanted(source protocol.Source) []bool
}
