package link

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

var star = pairOptions{shape: room.ShapeSFU, extra: room.StarSlots, simulcast: [4]int{0, 3, 0, 0}}

// Two ends connect, and each line that an end may send on reaches the other.
func TestEveryLineCarries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options pairOptions
	}{{"mesh", pairOptions{}}, {"star", star}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, loopback(t), loopback(t), c.options)
			p.waitOpen(t)
			sendsAll(t, p.offerer)
			sendsAll(t, p.answerer)
		})
	}
}

// sendsAll sends one packet on each layer and waits for each.
func sendsAll(t *testing.T, from *end) {
	t.Helper()
	sendsNumber(t, from, 65_000)
}

func sendsNumber(t *testing.T, from *end, seq uint16) {
	t.Helper()
	want := make(map[string]bool)
	for i, line := range from.link.Lines() {
		if !line.Send {
			continue
		}
		for layer := range from.link.outgoing.layers[i] {
			codec := router.Opus
			if line.Media == router.Video {
				codec = router.VP8
			}
			payload := fmt.Sprintf("line %d layer %d", i, layer)
			want[payload] = true
			out := router.Out{Codec: codec, Seq: seq, Time: 90_000, Marker: true, Level: 17, Payload: []byte(payload)}
			if err := from.link.WriteLayer(i, layer, &out); err != nil {
				t.Fatalf("%s: %v", payload, err)
			}
		}
	}
	from.link.Flush()
	for len(want) > 0 {
		got := wait(t, fmt.Sprint(len(want), " packets"), from.peer.packets)
		if name := fmt.Sprintf("line %d layer %d", got.line, got.packet.Layer); name != got.payload || !want[name] {
			t.Fatalf("%q came as %s", got.payload, name)
		}
		delete(want, got.payload)
		p := got.packet
		if p.Seq != seq || p.Time != 90_000 || !p.Marker || (p.Codec == router.Opus) != (p.Level == 17) {
			t.Errorf("it came as %+v", p)
		}
	}
}

func TestControlAndBeats(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{})
	p.waitOpen(t)
	if err := p.offerer.link.Send(protocol.Slots{Slots: []protocol.Slot{}}); err != nil {
		t.Fatal(err)
	}
	if _, ok := wait(t, "slots", p.answerer.controls).(protocol.Slots); !ok {
		t.Error("something else came")
	}
}

// What a receiver asks of a sender reaches it, by line and layer.
func TestWhatReceiversAskFor(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), star)
	p.waitOpen(t)
	sendsAll(t, p.offerer)
	const camera, large = 1, 2

	p.answerer.link.RequestKeyFrame(camera, large)
	if key := wait(t, "a key frame request", p.offerer.keys); key != (layerKey{camera, large}) {
		t.Errorf("a key frame of %v is asked for", key)
	}
	p.answerer.link.SendNack(camera, large, []uint16{65_000, 65_001, 65_020, 3})
	if seqs := wait(t, "a NACK", p.offerer.nacks); fmt.Sprint(seqs) != "[65000 65001 65020 3]" {
		t.Errorf("%v are asked for again", seqs)
	}
	const ntp = 0xdead_beef_0bad_cafe
	p.offerer.link.SendLayerReport(camera, large, ntp, 90_000, 1, 12)
	if got := wait(t, "a sender report", p.answerer.reports); got != ntp {
		t.Errorf("its clock says %x", got)
	}
	wait(t, "a receiver report", p.offerer.received)
}

// A number is never encrypted twice with another content: that would give the
// key away. A retransmission is the same packet again.
func TestNumbersAreUsedOnce(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{})
	p.waitOpen(t)
	const camera = 1
	send := func(seq uint16, again bool) error {
		return p.offerer.link.WriteRTP(camera, &router.Out{
			Codec: router.VP8, Seq: seq, Marker: true, Payload: []byte{byte(seq)}, Retransmit: again,
		})
	}
	for _, c := range []struct {
		seq   uint16
		again bool
		want  error
	}{
		{10, false, nil},
		{10, false, ErrNumber},
		{10, true, nil},
		{9, false, nil}, // late, but new
		{9, false, ErrNumber},
		{11, true, ErrNumber}, // never sent
		{sentPictures + 20, false, nil},
		{15, false, ErrNumber}, // too late to know
		{10, true, ErrNumber},
	} {
		if err := send(c.seq, c.again); !errors.Is(err, c.want) {
			t.Errorf("%d, again %v: %v", c.seq, c.again, err)
		}
	}
	for _, want := range []uint16{10, 9, sentPictures + 20} {
		if got := wait(t, "a packet", p.answerer.packets); got.packet.Seq != want {
			t.Errorf("%d came in place of %d", got.packet.Seq, want)
		}
	}
}

