package router_test

import (
	"sync"
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// sinkInto makes a screen of a sink.
func sinkInto(s *screen) router.Sink {
	return func(_ router.Key, _ int64, p *router.Packet) {
		_ = s.WriteRTP(0, &router.Out{Codec: p.Codec, Seq: p.Seq, Time: p.Time, Marker: p.Marker, Level: p.Level, Payload: p.Payload})
	}
}

// Guards recordings: the largest layer, layers changing at key frames, one
// unbroken stream when the peer's link is replaced by another, and nothing after
// the end.
func TestSink(t *testing.T) {
	t.Parallel()
	first := newCamera(1, 2)
	s := newStage(first)
	tape := newScreen()
	handle := s.AddSink(func(key router.Key) bool { return key.Source == protocol.SourceCamera }, sinkInto(tape))
	s.run(10)
	first.source.SetLayer(1, false)
	for range 10 { // only the small one is sent now
		s.now += frameTime
		first.shootLayer(s.now, 0)
		s.Tick(s.now)
	}
	second := newCamera(2, 3)
	second.source = s.AddSource(cameraOf(1), router.Video, true, second)
	s.cameras = append(s.cameras, second)
	s.run(10)
	first.source.Close()
	s.cameras = s.cameras[1:]
	s.run(10)
	if layers := layersOf(tape.decode(t, 0)); string(layers) != string([]byte{0, 1, 0, 2}) && string(layers) != string([]byte{1, 0, 2}) && string(layers) != string([]byte{0, 1, 0, 1, 2}) {
		t.Errorf("recorded are layers %v", layers)
	}
	if frames := tape.decode(t, 0); len(frames) < 37 || frames[len(frames)-1].layer != 2 {
		t.Errorf("%d frames of 40", len(frames))
	}
	if layers, _, _ := s.Wanted(cameraOf(1)); !layers[2] {
		t.Error("a recording does not want the largest layer")
	}
	handle.Close()
	handle.Close()
	before := len(tape.slots[0].packets)
	s.run(3)
	if len(tape.slots[0].packets) != before {
		t.Error("the sink is called after its end")
	}
}

// Guards the locks: everybody does everything at once. It is for the race
// detector, and ends.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	const sources, receivers, rounds = 4, 12, 60
	r := router.New(router.Config{Self: peer(200)})
	var all sync.WaitGroup
	var views []protocol.View
	for n := range byte(sources) {
		views = append(views, view(n, 1280), protocol.View{From: peer(n), Source: protocol.SourceMic})
	}
	for n := range byte(sources) {
		all.Go(func() {
			for range 3 {
				c := newCamera(n, 3)
				c.source = r.AddSource(cameraOf(n), router.Video, true, c)
				for i := range rounds {
					c.shoot(second + int64(i)*frameTime)
					c.report(second)
				}
				c.source.Close()
				c.source.Close()
			}
		})
	}
	for n := range byte(receivers) {
		all.Go(func() {
			for i := range rounds {
				at := second + int64(i)*frameTime
				screen := newScreen()
				rc := r.AddReceiver(peer(20+n), videoSlots(2), router.Everybody, screen)
				rc.SetViews(at, views)
				rc.SetBandwidth(at, 200_000*(i%20))
				rc.Nack(at, 0, []uint16{1, 2, 3})
				rc.KeyFrame(at, 1)
				rc.Reception(at, 0, uint8(i), 1000)
				r.Tick(at)
				rc.Close()
				rc.Close()
			}
		})
	}
	all.Go(func() {
		for range rounds {
			h := r.AddSink(func(router.Key) bool { return true }, func(router.Key, int64, *router.Packet) {})
			r.Stats()
			r.Wanted(cameraOf(1))
			h.Close()
		}
	})
	all.Wait()
	if stats := r.Stats(); len(stats.Sources) != 0 || len(stats.Receivers) != 0 || stats.PacketsIn == 0 {
		t.Errorf("left over: %+v", stats)
	}
}

// Guards the router and its other participants from one that sends nonsense: no
// panic, and the receiver's numbers stay in order.
func FuzzWrite(f *testing.F) {
	f.Add([]byte{0, 1, 0, 10, 0, 16, 0, 1, 2, 3})
	f.Add([]byte("\x00\x01\x00\x0a\x00\x10\x90\x80\x92\x34\x00\x00\x01\x00\x0b\x00\x04\x90\x80\x92\x35\x02\x02\x90\x00\x00\x00"))
	f.Add([]byte("\x03\x02\xff\xff\xff\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	from := []identity.PeerID{peer(1), peer(2)}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := router.New(router.Config{Self: from[1]})
		s := r.AddSource(router.Key{From: from[0], Source: protocol.SourceCamera}, router.Video, true, &up{})
		screen := newScreen()
		rc := r.AddReceiver(from[1], videoSlots(1), router.Everybody, screen)
		rc.SetViews(1, []protocol.View{{From: from[0], Source: protocol.SourceCamera}})
		at := second
		for n := 0; len(data) >= 6 && n < 500; n++ {
			size := min(int(data[5]), len(data)-6)
			p := router.Packet{
				Layer: int(int8(data[0]&7)) - 1, Codec: router.Codec(data[1] & 3), Seq: uint16(data[2])<<8 | uint16(data[3]),
				Time: uint32(data[4]) << 8, Marker: data[1]&4 != 0, Level: data[4], Payload: data[6 : 6+size],
			}
			at += int64(data[4]) * millisecond
			s.Write(at, &p)
			if data[1]&8 != 0 {
				rc.Nack(at, 0, []uint16{p.Seq, uint16(data[0])})
				rc.KeyFrame(at, 0)
				s.SenderReport(at, p.Layer, uint64(p.Time)<<32, p.Time)
			}
			if data[1]&16 != 0 {
				r.Tick(at)
			}
			data = data[6+size:]
		}
		s.Close()
		if stats := r.Stats(); stats.PacketsOut > stats.PacketsIn*3+3 {
			t.Errorf("%d packets became %d", stats.PacketsIn, stats.PacketsOut)
		}
	})
}
