package store

import (
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/parley-mesh/parley/rendezvous/kv"
)

// BenchmarkCreate is a creation with everything on disk, one after the other and as many at once as the cores can hash. Its yardsticks are
// below.
func BenchmarkCreate(b *testing.B) {
	draft := Draft{Title: "bench", Host: peer(1)}
	b.Run("one by one", func(b *testing.B) {
		s := fresh(b)
		for b.Loop() {
			if _, _, err := s.Create(b.Context(), draft); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("at once", func(b *testing.B) {
		s := fresh(b)
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, _, err := s.Create(b.Context(), draft); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creations/s")
	})
}

// BenchmarkBare is one argon2id and one synced write, without anything around them.
func BenchmarkBare(b *testing.B) {
	salt := make([]byte, 16)
	hash := func() { argon2.IDKey([]byte("123456"), salt, argonIterations, argonMemoryKiB, argonLanes, 32) }
	b.Run("hash and write, one by one", func(b *testing.B) {
		engine := openKV(b, filepath.Join(b.TempDir(), "db"))
		for b.Loop() {
			hash()
			if _, err := engine.Put(b.Context(), "k", make([]byte, 4000), kv.Any, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hash, one for each core", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				hash()
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
		b.ReportMetric(float64(runtime.GOMAXPROCS(0)), "cores")
	})
}

func BenchmarkAuthoriseByToken(b *testing.B) {
	s := fresh(b)
	_, credentials := create(b, s, Draft{})
	for b.Loop() {
		if _, err := s.AuthoriseByToken(b.Context(), credentials.Token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPreview(b *testing.B) {
	s := fresh(b)
	_, credentials := create(b, s, Draft{})
	for b.Loop() {
		if _, _, err := s.Preview(b.Context(), credentials.Token); err != nil {
			b.Fatal(err)
		}
	}
}
