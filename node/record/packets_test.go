package record

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/node/media/mediatest"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// Guards the order: whatever a network does, packets come out once, by their
// numbers, and a loss is told where it was.
func TestReorder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Uint16().Draw(t, "first")
		count := rapid.IntRange(1, 300).Draw(t, "count")
		lost := rapid.SliceOfDistinct(rapid.IntRange(1, count), func(i int) int { return i }).Draw(t, "lost")
		missing := map[int]bool{}
		for _, i := range lost {
			missing[i] = i < count
		}
		var order []int
		for i := range count {
			if !missing[i] {
				order = append(order, i)
			}
		}
		for i := 1; i+1 < len(order); i++ { // late by a little, and twice now and then
			if rapid.IntRange(0, 3).Draw(t, "swap") == 0 {
				order[i], order[i+1] = order[i+1], order[i]
			}
		}
		var r reorder
		var got []int
		out := func(p arrived, gap bool) {
			i := int(p.Seq - first)
			before := -1
			if len(got) > 0 {
				before = got[len(got)-1]
			}
			if gap != (i != before+1) {
				t.Fatalf("packet %d behind %d: lost is %v", i, before, gap)
			}
			got = append(got, i)
		}
		for n, i := range order {
			p := arrived{Packet{Seq: first + uint16(i)}, int64(n) * int64(ms)}
			r.add(p, out)
			r.add(p, out)
		}
		r.flush(out)
		var want []int
		for i := range count {
			if !missing[i] {
				want = append(want, i)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Guards the wait for a packet that never comes: the others go on in time, and
// a sender that counts anew is followed.
func TestReorderGivesUp(t *testing.T) {
	t.Parallel()
	var r reorder
	var got []uint16
	out := func(p arrived, _ bool) { got = append(got, p.Seq) }
	for _, seq := range []uint16{10, 12, 13} {
		r.add(arrived{Packet{Seq: seq}, int64(seq) * int64(ms)}, out)
	}
	r.expire(int64(100*ms), out)
	if len(got) != 1 {
		t.Errorf("gave up early: %v", got)
	}
	r.expire(int64(12*ms)+reorderWait+1, out)
	r.add(arrived{Packet{Seq: 11}, int64(400 * ms)}, out)
	r.add(arrived{Packet{Seq: 40000}, int64(500 * ms)}, out)
	if diff := cmp.Diff([]uint16{10, 12, 13, 40000}, got); diff != "" {
		t.Error(diff)
	}
}

// Guards time: jitter, drift, silence and the wrap of timestamps leave a
// recording as long as the meeting was, in order.
func TestClock(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for name, drift := range map[string]float64{"true": 1, "fast": 1.0002, "slow": 0.9998} {
		c := clock{rate: 48_000}
		stamp := uint32(1<<32 - 100_000) // wraps after two seconds
		last := time.Duration(-1)
		for sent := time.Duration(0); sent < 10*time.Minute; sent += 20 * ms {
			if sent > time.Minute && sent < 2*time.Minute {
				continue // switched off
			}
			jitter := time.Duration(random.Int64N(int64(30 * ms)))
			at := time.Hour + 40*ms + sent + jitter
			got := c.time(stamp+uint32(float64(sent)*drift*48_000/1e9), int64(at))
			if got <= last {
				t.Fatalf("%s: %v after %v", name, got, last)
			}
			last = got
			if off := got - (time.Hour + 40*ms + sent); sent > 10*time.Second && off.Abs() > 30*ms {
				t.Fatalf("%s: at %v the clock is off by %v", name, sent, off)
			}
		}
	}
}

// Guards lip-sync: sound and picture on paths with different jitter meet.
func TestClocksOfOnePersonMeet(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	sound, picture := clock{rate: 48_000}, clock{rate: 90_000}
	for sent := time.Duration(0); sent < 30*time.Second; sent += 20 * ms {
		late := func(most time.Duration) int64 { return int64(sent + time.Duration(random.Int64N(int64(most)))) }
		a := sound.time(uint32(sent.Milliseconds()*48), late(10*ms))
		b := picture.time(uint32(sent.Milliseconds()*90), late(120*ms))
		if sent > 20*time.Second && (a-b).Abs() > 20*ms {
			t.Fatalf("at %v sound and picture are %v apart", sent, a-b)
		}
	}
}

// Guards pictures: one that lacks a packet is dropped whole, the others stay.
func TestAssembleDropsWhatLacksAPacket(t *testing.T) {
	t.Parallel()
	for codec, pictures := range map[media.Codec][]media.Frame{media.VP8: mediatest.Pictures(2), media.VP9: mediatest.PicturesVP9()} {
		p := media.NewPacketizer(0, 0, codec, 1)
		var packets []media.Packet
		var owner []int
		for i := range 6 {
			picture := pictures[i]
			picture.Data = append(bytes.Clone(picture.Data), make([]byte, 3000)...)
			packets = p.Packetize(packets, picture, picture.Data, time.Duration(i)*40*ms)
			for len(owner) < len(packets) {
				owner = append(owner, i)
			}
		}
		for missing := range packets {
			var a assembler
			var r reorder
			whole := map[int]bool{}
			deliver := func(p arrived, lost bool) {
				if f, ok := a.add(p, lost); ok {
					for i := range 6 {
						if bytes.HasPrefix(f.data, pictures[i].Data) && len(f.data) == len(pictures[i].Data)+3000 {
							whole[i] = true
						}
					}
				}
			}
			for i, m := range packets {
				if i != missing {
					r.add(arrived{Packet{Codec: m.Codec, Seq: m.Seq, Time: m.Time, Marker: m.Marker, Payload: m.Payload}, int64(i)}, deliver)
				}
			}
			r.flush(deliver)
			for i := range 6 {
				if whole[i] != (i != owner[missing]) {
					t.Fatalf("%s: without packet %d of picture %d: picture %d is there %v", codec, missing, owner[missing], i, whole[i])
				}
			}
			if a.dropped > 1 || a.dropped == 0 && missing != 0 && missing != len(packets)-1 {
				t.Errorf("%s: without packet %d: %d dropped", codec, missing, a.dropped)
			}
		}
	}
}

// Guards the recorder against participants: no payload may make it panic, grow
// without a bound, or tell times that fall.
func FuzzPackets(f *testing.F) {
	for codec, frames := range map[media.Codec][]media.Frame{media.VP8: mediatest.Pictures(0), media.VP9: mediatest.PicturesVP9(), media.Opus: mediatest.Sounds()} {
		packet := media.NewPacketizer(0, 0, codec, 1).Packetize(nil, frames[0], sealAs(Key{anna, protocol.SourceCamera}, codec.SFrame(), 1, frames[0].Data), 0)[0]
		f.Add(len(codec), []byte{0, 3, 1, 2}, packet.Payload)
	}
	f.Fuzz(func(t *testing.T, kind int, steps, payload []byte) {
		codec := []media.Codec{media.VP8, media.VP9, media.Opus}[uint(kind)%3]
		g := newGroup(&writer{open: openAll, figures: new(figures)}, groupKey{from: anna})
		seq, stamp, at := uint16(0), uint32(0), int64(0)
		for i, step := range steps {
			seq += uint16(step & 7)
			stamp += uint32(step>>3) * 3000
			at += int64(step) * int64(ms)
			part := payload
			if i%2 == 1 {
				part = payload[min(len(payload), int(step)):]
			}
			g.take(protocol.SourceCamera, arrived{Packet{Codec: codec, Seq: seq, Time: stamp, Marker: step&1 == 0, Payload: part}, at})
		}
		if len(g.pending) > maxPending || g.bytes > maxPendingBytes {
			t.Fatalf("%d frames of %d bytes are pending", len(g.pending), g.bytes)
		}
		for _, frame := range g.pending {
			if len(frame.data) == 0 || frame.at < -clockJump || frame.at > time.Duration(at)+clockJump {
				t.Fatalf("a frame of %d bytes at %v, when %v had passed", len(frame.data), frame.at, time.Duration(at))
			}
		}
	})
}
