package link

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/packetio"
	"github.com/pion/webrtc/v4"

	"github.com/parley-mesh/parley/pkg/protocol"
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

// Times of ICE: a peer that is silent for as long as these was not heard by
// several keep-alives; the heart tells sooner.
const (
	iceKeepalive = time.Second
	iceSilent    = 3 * time.Second
	iceFails     = 6 * time.Second
	relayWait    = 300 * time.Millisecond
)

// receiveMTU bounds a datagram of a link, bytes.
const receiveMTU = 1500

// Transport is this machine's share of all links: one UDP port for those that
// are offered to it, and how PeerConnections are made. A link that this end
// offers has a port of its own, so that two links between the same two
// machines can be told apart by their addresses.
type Transport struct {
	config    TransportConfig
	logger    *slog.Logger
	addresses *localAddresses
	port      *portMux
	names     *names

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

// packetBuffers makes the ends of pion's RTP and RTCP streams.
type packetBuffers func(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser

// connect makes a PeerConnection whose media ends in buffers.
func (t *Transport) connect(port *portMux, servers []protocol.ICEServer, buffers packetBuffers) (*webrtc.PeerConnection, error) {
	engine := &webrtc.MediaEngine{}
	if err := registerMedia(engine); err != nil {
		return nil, err
	}
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(engine),
		webrtc.WithSettingEngine(t.settings(port, buffers)),
		// None: NACK, reports and feedback are the link's and the router's.
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	)
	connection, err := api.NewPeerConnection(webrtc.Configuration{
		ICEServers:   iceServers(servers),
		BundlePolicy: webrtc.BundlePolicyMaxBundle,
	})
	if err != nil {
		return nil, fmt.Errorf("link: connect: %w", err)
	}
	return connection, nil
}

func (t *Transport) settings(port *portMux, buffers packetBuffers) webrtc.SettingEngine {
	var s webrtc.SettingEngine
	s.LoggerFactory = pionLog{logger: t.logger}
	s.DisableMediaEngineCopy(true) // each link has its own
	s.BufferFactory = buffers
	s.SetFireOnTrackBeforeFirstRTP(true) // no goroutine that waits for it
	s.DetachDataChannels()
	// A link is closed by its own goroutine alone: pion's own closing, when the
	// peer ends DTLS, would wait under the lock that the end of SCTP asks for.
	s.DisableCloseByDTLS(true)
	s.SetSCTPMaxMessageSize(protocol.MaxFrame)
	s.SetReceiveMTU(receiveMTU)
	s.SetICEUDPMux(port)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	// One querier for all links, of our own, in place of one per connection.
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetIncludeLoopbackCandidate(true) // which are offered, the port says
	s.SetICETimeouts(iceSilent, iceFails, iceKeepalive)
	// As pion's default is, it would wait up to two seconds for a better pair.
	s.SetHostAcceptanceMinWait(0)
	s.SetSrflxAcceptanceMinWait(0)
	s.SetPrflxAcceptanceMinWait(0)
	s.SetRelayAcceptanceMinWait(relayWait)
	// As the client pion takes a browser's first profile, which is the slowest.
	_ = s.SetAnsweringDTLSRole(webrtc.DTLSRoleServer)
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	if t.config.Net != nil {
		s.SetNet(t.config.Net)
	}
	return s
}

func iceServers(servers []protocol.ICEServer) []webrtc.ICEServer {
	made := make([]webrtc.ICEServer, 0, len(servers))
	for _, server := range servers {
		made = append(made, webrtc.ICEServer{
			URLs: server.URLs, Username: server.Username, Credential: server.Credential,
			CredentialType: webrtc.ICECredentialTypePassword,
		})
	}
	return made
}
