package e2ee

import (
	"strconv"
	"testing"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/sframe"
)

// The first box to a session, which makes its key, and those after it.
func BenchmarkBoxSeal(b *testing.B) {
	ada, ben, _ := room(b)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			mustSeal(b, ada.mailbox(), ben.session, signal(1))
		}
	})
	b.Run("later", func(b *testing.B) {
		m := ada.mailbox()
		for b.Loop() {
			mustSeal(b, m, ben.session, signal(1))
		}
	})
}

func BenchmarkBoxOpenFirst(b *testing.B) {
	ada, ben, _ := room(b)
	box := mustSeal(b, ada.mailbox(), ben.session, signal(1))
	for b.Loop() {
		if _, err := ben.mailbox().Open(ada.session, box, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMedia(b *testing.B) {
	ada, _, _ := room(b)
	_, epoch := ringOf(ada, 50)
	for _, size := range []int{1200, 20_000} {
		picture := make([]byte, size)
		b.Run("seal/"+strconv.Itoa(size), func(b *testing.B) {
			s, dst := sealerIn(ada, epoch), make([]byte, 0, size+MediaOverhead)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Seal(dst, protocol.SourceCamera, sframe.CodecVP8, picture); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("seal and open/"+strconv.Itoa(size), func(b *testing.B) {
			s, dst, out := sealerIn(ada, epoch), make([]byte, 0, size+MediaOverhead), make([]byte, 0, size+MediaOverhead)
			_, stream := reader(b, ada.session, epoch.Grant())
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				sealed, err := s.Seal(dst, protocol.SourceCamera, sframe.CodecVP8, picture)
				if err != nil {
					b.Fatal(err)
				}
				if _, _, _, err := stream.Open(out, sframe.CodecVP8, sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
