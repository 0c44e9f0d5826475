package rendezvous

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"sync/atomic"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
	"github.com/parley-mesh/parley/pkg/protocol"
	"github.com/parley-mesh/parley/rendezvous/hub"
	"github.com/parley-mesh/parley/rendezvous/relay"
	"github.com/parley-mesh/parley/rendezvous/store"
)

// RelayOff as Config.RelayListen runs no relay.
const RelayOff = "off"

// hubRooms is a hub that comes later: the relay listens first, because rooms tell
// where it does.
type hubRooms struct{ atomic.Pointer[hub.Hub] }

// Inside implements relay.Rooms.
func (r *hubRooms) Inside(id identity.PeerID) bool {
	h := r.Load()
	return h != nil && h.Inside(id)
}

// Together implements relay.Rooms.
func (r *hubRooms) Together(a, b identity.PeerID) bool {
	h := r.Load()
	return h != nil && h.Together(a, b)
}

// openRelay listens for nodes beside the listener for everybody.
func (s *Server) openRelay(ctx context.Context, keys store.Keys, rooms relay.Rooms) error {
	if s.config.RelayListen == RelayOff {
		return nil
	}
	address := s.config.RelayListen
	if address == "" {
		address = beside(s.config.Listen, s.listener.Addr())
	}
	listen, err := relayAddresses(ctx, address)
	if err != nil {
		return err
	}
	s.relay, err = relay.New(relay.Config{
		Identity: identity.FromSeed(keys.Relay), Listen: listen, Names: relayNames(s.config.PublicURLs), Rooms: rooms, Logger: s.config.Logger,
	})
	if errors.Is(err, relay.ErrListen) {
		return fmt.Errorf("rendezvous: nodes cannot be met at %s: stop what uses that port for TCP or UDP, choose another address with --relay-listen, or --relay-listen off: %w", address, err)
	}
	if err == nil && len(relayNames(s.config.PublicURLs)) > 0 && len(s.relay.STUN()) == 0 {
		s.config.Logger.Info("nodes on other machines cannot reach the relay, which listens to this one alone; --relay-listen :PORT changes that")
	}
	return err
}

// beside is the listener's host and the port after its own, or any port when it
// has any port.
func beside(listen string, at net.Addr) string {
	host, asked, err := net.SplitHostPort(listen)
	tcp, ok := at.(*net.TCPAddr)
	if err != nil || !ok || asked == "0" || tcp.Port == 1<<16-1 {
		return net.JoinHostPort(host, "0")
	}
	return net.JoinHostPort(host, strconv.Itoa(tcp.Port+1))
}

// relayAddresses are the addresses that HOST:PORT stands for; without a host,
// all of this machine's.
func relayAddresses(ctx context.Context, address string) ([]netip.AddrPort, error) {
	wrong := fmt.Errorf("%w: the relay's address must be HOST:PORT, as in :8081, or off", ErrConfig)
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, wrong
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, wrong
	}
	if host == "" {
		return p2p.Everywhere(uint16(port)), nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(ips) == 0 {
		return nil, fmt.Errorf("rendezvous: the host of the relay's address %s is not known; choose another address with --relay-listen: %w", address, err)
	}
	if port == 0 {
		ips = ips[:1] // each would take a port of its own
	}
	var listen []netip.AddrPort
	for _, ip := range ips {
		listen = append(listen, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	return listen, nil
}

// relayNames are the hosts of the addresses that people use, but for this
// machine's names for itself.
func relayNames(publicURLs []string) []string {
	var names []string
	for _, text := range publicURLs {
		if u, err := url.Parse(text); err == nil && relay.Elsewhere(u.Hostname()) {
			names = append(names, u.Hostname())
		}
	}
	return names
}

// Relay is the relay's full addresses; none when none runs.
func (s *Server) Relay() []string {
	if s.relay == nil {
		return nil
	}
	return s.relay.Addresses()
}

// iceServers is what every participant's links are told: the relay's STUN, unless
// it serves this machine alone, where there is nothing to find out.
func (s *Server) iceServers() []protocol.ICEServer {
	if s.relay == nil {
		return nil
	}
	urls := s.relay.STUN()
	if len(urls) == 0 {
		return nil
	}
	return []protocol.ICEServer{{URLs: urls}}
}
