package link_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"

	"github.com/parley-mesh/parley/node/link"
	"github.com/parley-mesh/parley/node/router"
	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// A lossy hall is one router with three receivers on a virtual network, of which
// the first has a bad path. Time is virtual.
type lossyHall struct {
	t       *testing.T
	network *vnet.Router
	router  *router.Router
	sfu     *link.Transport
	start   time.Time
	viewers []*viewer
	closers []func() error
	camera  *lossyCamera
}

const (
	lossyFrame  = 40 * time.Millisecond // 25 frames a second
	lossyWarmUp = 5 * time.Second
)

// The figures of the README are of -lossy 20s.
var lossyLength = flag.Duration("lossy", 8*time.Second, "how long a receiver on a bad path is watched")

// bad is what is wrong with a path, towards the receiver; loss in both directions.
type bad struct {
	loss  int // per cent
	delay time.Duration
	rate  int // bits per second
}

var (
	lossySFU     = identity.FromSeed([32]byte{1}).PeerID()
	lossySender  = identity.FromSeed([32]byte{2}).PeerID()
	lossyPicture = router.Key{From: lossySender, Source: protocol.SourceCamera}
	lossyVoice   = router.Key{From: lossySender, Source: protocol.SourceMic}
)

func (h *lossyHall) now() int64 { return int64(time.Since(h.start)) + 1 }

// Guards a meeting with somebody on a bad path: that one goes on seeing and
// hearing, smaller, and the others notice nothing. One case after the other: vnet
// numbers its machines in a package variable, without a lock.
func TestLossyReceiver(t *testing.T) {
	t.Logf("%-34s %7s %8s %8s %7s %8s %6s", "receiver", "layer", "frames", "freeze", "kbit/s", "audio", "NACKs")
	for _, test := range []struct {
		name   string
		path   bad
		layers []int         // in which the bad one may end
		shown  float64       // of the frames, at least
		freeze time.Duration // at most
		audio  float64       // of the packets, at least
	}{
		{"5 % loss", bad{loss: 5}, []int{0, 1, 2}, 0.95, time.Second, 0.99},
		{"15 % loss", bad{loss: 15}, []int{0, 1}, 0.90, 2 * time.Second, 0.98},
		{"30 % loss", bad{loss: 30}, []int{0}, 0.70, 3 * time.Second, 0.95},
		{"200 ms delay", bad{delay: 200 * time.Millisecond}, []int{0, 1, 2}, 0.97, time.Second, 0.99},
		{"1 Mbit/s", bad{rate: 1_000_000}, []int{0, 1}, 0.85, 2500 * time.Millisecond, 0.98},
		{"5 %, 200 ms, 1 Mbit/s", bad{5, 200 * time.Millisecond, 1_000_000}, []int{0, 1}, 0.80, 3 * time.Second, 0.95},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newLossyHall(t, test.path)
				h.run(lossyWarmUp + *lossyLength)
				for i, v := range h.viewers {
					s := v.tape.sum(h, lossyWarmUp, lossyWarmUp+*lossyLength)
					name := "the others"
					if i == 0 {
						name = test.name
					}
					t.Logf("%-34s %7d %7.1f%% %8v %7d %7.1f%% %6d", name, s.layer, 100*s.shown, s.freeze.Round(time.Millisecond), s.kbps, 100*s.audio, v.serve.nacked.Load())
					if i == 0 {
						if !slices.Contains(test.layers, s.layer) || s.shown < test.shown || s.freeze > test.freeze || s.audio < test.audio {
							t.Errorf("%s: %+v", test.name, s)
						}
						continue
					}
					if s.layer != 2 || s.shown < 1 || s.freeze > 2*lossyFrame || s.audio < 1 {
						t.Errorf("%s: receiver %d noticed it: %+v", test.name, i, s)
					}
				}
				h.close()
			})
		})
	}
}

// making guards vnet's next hardware address, a package variable of its own.
var making sync.Mutex

