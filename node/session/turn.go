package session

import (
	"sync/atomic"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/e2ee"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// A turn tells, on a line that an SFU gives to one source after another, the
// packets of the one that was named last from those that came before the word of
// the next. Frames say whose they are, and the packets of one frame follow each
// other in number. Both fields are 1<<16 and a sequence number, or 0 for none.
type turn struct {
	own   atomic.Uint32 // the newest frame of the source that was named
	stray atomic.Uint32 // from here on the line is another's
}

// from tells whether a number is at or behind a mark.
func from(seq uint16, mark uint32) bool { return mark != 0 && int16(seq-uint16(mark)) >= 0 }

// another takes a packet that begins a frame with that claim, or with an unknown
// one, and tells whether it is not of the source that was named. What was sent
// again of the source before is none of the next one's either, and so old that
// nobody takes it.
func (t *turn) another(claim e2ee.Claim, seq uint16) bool {
	own, stray := t.own.Load(), t.stray.Load()
	switch claim {
	case e2ee.ClaimTheirs:
		if own == 0 || from(seq, own) {
			t.own.Store(1<<16 | uint32(seq))
		}
		if from(seq, stray) {
			t.stray.Store(0)
		}
		return false
	case e2ee.ClaimAnothers:
		if own != 0 && !from(seq, own) {
			return false
		}
		if !from(seq, stray) {
			t.stray.Store(1<<16 | uint32(seq))
		}
		return true
	default:
		return from(seq, stray)
	}
}

// begin is for when another source is named.
func (t *turn) begin() {
	t.own.Store(0)
	t.stray.Store(0)
}

// claims tells whether the frame that begins in a packet says to be of a source.
func (m *media) claims(of router.Key, p *router.Packet) e2ee.Claim {
	frame := router.FrameIn(p.Codec, p.Payload)
	if frame == nil {
		return e2ee.ClaimUnknown
	}
	codec := sframe.CodecOther
	switch p.Codec {
	case router.Opus:
		codec = sframe.CodecOpus
	case router.VP8:
		codec = sframe.CodecVP8
	default:
	}
	return m.opener.Claims(codec, frame, of.From, of.Source)
}
