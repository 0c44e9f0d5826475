package link

import (
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/turn/v5"

	"github.com/parley-mesh/parley/pkg/protocol"
)

// Addresses of the machines that cannot reach each other, and of the relay that
// both can.
const (
	relayedA, relayedB, relayAt = "10.0.0.10", "10.0.0.11", "10.0.0.20"
	relayRealm                  = "parley"
)

func relayServers() []protocol.ICEServer {
	return []protocol.ICEServer{{URLs: []string{"turn:" + relayAt + ":3478?transport=udp"}, Username: "ada", Credential: "secret"}}
}

// betweenRelays runs a test on a network of two machines and a TURN relay (RFC
// 8656). What may pass is asked for each datagram, by its two addresses.
func betweenRelays(t *testing.T, may func(from, to *net.UDPAddr) bool, test func(t *testing.T, a, b *Transport)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		quiet := logging.NewDefaultLoggerFactory()
		quiet.DefaultLogLevel = logging.LogLevelDisabled
		router, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/24", LoggerFactory: quiet, MinDelay: 10 * time.Millisecond})
		must(err)
		router.AddChunkFilter(func(c vnet.Chunk) bool {
			from, to := c.SourceAddr().(*net.UDPAddr), c.DestinationAddr().(*net.UDPAddr)
			return from.IP.Equal(to.IP) || may(from, to)
		})
		machine := func(ip string) *vnet.Net {
			n, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
			must(err)
			must(router.AddNet(n))
			return n
		}
		transport := func(ip string) *Transport {
			tr, err := NewTransport(TransportConfig{Net: machine(ip), Logger: debugLogger()})
			must(err)
			return tr
		}
		a, b, relay := transport(relayedA), transport(relayedB), machine(relayAt)
		must(router.Start())
		conn, err := relay.ListenPacket("udp4", relayAt+":3478")
		must(err)
		server, err := turn.NewServer(turn.ServerConfig{
			Realm: relayRealm, LoggerFactory: quiet,
			AuthHandler: func(ra *turn.RequestAttributes) (string, []byte, bool) {
				return ra.Username, turn.GenerateAuthKey("ada", relayRealm, "secret"), ra.Username == "ada"
			},
			PacketConnConfigs: []turn.PacketConnConfig{{
				PacketConn:            conn,
				RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{RelayAddress: net.ParseIP(relayAt), Address: relayAt, Net: relay},
			}},
		})
		must(err)
		test(t, a, b)
		must(a.Close())
		must(b.Close())
		must(server.Close())
		must(router.Stop())
	})
}

// Guards a link whose only way goes through a relay, for one end or for both: what
// comes that way is read by ICE and not by the port, media and channels alike.
func TestRelayed(t *testing.T) {
	between := func(from, to *net.UDPAddr, ip string) bool { return from.IP.String() == ip || to.IP.String() == ip }
	asked := func(addr *net.UDPAddr) bool { return addr.IP.String() == relayAt && addr.Port == 3478 }
	servers := relayServers()
	for name, c := range map[string]struct {
		options pairOptions
		may     func(from, to *net.UDPAddr) bool
	}{
		"the offerer's": {pairOptions{offerServers: servers}, func(from, to *net.UDPAddr) bool { return between(from, to, relayAt) }},
		"the answerer's": {
			pairOptions{answerServers: servers, shape: star.shape, extra: star.extra, simulcast: star.simulcast},
			func(from, to *net.UDPAddr) bool { return between(from, to, relayAt) },
		},
		"both ends'": {pairOptions{offerServers: servers, answerServers: servers}, func(from, to *net.UDPAddr) bool { return asked(from) || asked(to) }},
	} {
		t.Run(name, func(t *testing.T) {
			betweenRelays(t, c.may, func(t *testing.T, a, b *Transport) {
				p := newPair(t, a, b, c.options)
				p.waitOpen(t)
				for _, e := range []*end{p.offerer, p.answerer} {
					sendsAll(t, e)
					if err := e.link.Send(protocol.Slots{Slots: []protocol.Slot{}}); err != nil {
						t.Fatal(err)
					}
					if _, ok := wait(t, "slots", e.peer.controls).(protocol.Slots); !ok {
						t.Error("something else came")
					}
					e.peer.link.SendNack(1, 0, []uint16{65_000})
					wait(t, "a NACK", e.nacks)
				}
				time.Sleep(20 * time.Second) // consent and permissions are renewed meanwhile
				for _, e := range []*end{p.offerer, p.answerer} {
					sendsNumber(t, e, 65_001)
					if v, _ := e.now(); !v.Up || !v.Relayed || v.Quality != Good || v.RTT == 0 {
						t.Errorf("%+v", v)
					}
				}
				p.close()
			})
		})
	}
}

// Guards a link that loses its direct way when it has just been told of a relay.
func TestRelayedLater(t *testing.T) {
	var apart atomic.Bool
	may := func(from, to *net.UDPAddr) bool {
		return !apart.Load() || from.IP.String() == relayAt || to.IP.String() == relayAt
	}
	betweenRelays(t, may, func(t *testing.T, a, b *Transport) {
		p := newPair(t, a, b, pairOptions{})
		p.waitOpen(t)
		sendsAll(t, p.offerer)
		if v, _ := p.offerer.now(); v.Relayed {
			t.Errorf("%+v", v)
		}
		p.answerer.link.SetICEServers(relayServers())
		p.offerer.link.SetICEServers(relayServers())
		apart.Store(true)
		time.Sleep(30 * time.Second) // the silence is noticed, and ICE begins anew
		for _, e := range []*end{p.offerer, p.answerer} {
			sendsNumber(t, e, 65_001)
			if v, _ := e.now(); !v.Up || !v.Relayed {
				t.Errorf("%+v", v)
			}
		}
		p.close()
	})
}
