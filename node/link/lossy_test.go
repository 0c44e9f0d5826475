package link_test

import (
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
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

// server is the SFU's end of a link. Line and slot have the same number.
type server struct {
	hall     *lossyHall
	viewer   *viewer
	ready    sync.WaitGroup
	link     *link.Link
	receiver *router.Receiver
	nacked   atomic.Int64
}

func (s *server) Signal(_ *link.Link, m protocol.LinkSignal) {
	s.viewer.ready.Wait()
	s.viewer.link.Accept(m)
}
func (s *server) Opened(*link.Link)              {}
func (s *server) Vitals(*link.Link, link.Vitals) {}
func (s *server) Broken(*link.Link)              { s.hall.t.Error("the SFU's link broke") }

func (s *server) Control(_ *link.Link, m protocol.ControlMessage) {
	if views, ok := m.(protocol.Views); ok {
		s.receiver.SetViews(s.hall.now(), views.Views)
	}
}
func (s *server) Packet(int, *router.Packet)            {}
func (s *server) SenderReport(int, int, uint64, uint32) {}
func (s *server) Upstream(int, int, bool)               {}
func (s *server) Nack(line, _ int, seqs []uint16) {
	s.nacked.Add(int64(len(seqs)))
	s.receiver.Nack(s.hall.now(), line, seqs)
}
func (s *server) KeyFrame(line, _ int) { s.receiver.KeyFrame(s.hall.now(), line) }
func (s *server) Reception(line, _ int, lost uint8, _ uint32, rtt time.Duration) {
	s.receiver.Reception(s.hall.now(), line, lost, int64(rtt))
}

func (s *server) Bandwidth(bps int)                        { s.receiver.SetBandwidth(s.hall.now(), bps) }
func (s *server) WriteRTP(slot int, out *router.Out) error { return s.link.WriteRTP(slot, out) }
func (s *server) Flush()                                   { s.link.Flush() }
func (s *server) SendReport(slot int, ntp uint64, rtp, packets, octets uint32) {
	s.link.SendReport(slot, ntp, rtp, packets, octets)
}

func (s *server) Slots(flows []router.Flow) {
	var slots protocol.Slots
	for _, f := range flows {
		slots.Slots = append(slots.Slots, protocol.Slot{Mid: strconv.Itoa(f.Slot), From: f.Key.From, Source: f.Key.Source})
	}
	if err := s.link.Send(slots); err != nil {
		s.hall.t.Error(err)
	}
}

// viewer is a receiver: its link brings sources into a router of its own, whose
// sink is the tape.
type viewer struct {
	hall      *lossyHall
	id        identity.PeerID
	transport *link.Transport
	router    *router.Router
	serve     *server
	ready     sync.WaitGroup
	link      *link.Link
	tape      *lossyTape

	mu      sync.Mutex
	sources map[int]*router.Source // by line
}

func (v *viewer) Signal(_ *link.Link, m protocol.LinkSignal) {
	v.serve.ready.Wait()
	v.serve.link.Accept(m)
}
func (v *viewer) Vitals(*link.Link, link.Vitals) {}
func (v *viewer) Broken(*link.Link)              { v.hall.t.Error("a receiver's link broke") }

func (v *viewer) Opened(l *link.Link) {
	err := l.Send(protocol.Views{Views: []protocol.View{
		{From: lossySender, Source: protocol.SourceMic},
		{From: lossySender, Source: protocol.SourceCamera, Width: 1280, Height: 720},
	}})
	if err != nil {
		v.hall.t.Error(err)
	}
}

func (v *viewer) Control(_ *link.Link, m protocol.ControlMessage) {
	slots, ok := m.(protocol.Slots)
	if !ok {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range slots.Slots {
		line, _ := strconv.Atoi(s.Mid)
		if v.sources[line] == nil {
			v.sources[line] = v.router.AddSource(router.Key{From: s.From, Source: s.Source}, router.MediaOf(s.Source), false, viewerUp{v, line})
		}
	}
}

func (v *viewer) source(line int) *router.Source {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.sources[line]
}

func (v *viewer) Packet(line int, p *router.Packet) {
	v.tape.bytes(len(p.Payload))
	if s := v.source(line); s != nil {
		s.Write(v.hall.now(), p)
	}
}
func (v *viewer) SenderReport(int, int, uint64, uint32)            {}
func (v *viewer) Nack(int, int, []uint16)                          {}
func (v *viewer) KeyFrame(int, int)                                {}
func (v *viewer) Reception(int, int, uint8, uint32, time.Duration) {}
func (v *viewer) Bandwidth(int)                                    {}
func (v *viewer) Upstream(int, int, bool)                          {}

type viewerUp struct {
	viewer *viewer
	line   int
}

func (u viewerUp) RequestKeyFrame(layer int)     { u.viewer.link.RequestKeyFrame(u.line, layer) }
func (u viewerUp) Nack(layer int, seqs []uint16) { u.viewer.link.SendNack(u.line, layer, seqs) }

// lossyCamera makes three layers of 150, 500 and 1500 kbit/s and a voice.
type lossyCamera struct {
	picture, voice *router.Source
	random         *rand.Rand

	mu     sync.Mutex
	want   [3]bool
	seq    [3]uint16
	frames uint32
	spoken uint32
}

func (c *lossyCamera) RequestKeyFrame(layer int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.want[layer] = true
}
func (c *lossyCamera) Nack(int, []uint16) {}

func (c *lossyCamera) rtp(now int64, layer int) uint32 {
	return uint32(now*90/int64(time.Millisecond)) + uint32(layer)*1_000_000
}

func (c *lossyCamera) shoot(now int64) {
	for layer, rate := range []int{150_000, 500_000, 1_500_000} {
		c.mu.Lock()
		key := c.want[layer]
		c.want[layer] = false
		c.mu.Unlock()
		size := rate / 8 * int(lossyFrame/time.Millisecond) / 1000
		size = size*3/4 + c.random.IntN(size/2)
		if key {
			size *= 5
		}
		packets := max(1, (size+1099)/1100)
		for i := range packets {
			p := router.Packet{
				Layer: layer, Codec: router.VP8, Seq: c.seq[layer], Time: c.rtp(now, layer), Marker: i == packets-1,
				Level: router.NoLevel, Payload: lossyPayload(layer, c.frames, i, packets, key, size/packets),
			}
			c.seq[layer]++
			c.picture.Write(now, &p)
		}
	}
	c.frames++
}

func (c *lossyCamera) sound(now int64) {
	payload := binary.BigEndian.AppendUint32(make([]byte, 76), c.spoken)
	c.voice.Write(now, &router.Packet{Codec: router.Opus, Seq: uint16(c.spoken), Time: c.spoken * 960, Level: 30, Payload: payload})
	c.spoken++
}

func (c *lossyCamera) report(now int64) {
	for layer := range 3 {
		c.picture.SenderReport(now, layer, uint64(now/int64(time.Second))<<32|uint64(now%int64(time.Second))<<32/uint64(time.Second), c.rtp(now, layer))
	}
}

// lossyPayload is a VP8 packet whose last bytes say what it is.
func lossyPayload(layer int, number uint32, index, count int, key bool, size int) []byte {
	first, tag := byte(0x80), byte(1)
	if index == 0 {
		first |= 0x10
	}
	if key {
		tag = 0
	}
	p := []byte{first, 0x80, 0x80 | byte(number>>8)&0x7f, byte(number), tag, 0, 0}
	if key && index == 0 {
		p = append(p, 0x9d, 0x01, 0x2a)
		p = binary.LittleEndian.AppendUint16(p, uint16(320<<layer))
		p = binary.LittleEndian.AppendUint16(p, uint16(180<<layer))
	}
	p = append(p, make([]byte, max(0, size-len(p)-8))...)
	p = append(p, byte(layer), byte(index), byte(count), tag)
	return binary.BigEndian.AppendUint32(p, number)
}

// lossyTape keeps what the sink was given, and when.
type lossyTape struct {
	hall *lossyHall
	mu   sync.Mutex
	size int

	pictures map[int64]lossyPacket
	top      int64
	voices   map[uint32]bool
}

type lossyPacket struct {
	layer, index, count byte
	key, marker         bool
	number              uint32
	at                  int64
}

func (l *lossyTape) bytes(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if since := time.Since(l.hall.start); since > lossyWarmUp && since < lossyWarmUp+*lossyLength {
		l.size += n
	}
}

func (l *lossyTape) take(key router.Key, at int64, p *router.Packet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	said := p.Payload[len(p.Payload)-8:]
	number := binary.BigEndian.Uint32(said[4:])
	if key == lossyVoice {
		if l.voices == nil {
			l.voices = map[uint32]bool{}
		}
		l.voices[number] = true
		return
	}
	if l.pictures == nil {
		l.pictures = map[int64]lossyPacket{}
		l.top = 1<<32 | int64(p.Seq)
	}
	wide := l.top + int64(int16(p.Seq-uint16(l.top)))
	l.top = max(l.top, wide)
	l.pictures[wide] = lossyPacket{said[0], said[1], said[2], said[3] == 0, p.Marker, number, at}
}

type lossySum struct {
	layer  int     // of most frames
	shown  float64 // frames that were decoded, of those made
	freeze time.Duration
	kbps   int
	audio  float64 // packets that came, of those spoken
}

// sum decodes what came in the order of its numbers: a frame is shown when all
// of it and of what it needs is there.
func (l *lossyTape) sum(h *lossyHall, from, to time.Duration) lossySum {
	l.mu.Lock()
	defer l.mu.Unlock()
	var numbers []int64
	for n := range l.pictures {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var s lossySum
	var layers [3]int
	shown := map[uint32]bool{}
	broken, collected, arrived, last := true, byte(0), int64(0), int64(from)
	for i, n := range numbers {
		p := l.pictures[n]
		if i > 0 && numbers[i-1] != n-1 {
			broken, collected = true, 0
		}
		if p.index == 0 {
			collected = 0
		}
		if p.index != collected {
			broken, collected = true, 0
			continue
		}
		arrived = max(arrived, p.at)
		if collected++; collected < p.count {
			continue
		}
		collected = 0
		broken = broken && !p.key
		made := time.Duration(p.number) * lossyFrame
		if broken || made >= to {
			continue
		}
		if made < from {
			last = arrived
			continue
		}
		layers[p.layer]++
		shown[p.number] = true
		s.freeze = max(s.freeze, time.Duration(arrived-last))
		last = max(last, arrived)
	}
	for layer, count := range layers {
		if count > layers[s.layer] {
			s.layer = layer
		}
	}
	s.freeze = max(s.freeze, to-time.Duration(last))
	s.shown = float64(len(shown)) / float64((to-from)/lossyFrame)
	s.kbps = l.size * 8 / int((to-from)/time.Millisecond)
	first, end := uint32(from/(20*time.Millisecond)), uint32(to/(20*time.Millisecond))
	heard := 0
	for n := first; n < end; n++ {
		if l.voices[n] {
			heard++
		}
	}
	s.audio = float64(heard) / float64(end-first)
	return s
}
