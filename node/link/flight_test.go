package link

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// fleet is ports that are written to through one mux, each by a path of its own.
func fleet(t testing.TB, m *portMux, size int) (handles []*pathHandle, peers []*net.UDPConn) {
	t.Helper()
	for n := range size {
		h, err := m.GetConn(fmt.Sprint("user", n), m.socket.conn.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}
		handles, peers = append(handles, h.(*pathHandle)), append(peers, localPort(t))
	}
	return handles, peers
}

// What leaves together arrives at whom it was written to, whole and in order:
// more bursts than one flight takes, of one packet and of several, with and
// without what the kernel offers, and one whose way is refused among them.
func TestFlightsArrive(t *testing.T) {
	t.Parallel()
	const size, pictures, voices = 2*flightSize + 3, 4, 40
	for _, how := range []string{"offloaded", "in one call without segments", "one by one"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			m := openMux(t)
			switch how {
			case "in one call without segments":
				m.socket.offload.withoutSegments()
			case "one by one":
				m.socket.offload = offload{}
			}
			handles, peers := fleet(t, m, size)
			seq := uint16(0)
			for range pictures {
				for part := range uint16(4) {
					for n, h := range handles {
						to := plain(peers[n].LocalAddr().(*net.UDPAddr).AddrPort())
						if n == 5 {
							to = netip.MustParseAddrPort("[2001:db8::1]:9") // none for this socket
						}
						_, _ = h.WriteToAddrPort(rtpOf(seq+part, part == 3, 1000-int(part/3)), to)
					}
				}
				m.socket.flush()
				for _, h := range handles[:voices] {
					_, _ = h.WriteToAddrPort(rtpOf(seq+4, false, 100), plain(peers[0].LocalAddr().(*net.UDPAddr).AddrPort()))
				}
				m.socket.flush()
				seq += 5
				buffer := make([]byte, 2048)
				for n, peer := range peers {
					_ = peer.SetReadDeadline(time.Now().Add(20 * time.Second))
					want := 4
					if n == 5 {
						want = 0
					}
					if n == 0 {
						want += voices
					}
					for i := range want {
						got, err := peer.Read(buffer)
						if err != nil {
							t.Fatalf("port %d, packet %d: %v", n, i, err)
						}
						number := binary.BigEndian.Uint16(buffer[2:])
						if sound := seq - 1; i < 4 && (number != seq-5+uint16(i) || got != 1000-i/3) || i >= 4 && (number != sound || got != 100) {
							t.Fatalf("port %d, packet %d: number %d of %d bytes", n, i, number, got)
						}
					}
				}
			}
		})
	}
}

// Guards the order at a receiver: whatever several publishers and the timer
// flush meanwhile, no burst overtakes another of its path.
func TestFlightsDoNotOvertake(t *testing.T) {
	t.Parallel()
	const size, packets, writers = 24, 100, 3
	m := openMux(t)
	handles, peers := fleet(t, m, size)
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for n, h := range handles {
				if n%writers != w {
					continue
				}
				to := plain(peers[n].LocalAddr().(*net.UDPAddr).AddrPort())
				for seq := range uint16(packets) {
					_, _ = h.WriteToAddrPort(rtpOf(seq, seq%5 == 4, 200+int(seq%3)), to)
					if seq%7 == 0 {
						m.socket.flush()
					}
				}
			}
		})
	}
	writing.Wait()
	m.socket.flush()
	buffer := make([]byte, 2048)
	for n, peer := range peers {
		for seq := range uint16(packets) {
			_ = peer.SetReadDeadline(time.Now().Add(20 * time.Second))
			if _, err := peer.Read(buffer); err != nil {
				t.Fatalf("port %d, packet %d: %v", n, seq, err)
			}
			if got := binary.BigEndian.Uint16(buffer[2:]); got != seq {
				t.Fatalf("port %d: %d came for %d", n, got, seq)
			}
		}
	}
}

// The same hot path as TestGatheringDoesNotAllocate, for several receivers. With
// the race detector a pool forgets on purpose some of what it is given.
func TestFlightsDoNotAllocate(t *testing.T) {
	const receivers = 4
	m := openMux(t)
	handles, peers := fleet(t, m, receivers)
	packet, last := rtpOf(1, false, 1200), rtpOf(2, true, 1200)
	if n := testing.AllocsPerRun(100, func() {
		for _, p := range [][]byte{packet, packet, last} {
			for i, h := range handles {
				_, _ = h.WriteToAddrPort(p, peers[i].LocalAddr().(*net.UDPAddr).AddrPort())
			}
		}
		m.socket.flush()
	}); n >= receivers {
		t.Errorf("%v allocations for a picture to %d", n, receivers)
	}
}

// BenchmarkFlight sends sound, or a picture of five packets, to fifty receivers.
// An operation is one packet for one of them; nobody reads.
func BenchmarkFlight(b *testing.B) {
	for _, size := range []int{110, 1230} {
		for _, together := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d bytes, together %v", size, together), func(b *testing.B) {
				m := openMux(b)
				handles, peers := fleet(b, m, 50)
				var to []netip.AddrPort
				for _, p := range peers {
					to = append(to, plain(p.LocalAddr().(*net.UDPAddr).AddrPort()))
				}
				parts := 1
				if size > 1000 {
					parts = 5
				}
				packet := rtpOf(1, false, size)
				b.ReportAllocs()
				sent, cpu := 0, processCPU()
				for b.Loop() {
					for range parts {
						for i, h := range handles {
							_, _ = h.WriteToAddrPort(packet, to[i])
						}
					}
					if !together {
						for _, h := range handles {
							_ = h.path.batch.flush()
						}
					}
					m.socket.flush()
					sent += parts * len(handles)
				}
				b.ReportMetric(float64((processCPU()-cpu).Nanoseconds())/1000/float64(sent), "cpu-µs/packet")
			})
		}
	}
}
