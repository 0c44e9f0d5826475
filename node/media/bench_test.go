package media_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/media"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// BenchmarkPicture measures what a published picture of 1280 × 720 costs before it
// is handed to the router, sealed and beside it with nothing done to it:
//
//	go test -bench Picture ./node/media
func BenchmarkPicture(b *testing.B) {
	const size = 20_000 // bytes of an ordinary picture at 1.5 Mbit/s and some
	data := make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(data)
	data[0] |= 1 // no key frame
	picture := media.Frame{Data: data}
	key, err := sframe.NewKey(sframe.AES128GCM, make([]byte, 32), 0x0123_4567_89AB)
	if err != nil {
		b.Fatal(err)
	}
	sealed := make([]byte, 0, size+key.Overhead())
	var ctr uint64
	seal := func() []byte {
		ctr++
		n := sframe.Clear(sframe.CodecVP8, data)
		return key.Seal(append(sealed[:0], data[:n]...), ctr, data[:n], data[n:])
	}
	for _, way := range []struct {
		name  string
		frame func() []byte
	}{
		{"pass-through", func() []byte { return append(sealed[:0], data...) }},
		{"sealed", seal},
	} {
		b.Run(way.name, func(b *testing.B) {
			p := media.NewPacketizer(0, 0, media.VP8, 1)
			var packets []media.Packet
			b.SetBytes(size)
			b.ReportAllocs()
			var at time.Duration
			for b.Loop() {
				packets = p.Packetize(packets[:0], picture, way.frame(), at)
				at += time.Second / 30
			}
		})
	}
	b.Run("the seal alone", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			seal()
		}
	})
	b.Run("opening alone", func(b *testing.B) {
		frame, plain := seal(), make([]byte, 0, size)
		n := sframe.Clear(sframe.CodecVP8, frame)
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			h, err := sframe.ParseHeader(frame[n:])
			if err != nil {
				b.Fatal(err)
			}
			if _, err := key.Open(append(plain, frame[:n]...), h, frame[:n]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
