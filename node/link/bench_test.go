package link

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/router"
)

// The load of design 8's measurements: 200 packets a second of 1200 bytes, in
// bursts of five.
const (
	benchPayload = 1200
	benchBurst   = 5
	benchEvery   = 25 * time.Millisecond
)

// BenchmarkFanOut forwards one picture to many links over the loopback: an
// operation is a packet delivered to one receiver. cpu-µs/op is what the whole
// process spends, the receivers' decryption included, and send-µs/op what the
// sending side alone takes of one core.
func BenchmarkFanOut(b *testing.B) {
	for _, receivers := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(receivers), func(b *testing.B) { fanOut(b, receivers) })
	}
}

func fanOut(b *testing.B, receivers int) {
	sender, receiving := loopback(b), loopback(b)
	var arrived atomic.Int64
	links := make([]*Link, receivers)
	before := heap()
	var pairs sync.WaitGroup
	for i := range links {
		pairs.Add(1)
		p := newPair(b, receiving, sender, star)
		p.offerer.onPacket = func(int, *router.Packet) { arrived.Add(1) }
		links[i] = p.answerer.link
		go func() {
			defer pairs.Done()
			p.waitOpen(b)
		}()
	}
	pairs.Wait()
	const slot = 8
	payload := make([]byte, benchPayload)
	out := router.Out{Codec: router.VP8, Level: router.NoLevel, Payload: payload}
	sent, sending := 0, time.Duration(0)
	b.ReportAllocs()
	b.ResetTimer()
	begun, cpu := time.Now(), processCPU()
	ticker := time.NewTicker(benchEvery)
	defer ticker.Stop()
	for sent < b.N {
		now := <-ticker.C
		_ = now
		started := time.Now()
		out.Time += 2250
		for i := range benchBurst {
			out.Seq++
			out.Marker = i == benchBurst-1
			binary.BigEndian.PutUint64(payload, uint64(out.Seq))
			for _, l := range links {
				if err := l.WriteRTP(slot, &out); err != nil {
					b.Fatal(err)
				}
				sent++
			}
		}
		sending += time.Since(started)
	}
	for arrived.Load() < int64(sent)*99/100 && time.Since(begun) < time.Minute {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	spent := processCPU() - cpu
	b.ReportMetric(float64(spent.Microseconds())/float64(sent), "cpu-µs/op")
	b.ReportMetric(float64(sending.Microseconds())/float64(sent), "send-µs/op")
	b.ReportMetric(float64(heap()-before)/float64(receivers)/1024/2, "KiB/end")
	b.ReportMetric(100*float64(sent-int(arrived.Load()))/float64(sent), "lost-%")
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
