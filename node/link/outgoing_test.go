package link

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/room"
)

// bound is what pion binds a track to, with nothing behind it.
type bound struct {
	ssrc    webrtc.SSRC
	written int
	last    rtp.Header
}

func (b *bound) CodecParameters() []webrtc.RTPCodecParameters {
	var all []webrtc.RTPCodecParameters
	for _, c := range codecs {
		all = append(all, webrtc.RTPCodecParameters{RTPCodecCapability: c.capability(), PayloadType: c.number})
	}
	return all
}

func (b *bound) HeaderExtensions() []webrtc.RTPHeaderExtensionParameter {
	return []webrtc.RTPHeaderExtensionParameter{{URI: levelURI, ID: 1}, {URI: transportCCURI, ID: 3}, {URI: midURI, ID: 4}, {URI: ridURI, ID: 10}}
}
func (b *bound) SSRC() webrtc.SSRC                       { return b.ssrc }
func (b *bound) SSRCRetransmission() webrtc.SSRC         { return 0 }
func (b *bound) SSRCForwardErrorCorrection() webrtc.SSRC { return 0 }
func (b *bound) WriteStream() webrtc.TrackLocalWriter    { return b }
func (b *bound) ID() string                              { return "" }
func (b *bound) RTCPReader() interceptor.RTCPReader      { return nil }
func (b *bound) Write([]byte) (int, error)               { return 0, nil }
func (b *bound) WriteRTP(h *rtp.Header, _ []byte) (int, error) {
	b.written++
	b.last = *h
	return 0, nil
}

func openOutgoing(t testing.TB, simulcast [4]int) (*outgoing, map[layerKey]*bound) {
	t.Helper()
	o := newOutgoing(linesOf(room.ShapeMesh, room.Slots{}), simulcast, func() time.Duration { return time.Second })
	writers := make(map[layerKey]*bound)
	for line, layers := range o.layers {
		for layer, l := range layers {
			b := &bound{ssrc: webrtc.SSRC(100*line + layer + 1)}
			if _, err := l.Bind(b); err != nil {
				t.Fatal(err)
			}
			writers[layerKey{line, layer}] = b
		}
	}
	o.setOpen(true)
	return o, writers
}

// Guards the hot path: at a hundred receivers each allocation is made twenty
// thousand times a second.
func TestWritingDoesNotAllocate(t *testing.T) {
	o, writers := openOutgoing(t, [4]int{0, 3, 0, 0})
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
	if w := writers[layerKey{camera, 2}]; string(w.last.GetExtension(10)) != "f" || string(w.last.GetExtension(4)) != "1" {
		t.Error("a layer's packets do not tell which it is")
	}
	if w := writers[layerKey{mic, 0}]; len(w.last.GetExtension(1)) != 1 || w.last.GetExtension(1)[0] != 20 || w.last.PayloadType != 111 {
		t.Errorf("the sound went out as %+v", w.last)
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
	o, writers := openOutgoing(t, [4]int{})
	const camera = 1
	w := writers[layerKey{camera, 0}]
	write := func(seq uint16, again bool) []byte {
		if err := o.write(camera, 0, &router.Out{Codec: router.VP8, Seq: seq, Time: 90, Level: router.NoLevel, Retransmit: again}); err != nil {
			t.Fatal(err)
		}
		b, err := w.last.Marshal()
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
