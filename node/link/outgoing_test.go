package link

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/room"
)

// sent are the headers of what went out last, by SSRC.
type sent map[uint32]rtp.Header

// of gives the last of a layer.
func (s sent) of(o *outgoing, line, layer int) *rtp.Header {
	h := s[o.layers[line][layer].ssrc]
	return &h
}

func openOutgoing(t testing.TB, simulcast [4]int) (*outgoing, sent) {
	t.Helper()
	lines := linesOf(room.ShapeMesh, room.Slots{})
	o := newOutgoing(lines, simulcast, func() time.Duration { return time.Second })
	d := &description{numbers: make([]numbers, len(lines))}
	for i, line := range lines {
		d.numbers[i] = offered(line.Media)
	}
	if err := o.take(d); err != nil {
		t.Fatal(err)
	}
	last := make(sent)
	o.open(func(h *rtp.Header, _ []byte) error {
		last[h.SSRC] = *h
		return nil
	})
	return o, last
}

// Guards the hot path: at a hundred receivers each allocation is made twenty
// thousand times a second.
func TestWritingDoesNotAllocate(t *testing.T) {
	o, last := openOutgoing(t, [4]int{0, 3, 0, 0})
	const mic, camera = 0, 1
	picture := router.Out{Codec: router.VP8, Level: router.NoLevel, Payload: make([]byte, 1200)}
	sound := router.Out{Codec: router.Opus, Level: 20, Payload: make([]byte, 80)}
	if n := testing.AllocsPerRun(1000, func() {
		picture.Seq++
		sound.Seq++
		for layer := range 3 {
			if err := o.write(camera, layer, &picture); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.write(mic, 0, &sound); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if h := last.of(o, camera, 2); string(h.GetExtension(2)) != "f" || string(h.GetExtension(1)) != "1" {
		t.Error("a layer's packets do not tell which it is")
	}
	if h := last.of(o, mic, 0); len(h.GetExtension(3)) != 1 || h.GetExtension(3)[0] != 20 || h.PayloadType != 111 {
		t.Errorf("the sound went out as %+v", h)
	}
}

// The same for what is between encryption and the system call.
func TestGatheringDoesNotAllocate(t *testing.T) {
	m := openMux(t)
	h, err := m.GetConn("user", m.socket.conn.LocalAddr())
	if err != nil {
		t.Fatal(err)
	}
	handle, to := h.(*pathHandle), netip.MustParseAddrPort("127.0.0.1:9")
	packet, last := rtpOf(1, false, 1200), rtpOf(2, true, 1200)
	if n := testing.AllocsPerRun(1000, func() {
		for range 4 {
			_, _ = handle.WriteToAddrPort(packet, to)
		}
		_, _ = handle.WriteToAddrPort(last, to)
	}); n > 1 { // a refusal by ICMP is an error that the net package makes
		t.Errorf("%v allocations for five packets", n)
	}
}

var _ net.PacketConn = (*pathHandle)(nil)

// A retransmission is the same packet to the last bit: what is encrypted twice
// under one number must not differ.
func TestRetransmissionIsTheSamePacket(t *testing.T) {
	t.Parallel()
	o, last := openOutgoing(t, [4]int{})
	const camera = 1
	write := func(seq uint16, again bool) []byte {
		if err := o.write(camera, 0, &router.Out{Codec: router.VP8, Seq: seq, Time: 90, Level: router.NoLevel, Retransmit: again}); err != nil {
			t.Fatal(err)
		}
		b, err := last.of(o, camera, 0).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := write(7, false)
	second := write(8, false)
	if string(write(7, true)) != string(first) || string(first) == string(second) {
		t.Error("it differs")
	}
}