func newLossyHall(t *testing.T, path bad) *lossyHall {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	h := &lossyHall{t: t, start: time.Now(), router: router.New(router.Config{Self: lossySFU, Seed: 1})}
	var err error
	h.network, err = vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/16", MinDelay: 5 * time.Millisecond, QueueSize: 1 << 14, LoggerFactory: logging.NewDefaultLoggerFactory()})
	h.must(err)
	random := rand.New(rand.NewPCG(1, uint64(path.loss)))
	h.network.AddChunkFilter(func(c vnet.Chunk) bool {
		from := c.SourceAddr().String()
		return path.loss == 0 || len(from) < 10 || from[:10] != "10.0.0.10:" || random.IntN(100) >= path.loss
	})
	h.sfu = h.transport("10.0.0.1", bad{})
	h.must(h.network.Start())
	h.camera = &lossyCamera{random: rand.New(rand.NewPCG(2, 2)), want: [3]bool{true, true, true}}
	h.camera.picture = h.router.AddSource(lossyPicture, router.Video, true, h.camera)
	h.camera.voice = h.router.AddSource(lossyVoice, router.Audio, true, h.camera)
	for i := range 3 {
		if i > 0 {
			path = bad{}
		}
		h.add(i, path)
	}
	return h
}

func (h *lossyHall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// transport is a machine on the network, behind a path.
func (h *lossyHall) transport(ip string, path bad) *link.Transport {
	h.t.Helper()
	net, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
	h.must(err)
	var nic vnet.NIC = net
	if path.loss > 0 {
		nic, err = vnet.NewLossFilter(nic, path.loss, vnet.WithLossSeed(int64(path.loss)))
		h.must(err)
	}
	if path.delay > 0 {
		filter, err := vnet.NewDelayFilter(nic, vnet.WithDelay(path.delay))
		h.must(err)
		h.closers = append(h.closers, filter.Close)
		nic = filter
	}
	if path.rate > 0 {
		// A queue of a quarter of a second, as home routers have it.
		queue, err := vnet.NewQueue(nic, vnet.NewTBFQueue(path.rate, 3000, int64(path.rate/8/4)))
		h.must(err)
		h.closers = append(h.closers, queue.Close)
		nic = queue
	}
	h.must(h.network.AddNet(nic))
	transport, err := link.NewTransport(link.TransportConfig{Net: net})
	h.must(err)
	return transport
}

// add brings a receiver, with its link.
func (h *lossyHall) add(i int, path bad) {
	h.t.Helper()
	id := identity.FromSeed([32]byte{byte(10 + i)}).PeerID()
	v := &viewer{hall: h, id: id, tape: &lossyTape{hall: h}, sources: map[int]*router.Source{}}
	v.transport = h.transport("10.0.0."+strconv.Itoa(10+i), path)
	v.router = router.New(router.Config{Self: id, Seed: uint64(i)})
	v.router.AddSink(func(router.Key) bool { return true }, v.tape.take)
	v.serve = &server{hall: h, viewer: v}
	config := link.Config{
		ID: "AAAAAAAAAAAAAAAAAAAAA" + string("AQgw"[i]), Extra: room.Slots{Audio: 1, Video: 2},
		Transport: h.sfu, Shape: room.ShapeServe, Self: lossySFU, Session: 1, Peer: id, PeerSession: int64(10 + i),
		Events: v.serve, Media: v.serve,
	}
	var err error
	v.serve.ready.Add(1)
	v.serve.link, err = link.New(config)
	h.must(err)
	config.Transport, config.Shape, config.Offer = v.transport, room.ShapeSFU, true
	config.Self, config.Session, config.Peer, config.PeerSession = id, int64(10+i), lossySFU, 1
	config.Events, config.Media = v, v
	var slots []router.Slot
	for _, line := range v.serve.link.Lines() {
		slots = append(slots, router.Slot{Media: line.Media})
	}
	v.serve.receiver = h.router.AddReceiver(id, slots, router.Everybody, v.serve)
	v.ready.Add(1)
	v.serve.ready.Done()
	v.link, err = link.New(config)
	h.must(err)
	v.ready.Done()
	h.viewers = append(h.viewers, v)
}

// run is the camera, the microphone and the routers' ticks.
func (h *lossyHall) run(for_ time.Duration) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; time.Since(h.start) < for_; n++ {
		<-ticker.C
		now := h.now()
		h.camera.sound(now)
		if n%2 == 0 {
			h.camera.shoot(now)
		}
		if n%25 == 0 {
			h.camera.report(now)
		}
		h.router.Tick(now)
		for _, v := range h.viewers {
			v.router.Tick(now)
		}
	}
	time.Sleep(time.Second) // what is on its way arrives
}

func (h *lossyHall) close() {
	for _, v := range h.viewers {
		v.serve.receiver.Close()
		h.must(v.transport.Close())
	}
	h.must(h.sfu.Close())
	h.must(h.network.Stop())
	for _, c := range h.closers {
		h.must(c())
	}
}
