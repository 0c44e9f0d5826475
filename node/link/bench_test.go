package link

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/protocol"
)

// The load of a publisher: 200 packets a second of 1200 bytes, in bursts of five.
const (
	benchPayload = 1200
	benchBurst   = 5
	benchEvery   = 25 * time.Millisecond
)

// receiversEnv has the test binary be so many receivers in place of tests, so
// that a benchmark measures the sending process alone.
const receiversEnv = "LINK_TEST_RECEIVERS"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(receiversEnv)); err == nil {
		if err := receive(n, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// wired is a signal between the two processes, of the link with that number.
type wired struct {
	Link   int             `json:"link"`
	Signal json.RawMessage `json:"signal"`
}

// receive offers n links and takes what comes until its input ends.
func receive(n int, in io.Reader, out io.Writer) error {
	tr, err := NewTransport(TransportConfig{Loopback: true})
	if err != nil {
		return err
	}
	t := &testing.B{}
	var writing sync.Mutex
	ends := make([]*end, n)
	for i := range ends {
		e := newEnd(t)
		e.onPacket = func(int, *router.Packet) {}
		ends[i] = e
		config := benchConfig(tr, e)
		config.Offer, config.Shape = true, star.shape
		if e.link, err = New(config); err != nil {
			return err
		}
		go forwardSignals(e, i, &writing, out)
	}
	deliver(in, func(i int) *Link { return ends[i].link })
	return tr.Close()
}

func benchConfig(tr *Transport, e *end) Config {
	return Config{
		Transport: tr, ID: "AAAAAAAAAAAAAAAAAAAAAA", Shape: mirror(star.shape), Extra: star.extra,
		Self: ada, Session: 1, Peer: bob, PeerSession: 2, Events: e, Media: e,
	}
}

func forwardSignals(e *end, i int, writing *sync.Mutex, out io.Writer) {
	for s := range e.signals {
		text, err := protocol.EncodeBoxMessage(s)
		if err != nil {
			continue
		}
		writing.Lock()
		_ = json.NewEncoder(out).Encode(wired{Link: i, Signal: text})
		writing.Unlock()
	}
}

func deliver(in io.Reader, link func(int) *Link) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var w wired
		if json.Unmarshal(lines.Bytes(), &w) != nil {
			continue
		}
		if s, err := protocol.DecodeBoxMessage(w.Signal); err == nil {
			link(w.Link).Accept(s.(protocol.LinkSignal))
		}
	}
}

// BenchmarkFanOut sends one picture to many links in another process over the
// loopback. An operation is a packet delivered to one receiver; cpu-µs/op is
// what this process spends on it in all its threads, everything that keeps the
// links alive included.
func BenchmarkFanOut(b *testing.B) {
	for _, receivers := range []int{1, 10, 50, 100} {
		b.Run(fmt.Sprint(receivers), func(b *testing.B) { fanOut(b, receivers) })
	}
}

func fanOut(b *testing.B, receivers int) {
	before := heap()
	links := connectReceivers(b, receivers)
	const slot = 8
	out := router.Out{Codec: router.VP8, Level: router.NoLevel, Payload: make([]byte, benchPayload)}
	b.ReportAllocs()
	b.ResetTimer()
	cpu := processCPU()
	ticker := time.NewTicker(benchEvery)
	defer ticker.Stop()
	sent := 0
	for sent < b.N {
		<-ticker.C
		out.Time += 2250
		for i := range benchBurst {
			out.Seq++
			out.Marker = i == benchBurst-1
			for _, l := range links {
				if err := l.WriteRTP(slot, &out); err != nil {
					b.Fatal(err)
				}
				sent++
			}
		}
	}
	spent := processCPU() - cpu
	b.StopTimer()
	b.ReportMetric(float64(spent.Nanoseconds())/1000/float64(sent), "cpu-µs/op")
	b.ReportMetric(float64(heap()-before)/float64(receivers)/1024, "KiB/link")
	b.ReportMetric(float64(runtime.NumGoroutine())/float64(receivers), "goroutines/link")
	b.ReportMetric(0, "ns/op") // the pace is given
}

// connectReceivers starts the other process and answers its links.
func connectReceivers(b *testing.B, n int) []*Link {
	b.Helper()
	tr := loopback(b)
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), receiversEnv+"="+strconv.Itoa(n))
	other.Stderr = os.Stderr
	in, err := other.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := other.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = other.Wait()
	})
	var writing sync.Mutex
	ends, links := make([]*end, n), make([]*Link, n)
	for i := range ends {
		ends[i] = newEnd(b)
		if links[i], err = New(benchConfig(tr, ends[i])); err != nil {
			b.Fatal(err)
		}
		go forwardSignals(ends[i], i, &writing, in)
		b.Cleanup(func() {
			links[i].Close(false)
			<-links[i].Done()
			close(ends[i].signals)
		})
	}
	go deliver(out, func(i int) *Link { return links[i] })
	for _, e := range ends {
		wait(b, "a receiver", e.opened)
	}
	return links
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
