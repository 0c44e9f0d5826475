package router_test

import (
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// null is a receiver whose link costs nothing.
type null struct{ packets, bytes int }

func (n *null) WriteRTP(_ int, out *router.Out) error {
	n.packets++
	n.bytes += len(out.Payload)
	return nil
}
func (n *null) Flush()                                         {}
func (n *null) SendReport(int, uint64, uint32, uint32, uint32) {}
func (n *null) Slots([]router.Flow)                            {}

// up is a sender that answers nothing.
type up struct{ keys, nacks int }

func (u *up) RequestKeyFrame(int) { u.keys++ }
func (u *up) Nack(int, []uint16)  { u.nacks++ }

// publisher is a camera of one layer and a microphone: bursts of five packets of
// 1200 bytes, and an audio packet, as in the forwarder's benchmarks.
type publisher struct {
	video, audio *router.Source
	seq          uint16
	packet       router.Packet
	sound        router.Packet
	key, delta   []byte
}

func newPublisher(r *router.Router, n byte) *publisher {
	p := &publisher{
		key:   payload(frame{source: n, key: true, count: 5}, 7, 7, 1200),
		delta: payload(frame{source: n, index: 1, count: 5}, 7, 7, 1200),
	}
	p.video = r.AddSource(cameraOf(n), router.Video, true, &up{})
	p.audio = r.AddSource(router.Key{From: peer(n), Source: protocol.SourceMic}, router.Audio, true, &up{})
	p.packet = router.Packet{Codec: router.VP8, Level: router.NoLevel}
	p.sound = router.Packet{Codec: router.Opus, Level: 30, Payload: make([]byte, 80)}
	return p
}

// burst sends one frame of five packets, a key frame each time that first says so,
// and one of audio.
func (p *publisher) burst(at int64, first []byte) {
	for i := range 5 {
		p.packet.Payload = p.delta
		if i == 0 {
			p.packet.Payload = first
		}
		p.packet.Seq, p.packet.Time, p.packet.Marker = p.seq, uint32(at/11111), i == 4
		p.video.Write(at, &p.packet)
		p.seq++
	}
	p.sound.Seq++
	p.sound.Time += 960
	p.audio.Write(at, &p.sound)
}

// hall is publishers and receivers that see and hear all of them.
func hall(publishers, receivers int) (r *router.Router, from []*publisher, to []*null) {
	r = router.New(router.Config{Self: peer(200), Seed: 1})
	var views []protocol.View
	for n := range publishers {
		from = append(from, newPublisher(r, byte(n)))
		views = append(views,
			protocol.View{From: peer(byte(n)), Source: protocol.SourceMic},
			protocol.View{From: peer(byte(n)), Source: protocol.SourceCamera, Width: 1280, Height: 720})
	}
	var slots []router.Slot
	for range publishers {
		slots = append(slots, router.Slot{Media: router.Audio}, router.Slot{Media: router.Video})
	}
	for n := range receivers {
		down := &null{}
		r.AddReceiver(peer(byte(50+n)), slots, router.Everybody, down).SetViews(second, views)
		to = append(to, down)
	}
	now := second
	for i := range 200 { // the caches grow to their size
		now += 25 * millisecond
		for _, p := range from {
			first := p.delta
			if i%40 == 0 {
				first = p.key
			}
			p.burst(now, first)
		}
		r.Tick(now)
	}
	return r, from, to
}

func benchmark(b *testing.B, publishers, receivers int) {
	r, from, to := hall(publishers, receivers)
	now := 10 * second
	before := delivered(to)
	b.ReportAllocs()
	for b.Loop() {
		now += 25 * millisecond
		for _, p := range from {
			p.burst(now, p.delta)
		}
		r.Tick(now)
	}
	packets := delivered(to) - before
	if packets < b.N*publishers*receivers*6 {
		b.Fatalf("%d packets were delivered in %d rounds", packets, b.N)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/packet")
}

func delivered(to []*null) (packets int) {
	for _, n := range to {
		packets += n.packets
	}
	return packets
}

// One operation is a frame of five packets and one of audio from every
// publisher to every receiver, and a tick.
func BenchmarkForward1to5(b *testing.B)   { benchmark(b, 1, 5) }
func BenchmarkForward1to50(b *testing.B)  { benchmark(b, 1, 50) }
func BenchmarkForward1to100(b *testing.B) { benchmark(b, 1, 100) }
func BenchmarkForward10to10(b *testing.B) { benchmark(b, 10, 10) }

// Guards the garbage collector: a forwarded packet leaves it nothing, nor does a
// tick.
func TestForwardingAllocatesNothing(t *testing.T) {
	r, from, to := hall(2, 20)
	now := 10 * second
	before := delivered(to)
	allocs := testing.AllocsPerRun(100, func() {
		now += 25 * millisecond
		for _, p := range from {
			p.burst(now, p.delta)
		}
		r.Tick(now)
	})
	if allocs != 0 {
		t.Errorf("%v allocations for a frame to everybody", allocs)
	}
	if got, want := delivered(to)-before, 101*2*20*6; got != want {
		t.Errorf("%d packets were delivered, want %d", got, want)
	}
}