func TestICERestartKeepsTheLink(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), star)
	p.waitOpen(t)
	sendsAll(t, p.offerer)
	p.answerer.link.NetworkChanged()
	for p.offerer.link.Stats().Generation != 1 || p.answerer.link.Stats().Negotiations != 2 {
		select {
		case <-p.offerer.broken:
			t.Fatal("it broke")
		case <-time.After(time.Millisecond):
		}
	}
	const camera = 1
	for seq := uint16(1); ; seq++ {
		_ = p.offerer.link.WriteLayer(camera, 0, &router.Out{Codec: router.VP8, Seq: 100 + seq, Marker: true, Payload: []byte("again")})
		select {
		case got := <-p.answerer.packets:
			if got.payload != "again" {
				t.Fatalf("%q came", got.payload)
			}
			return
		case <-p.offerer.broken:
			t.Fatal("it broke")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestClosingIsToldAndIsHarmlessTwice(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{})
	p.waitOpen(t)
	p.offerer.link.Close(true)
	p.offerer.link.Close(true)
	wait(t, "the end", p.offerer.link.Done())
	for {
		p.answerer.mu.Lock()
		told := len(p.answerer.closed)
		p.answerer.mu.Unlock()
		if told == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	// The peer's DTLS has gone: the other end sees it without being told.
	wait(t, "the other end to see it", p.answerer.broken)
	if err := p.offerer.link.WriteRTP(0, &router.Out{Codec: router.Opus}); !errors.Is(err, ErrNotOpen) {
		t.Error(err)
	}
	if err := p.offerer.link.Send(protocol.HistoryRequest{}); !errors.Is(err, ErrNotOpen) {
		t.Error(err)
	}
}

// What an authenticated peer sends is bounded too: streams without end cost it
// the link.
func TestEndlessStreamsBreakTheLink(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{})
	p.waitOpen(t)
	for ssrc := range uint32(2 * maxStreams) {
		p.offerer.link.sendRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: ssrc + 1000}})
		if err := p.offerer.link.connection.keys.Load().sealRTP(&rtp.Header{Version: 2, PayloadType: 96, SSRC: ssrc + 1000}, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, "the end", p.answerer.broken)
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	e := newEnd(t)
	good := Config{Transport: loopback(t), ID: "AAAAAAAAAAAAAAAAAAAAAA", Shape: room.ShapeMesh, Events: e, Media: e}
	for name, change := range map[string]func(*Config){
		"no transport":        func(c *Config) { c.Transport = nil },
		"no events":           func(c *Config) { c.Events = nil },
		"no shape":            func(c *Config) { c.Shape = "" },
		"slots in a mesh":     func(c *Config) { c.Extra = room.StarSlots },
		"too many slots":      func(c *Config) { c.Shape, c.Extra = room.ShapeSFU, room.Slots{Video: 61} },
		"a short ID":          func(c *Config) { c.ID = "AAAA" },
		"layers of sound":     func(c *Config) { c.Offer, c.Simulcast = true, [4]int{2, 0, 0, 0} },
		"layers in an answer": func(c *Config) { c.Simulcast = [4]int{0, 3, 0, 0} },
	} {
		config := good
		change(&config)
		if l, err := New(config); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
			if l != nil {
				l.Close(false)
			}
		}
	}
}

// A message that is larger than any may be, and one that is none at all: the
// first costs the peer the link, the other is counted.
func TestStrangeMessages(t *testing.T) {
	t.Parallel()
	p := newPair(t, loopback(t), loopback(t), pairOptions{})
	p.waitOpen(t)
	control := p.offerer.link.channels.control.Load()
	if _, err := control.WriteDataChannel([]byte("hello"), true); err != nil {
		t.Fatal(err)
	}
	if _, err := control.WriteDataChannel([]byte{1, 2, 3}, false); err != nil {
		t.Fatal(err)
	}
	if err := p.offerer.link.Send(protocol.HistoryRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, ok := wait(t, "a message", p.answerer.controls).(protocol.HistoryRequest); !ok {
		t.Error("another message came")
	}
	if refused := p.answerer.link.Stats().Refused; refused != 2 {
		t.Errorf("%d are refused", refused)
	}
	if _, err := control.WriteDataChannel([]byte(strings.Repeat("x", protocol.MaxFrame+1)), true); err == nil {
		wait(t, "the end", p.answerer.broken)
	}
}

// A peer whose descriptions are none is left; the others' links know nothing of it.
func TestStrangeDescriptions(t *testing.T) {
	t.Parallel()
	tr := loopback(t)
	good := newPair(t, loopback(t), tr, pairOptions{})
	bad := newPair(t, loopback(t), tr, pairOptions{lostSignals: 1})
	bad.answerer.link.Accept(protocol.Offer{Generation: 3, SDP: "v=0\r\n"})
	wait(t, "the end", bad.answerer.broken)
	good.waitOpen(t)
	sendsAll(t, good.offerer)
}
