package link

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"
	"github.com/pion/transport/v5"

	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/pkg/room"
)

// TransportConfig says what this machine's links share.
type TransportConfig struct {
	// Listen is the UDP address and port of the links that are offered to this
	// end. Zero: all addresses, any port.
	Listen netip.AddrPort
	// Net is the network, a virtual one in tests. Nil: the system's.
	Net transport.Net
	// Loopback offers loopback addresses too. Without it they are offered when
	// there is nothing else.
	Loopback bool
	// Logger takes what pion says, at debug; nil: nothing is said.
	Logger *slog.Logger
}

// iceTimes are when ICE asks whether the peer still consents (RFC 7675), after
// what silence it takes the path for broken and, after as much again as fails, for
// dead. The heart tells sooner.
type iceTimes struct{ ask, silent, fails time.Duration }

// timesOf gives those of a link's shape. Silence is that of several checks. A star's
// are rarer, for an SFU has a hundred members: a member asks about as often as browsers
// do, and the SFU, which they ask, for their consent alone, which wants it every five
// seconds.
func timesOf(shape room.Shape) iceTimes {
	switch shape {
	case room.ShapeServe:
		return iceTimes{ask: 4 * time.Second, silent: 8 * time.Second, fails: 6 * time.Second}
	case room.ShapeSFU:
		return iceTimes{ask: 2 * time.Second, silent: 5 * time.Second, fails: 6 * time.Second}
	default:
		return iceTimes{ask: time.Second, silent: 3 * time.Second, fails: 6 * time.Second}
	}
}

// relayWait is what a direct path is waited for when there is one by a relay.
const relayWait = 300 * time.Millisecond

// receiveMTU bounds a datagram of a link, bytes.
const receiveMTU = 1500

// Transport is this machine's share of all links: one UDP port for those that
// are offered to it, and how connections are made. A link that this end
// offers has a port of its own, so that two links between the same two
// machines can be told apart by their addresses.
type Transport struct {
	config      TransportConfig
	logger      *slog.Logger
	addresses   *localAddresses
	port        *portMux
	names       *names
	certificate certificate
	hearts      hearts

	mu     sync.Mutex
	links  map[*Link]struct{}
	closed bool
}

// NewTransport opens the port.
func NewTransport(config TransportConfig) (*Transport, error) {
	t := &Transport{config: config, logger: config.Logger, links: make(map[*Link]struct{})}
	if t.logger == nil {
		t.logger = slog.New(slog.DiscardHandler)
	}
	conn, err := t.listen(config.Listen)
	if err != nil {
		return nil, fmt.Errorf("link: listen: %w", err)
	}
	local := conn.LocalAddr().(*net.UDPAddr)
	t.addresses = &localAddresses{
		network: config.Net, listen: config.Listen.Addr(), loopback: config.Loopback,
		ipv4Only: config.Net != nil || local.IP.To4() != nil,
	}
	t.port = newPortMux(conn, t.addresses.list)
	t.names = newNames(config.Net != nil, t.logger)
	return t, nil
}

func (t *Transport) listen(on netip.AddrPort) (packetSocket, error) {
	addr := net.UDPAddrFromAddrPort(on)
	if !on.Addr().IsValid() {
		addr = &net.UDPAddr{Port: int(on.Port())}
	}
	if t.config.Net != nil {
		if addr.IP == nil {
			addr.IP = net.IPv4zero
		}
		return t.config.Net.ListenUDP("udp4", addr)
	}
	return net.ListenUDP("udp", addr)
}

// Port is the UDP port of the links that are offered to this end.
func (t *Transport) Port() int { return int(t.port.local.Port()) }

// Close closes the links that are still there, and then the port.
func (t *Transport) Close() error {
	t.mu.Lock()
	t.closed = true
	links := make([]*Link, 0, len(t.links))
	for l := range t.links {
		links = append(links, l)
	}
	t.mu.Unlock()
	for _, l := range links {
		l.Close(false)
	}
	for _, l := range links {
		<-l.Done()
	}
	t.names.close()
	return t.port.Close()
}

func (t *Transport) add(l *Link) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return ErrClosed
	}
	t.links[l] = struct{}{}
	return nil
}

func (t *Transport) remove(l *Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.links, l)
}

// portFor gives the port that a link's traffic goes through.
func (t *Transport) portFor(offer bool) (*portMux, error) {
	if !offer {
		return t.port, nil
	}
	on := netip.AddrPortFrom(t.config.Listen.Addr(), 0)
	conn, err := t.listen(on)
	if err != nil {
		return nil, fmt.Errorf("link: listen: %w", err)
	}
	return newPortMux(conn, t.addresses.list), nil
}

// agentOptions are of every link's ICE.
func (t *Transport) agentOptions(port *portMux, own credentials, config connectionConfig) []ice.AgentOption {
	options := []ice.AgentOption{
		ice.WithLoggerFactory(pionLog{logger: t.logger}),
		ice.WithLocalCredentials(own.ufrag, own.password),
		ice.WithUrls(iceURLs(config.servers)),
		ice.WithUDPMux(port),
		ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeUDP6}),
		// One querier for all links, of our own, in place of one per connection.
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithIncludeLoopback(), // which are offered, the port says
		ice.WithDisconnectedTimeout(config.times.silent),
		ice.WithFailedTimeout(config.times.fails),
		ice.WithKeepaliveInterval(config.times.ask),
		// As pion's default is, it would wait up to two seconds for a better pair.
		ice.WithHostAcceptanceMinWait(0),
		ice.WithSrflxAcceptanceMinWait(0),
		ice.WithPrflxAcceptanceMinWait(0),
		ice.WithRelayAcceptanceMinWait(relayWait),
	}
	if t.config.Net != nil {
		options = append(options, ice.WithNet(t.config.Net))
	}
	return options
}

// iceURLs lists the servers one by one. Where one is none, there is one less.
func iceURLs(servers []protocol.ICEServer) []*stun.URI {
	var all []*stun.URI
	for _, server := range servers {
		for _, text := range server.URLs {
			if uri, err := stun.ParseURI(text); err == nil {
				uri.Username, uri.Password = server.Username, server.Credential
				all = append(all, uri)
			}
		}
	}
	return all
}
