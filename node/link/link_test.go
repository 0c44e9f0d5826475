package link

import (
	"fmt"
	"testing"

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
			out := router.Out{Codec: codec, Seq: 65_000, Time: 90_000, Marker: true, Level: 17, Payload: []byte(payload)}
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
		if p.Seq != 65_000 || p.Time != 90_000 || !p.Marker || (p.Codec == router.Opus) != (p.Level == 17) {
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
