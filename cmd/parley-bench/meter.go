package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// A meter counts what a receiver gets and how long it was under way. One can
// serve many receivers.
type meter struct {
	packets atomic.Int64
	late    [latencyBuckets]atomic.Int64
}

// Latencies are counted in steps of a quarter of a millisecond, up to a second.
const (
	latencyStep    = 250 * time.Microsecond
	latencyBuckets = int(time.Second/latencyStep) + 1
)

func (m *meter) take(payload []byte) {
	m.packets.Add(1)
	if sent, ok := sentAt(payload); ok {
		late := int(time.Since(sent) / latencyStep)
		m.late[min(max(late, 0), latencyBuckets-1)].Add(1)
	}
}

// reset begins anew.
func (m *meter) reset() {
	m.packets.Store(0)
	for i := range m.late {
		m.late[i].Store(0)
	}
}

// p99 is the latency that one packet in a hundred exceeds.
func (m *meter) p99() time.Duration {
	var all int64
	for i := range m.late {
		all += m.late[i].Load()
	}
	rest := all / 100
	for i := latencyBuckets - 1; i >= 0; i-- {
		if rest -= m.late[i].Load(); rest < 0 {
			return time.Duration(i+1) * latencyStep
		}
	}
	return 0
}

// once is a channel that closes at the first call of the function beside it.
func once() (<-chan struct{}, func()) {
	done := make(chan struct{})
	return done, sync.OnceFunc(func() { close(done) })
}
