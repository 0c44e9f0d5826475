package router_test

import (
	"math/rand/v2"
	"testing"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// junk writes packets that no camera made.
type junk struct {
	random *rand.Rand
	seq    uint16
	time   uint32
}

func (j *junk) noise(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(j.random.Uint32())
	}
	return b
}

// Guards everybody else from who sends video that is none, or far more of it than
// a camera makes: the others' pictures come as they would without, to every
// receiver, and nothing of theirs is asked for anew.
func TestFloodOfJunk(t *testing.T) {
	t.Parallel()
	whole := func(f frame, size int) []byte { return payload(f, uint16(f.number), 0, size) }
	for name, send := range map[string]func(j *junk, to *router.Source, at int64){
		"nothing": nil,
		"noise": func(j *junk, to *router.Source, at int64) {
			for i := range 40 {
				to.Write(at, &router.Packet{
					Layer: j.random.IntN(5) - 1, Codec: router.Codec(j.random.IntN(6)), Seq: uint16(j.random.Uint32()), Time: j.random.Uint32(),
					Marker: i%3 == 0, Level: byte(i), Payload: j.noise(j.random.IntN(1600)),
				})
			}
		},
		"descriptors cut off": func(j *junk, to *router.Source, at int64) {
			for i := range 40 {
				j.seq++
				b := whole(frame{source: 3, number: uint32(j.seq), count: 1, key: true}, 20)
				to.Write(at, &router.Packet{Codec: router.VP8, Seq: j.seq, Time: j.time, Marker: true, Payload: b[:i%len(b)]})
			}
		},
		"jumping numbers": func(j *junk, to *router.Source, at int64) {
			for i := range 40 {
				j.seq += []uint16{1, 1, 20_000, 64_000, 1, 2999, 40}[i%7]
				j.time += []uint32{1, 1 << 31, 1 << 30, 3000}[i%4]
				to.Write(at, &router.Packet{Codec: router.Codec(2 + i/7%2), Seq: j.seq, Time: j.time, Marker: true, Payload: whole(frame{source: 3, number: uint32(i), count: 1, key: true}, 60)})
				to.SenderReport(at, i%4-1, j.random.Uint64(), j.random.Uint32())
			}
		},
		"an empty flood": func(j *junk, to *router.Source, at int64) {
			for range 400 {
				j.seq += 2
				to.Write(at, &router.Packet{Codec: router.VP8, Seq: j.seq, Time: j.time})
			}
		},
		"a heavy picture":    flood(8_000_000, 1),
		"ten times a camera": flood(20_000_000, 1),
		"key frames only":    flood(20_000_000, 1<<30),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := newCamera(1, 3), newCamera(2, 3)
			rogue := newCamera(3, 3)
			s := newStage(a, b, rogue)
			screens := []*screen{newScreen(), newScreen()}
			var receivers []*router.Receiver
			for i, screen := range screens {
				rc := s.AddReceiver(peer(byte(9+i)), videoSlots(3), router.Everybody, screen)
				receivers = append(receivers, rc)
				rc.SetViews(s.now, []protocol.View{view(3, 1280), view(1, 640), view(2, 640)})
			}
			j := &junk{random: rand.New(rand.NewPCG(1, 2))}
			pass := func(frames int) {
				for range frames {
					for _, rc := range receivers {
						rc.SetBandwidth(s.now, 6_000_000)
						rc.Reception(s.now, 0, 0, 30*millisecond)
					}
					s.run(1)
				}
			}
			pass(40)
			asked := a.keys + b.keys
			s.cameras = s.cameras[:2]
			var most, sent int
			for i := range 200 {
				before := octets(screens[0])
				if send != nil {
					send(j, rogue.source, s.now)
				}
				pass(1)
				if sent += octets(screens[0]) - before; i%20 == 19 { // a second
					most, sent = max(most, sent*8), 0
				}
			}
			for _, screen := range screens {
				if got := honest(t, screen, 40); got[1] != 200 || got[2] != 200 {
					t.Errorf("%v pictures, not 200 of each", got)
				}
			}
			if keys := a.keys + b.keys; keys != asked {
				t.Errorf("%d key frames were asked for", keys-asked)
			}
			if most > 6_000_000 {
				t.Errorf("%d bits in a second, on a path for 6,000,000", most)
			}
			s.cameras = append(s.cameras, rogue)
			pass(200)
			if _, ok := s.showing()[3]; !ok {
				t.Error("who behaves again is not seen")
			}
		})
	}
}

// flood sends whole pictures of some bits per second, of which each so many is no
// key frame.
func flood(bps int, keys uint32) func(*junk, *router.Source, int64) {
	const size = 1200
	return func(j *junk, to *router.Source, at int64) {
		n := bps / 20 / 8 / size
		number := j.time
		j.time += 4500
		for i := range n {
			j.seq++
			f := frame{source: 3, number: number, index: byte(i), count: byte(n), key: number == 0 || keys > 1}
			to.Write(at, &router.Packet{Codec: router.VP8, Seq: j.seq, Time: j.time, Marker: i == n-1, Payload: payload(f, uint16(number), 0, size)})
		}
	}
}

// honest counts the whole pictures of the two honest cameras from a number on, and
// finds where their packets do not follow each other.
func honest(t *testing.T, s *screen, from uint32) map[byte]int {
	t.Helper()
	whole := map[byte]int{}
	for _, f := range s.slots {
		packets := map[frame]byte{}
		for n, p := range f.packets {
			if size := len(p.Payload); size != 300 && size != 600 && size != 1200 || p.Payload[1] != 0xc0 {
				continue
			}
			this, _, _ := read(t, p.Payload)
			if this.source != 1 && this.source != 2 || this.number < from {
				continue
			}
			if _, ok := f.packets[n-1]; !ok && n != f.first() {
				t.Errorf("a gap before %+v", this)
			}
			this.index = 0
			packets[this]++
		}
		for this, n := range packets {
			if n == this.count {
				whole[this.source]++
			}
		}
	}
	return whole
}

func octets(s *screen) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.slots {
		for _, p := range f.packets {
			n += len(p.Payload)
		}
	}
	return n
}
