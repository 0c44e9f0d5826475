package link

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/router"
)

// Guards against a stream whose place was taken and that goes on delivering: a
// line would bring two in turns, and nobody would look whether the first ended.
func TestAStreamWhosePlaceIsTakenIsOver(t *testing.T) {
	t.Parallel()
	packet := func(ssrc uint32, seq uint16) []byte {
		b := []byte{0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x02, 0x00, 'x'}
		binary.BigEndian.PutUint16(b[2:], seq)
		binary.BigEndian.PutUint32(b[8:], ssrc)
		return b
	}
	peer := newEnd(t)
	var now time.Duration
	in := newIncoming(peer, []Line{{Mid: "0", Media: router.Video, Receive: true}}, newOutgoing(nil, [4]int{}, func() time.Duration { return now }), func() time.Duration { return now }, nil, nil)
	in.described.Store(&description{
		codecs: [128]router.Codec{96: router.VP8}, ssrcs: map[uint32]int{1: 0, 2: 0},
	})
	for i, ssrc := range []uint32{1, 2, 1, 2} {
		in.rtp(packet(ssrc, uint16(i)))
	}
	if packets, _, _ := in.totals(); packets != 3 || in.refused.Load() != 1 {
		t.Errorf("%d packets were taken and %d refused", packets, in.refused.Load())
	}
	if ssrc := in.ssrcOf(0, 0); ssrc != 2 {
		t.Errorf("the line is %d's", ssrc)
	}
}
