package roomtest

import "testing"

// BenchmarkSmall and BenchmarkLarge tell what the simulator costs, so that the
// ten thousand seeds stay within their time.
func BenchmarkSmall(b *testing.B) { bench(b, 0) }

func BenchmarkLarge(b *testing.B) { bench(b, 200) }

func bench(b *testing.B, members int) {
	steps := 0
	for i := range b.N {
		steps += Run(Options{Seed: uint64(i + 1), Members: members}).Steps
	}
	b.ReportMetric(float64(steps)/float64(b.N), "steps/op")
}
