package session

import (
	"slices"
	"testing"

	"github.com/parley-mesh/parley/node/router"
)

const tick = 10_000_000 // nanoseconds

func nobody(*router.Packet) bool { return false }

// Guards a picture whose name came later than its key frame: a recording began
// with the next one, and lost what was before.
func TestHoldKeepsWhatWaitsForItsName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		from, count int64 // the packets: from which tick on, one a tick
		at          int64 // the tick at which the name comes
		first, last uint16
	}{
		{"name soon", 100, 5, 106, 100, 104},
		{"name after almost half a second", 100, 5, 149, 100, 104},
		{"the oldest are too old", 100, 5, 152, 103, 104},
		{"all are too old", 100, 5, 160, 0, 0},
		{"what was on the way of the one before", 25, 10, 36, 30, 34},
	} {
		var h hold
		for n := range test.count {
			seq := test.from + n
			h.keep(seq*tick, &router.Packet{Seq: uint16(seq), Payload: []byte{1}}, false)
		}
		var got []uint16
		h.release(test.at*tick, nobody, func(_ int64, p *router.Packet) { got = append(got, p.Seq) })
		var want []uint16
		for seq := test.first; seq != 0 && seq <= test.last; seq++ {
			want = append(want, seq)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", test.name, got, want)
		}
		h.release(test.at*tick, nobody, func(int64, *router.Packet) { t.Errorf("%s: handed on twice", test.name) })
	}
}

// Guards the memory that a peer can fill with packets that it never names.
func TestHoldIsBounded(t *testing.T) {
	t.Parallel()
	var h hold
	for seq := range 4 * holdPackets {
		h.keep(idleFor, &router.Packet{Seq: uint16(seq), Payload: []byte{1}}, false)
	}
	h.keep(idleFor, &router.Packet{Payload: make([]byte, router.MaxPayload+1)}, false)
	var got []uint16
	h.release(idleFor, nobody, func(_ int64, p *router.Packet) { got = append(got, p.Seq) })
	if len(got) != holdPackets || got[0] != 3*holdPackets {
		t.Errorf("%d packets from %v on", len(got), got[:min(1, len(got))])
	}
}
