package link

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"

	"github.com/parley-mesh/parley/node/router"
)

// network is a virtual one with two machines on it, in a bubble of its own
// time. A test in it fails when anything still runs at its end.
type network struct {
	router *vnet.Router
	a, b   *Transport

	mu   sync.Mutex
	drop func(size int) bool // what gets lost
}

func inNetwork(t *testing.T, test func(t *testing.T, n *network)) {
	t.Helper()
	// One after the other: making virtual networks at once is a race in vnet.
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		quiet := logging.NewDefaultLoggerFactory()
		quiet.DefaultLogLevel = logging.LogLevelDisabled
		var err error
		n.router, err = vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/24", LoggerFactory: quiet, MinDelay: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		n.router.AddChunkFilter(func(c vnet.Chunk) bool {
			n.mu.Lock()
			defer n.mu.Unlock()
			return n.drop == nil || !n.drop(len(c.UserData()))
		})
		machines := make([]*vnet.Net, 2)
		for i := range machines {
			if machines[i], err = vnet.NewNet(&vnet.NetConfig{}); err != nil {
				t.Fatal(err)
			}
			if err := n.router.AddNet(machines[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := n.router.Start(); err != nil {
			t.Fatal(err)
		}
		if n.a, err = NewTransport(TransportConfig{Net: machines[0], Logger: debugLogger()}); err != nil {
			t.Fatal(err)
		}
		if n.b, err = NewTransport(TransportConfig{Net: machines[1], Logger: debugLogger()}); err != nil {
			t.Fatal(err)
		}
		test(t, n)
		if err := n.a.Close(); err != nil {
			t.Error(err)
		}
		if err := n.b.Close(); err != nil {
			t.Error(err)
		}
		if err := n.router.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func (n *network) losing(drop func(size int) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drop = drop
}

// Guards that a closed link leaves nothing behind, with two links between the
// same two machines at once: they are told apart though they share addresses.
func TestLinksLeaveNothingBehind(t *testing.T) {
	inNetwork(t, func(t *testing.T, n *network) {
		first := newPair(t, n.a, n.b, star)
		second := newPair(t, n.a, n.b, pairOptions{})
		first.waitOpen(t)
		second.waitOpen(t)
		sendsAll(t, first.offerer)
		sendsAll(t, second.offerer)
		sendsAll(t, second.answerer)
		first.close()
		sendsNumber(t, second.offerer, 65_001)
		second.close()
	})
}

// A round trip is measured by the heart, whatever the path's delay.
func TestHeartMeasuresThePath(t *testing.T) {
	inNetwork(t, func(t *testing.T, n *network) {
		p := newPair(t, n.a, n.b, pairOptions{})
		p.waitOpen(t)
		p.offerer.link.SetLevel(90)
		time.Sleep(3 * time.Second)
		v, _ := p.answerer.now()
		if !v.Up || v.Quality != Good || v.RTT < 20*time.Millisecond || v.RTT > 25*time.Millisecond || v.PeerLevel != 90 {
			t.Errorf("%+v", v)
		}
		p.close()
	})
}

// An SFU that dies says nothing: its links are poor, then lost, and restarts
// are tried until they are given up.
func TestSilenceIsNoticed(t *testing.T) {
	inNetwork(t, func(t *testing.T, n *network) {
		p := newPair(t, n.a, n.b, pairOptions{})
		p.waitOpen(t)
		time.Sleep(time.Second)
		n.losing(func(int) bool { return true })
		time.Sleep(poorAfter + time.Second)
		if v, _ := p.offerer.now(); v.Quality != Poor || !v.Up {
			t.Errorf("after %v it is %+v", poorAfter, v)
		}
		time.Sleep(lostAfter - poorAfter)
		if v, _ := p.offerer.now(); v.Quality != Lost || v.Up {
			t.Errorf("after %v it is %+v", lostAfter, v)
		}
		select {
		case <-p.offerer.broken:
		case <-time.After(2 * time.Minute):
			t.Error("it never gives up")
		}
		p.close()
	})
}

// A network that comes back within the grace is nothing; later, a restart
// brings the link back.
func TestLinkComesBack(t *testing.T) {
	inNetwork(t, func(t *testing.T, n *network) {
		p := newPair(t, n.a, n.b, pairOptions{})
		p.waitOpen(t)
		time.Sleep(time.Second)
		n.losing(func(int) bool { return true })
		time.Sleep(9 * time.Second)
		n.losing(nil)
		time.Sleep(15 * time.Second)
		for _, e := range []*end{p.offerer, p.answerer} {
			if v, _ := e.now(); !v.Up || v.Quality == Lost {
				t.Errorf("%+v", v)
			}
		}
		if p.offerer.link.Stats().Generation == 0 {
			t.Error("no restart was made")
		}
		sendsAll(t, p.offerer)
		p.close()
	})
}

// An offer that is never answered is made again, and then the link connects.
func TestUnansweredOfferIsMadeAgain(t *testing.T) {
	inNetwork(t, func(t *testing.T, n *network) {
		p := newPair(t, n.a, n.b, pairOptions{lostSignals: 1})
		p.waitOpen(t)
		if g := p.answerer.link.Stats().Generation; g != 1 {
			t.Errorf("it connected by generation %d", g)
		}
		sendsAll(t, p.offerer)
		p.close()
	})
}

// With loss on the path, what is lost is reported, asked for again, and the
// estimate follows.
func TestLossyPath(t *testing.T) {
	inNetwork(t, func(t *testing.T, n *network) {
		p := newPair(t, n.a, n.b, pairOptions{})
		p.waitOpen(t)
		chance := rand.New(rand.NewPCG(1, 2))
		n.losing(func(size int) bool { return size > 900 && chance.IntN(100) < 15 })
		const camera = 1
		payload := make([]byte, 1000)
		for seq := range uint16(2000) {
			out := router.Out{Codec: router.VP8, Seq: seq, Time: 900 * uint32(seq), Marker: true, Payload: payload}
			if err := p.offerer.link.WriteRTP(camera, &out); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Millisecond)
		}
		sender, rate := p.offerer.now()
		receiver, _ := p.answerer.now()
		if receiver.LossMille < 100 || receiver.LossMille > 200 || sender.SendLossMille < 80 || sender.SendLossMille > 250 {
			t.Errorf("15 %% are lost, and told are %d and %d ‰", receiver.LossMille, sender.SendLossMille)
		}
		if rate == 0 || rate >= startRate {
			t.Errorf("the estimate is %d", rate)
		}
		p.close()
	})
}
