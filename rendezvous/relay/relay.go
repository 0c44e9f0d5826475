package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	circuit "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/identity"
	"github.com/parley-mesh/parley/pkg/p2p"
)

// Rooms tells who is where. Its methods are called from any goroutine.
type Rooms interface {
	// Inside tells whether an identity is in some room.
	Inside(identity.PeerID) bool
	// Together tells whether two identities are in one room.
	Together(a, b identity.PeerID) bool
}

// Config of a relay. Identity, Listen and Rooms are required.
type Config struct {
	// Identity is the relay's own; it stays the same across restarts.
	Identity *identity.Identity
	// Listen are the addresses to accept connections at, by QUIC and TCP alike.
	// Port 0 takes any free ones.
	Listen []netip.AddrPort
	// Names are the host names or IP addresses by which nodes elsewhere reach this
	// machine. They are announced in the place of its own addresses, unless it
	// listens to itself alone.
	Names []string
	Rooms Rooms
	// Quotas. Default DefaultQuotas.
	Quotas *Quotas
	// Logger. Default: discarded.
	Logger *slog.Logger
}

const (
	perPeer    = 8 // connections with one node: by QUIC, by TCP, and while one replaces another
	perStreams = 512
	memory     = 256 << 20
)

// Relay is a relay that listens.
type Relay struct {
	host    *p2p.Host
	circuit *circuit.Relay
	reach   *reach
	stun    *stun
	close   sync.Once
}

// New listens and serves. It fails with ErrConfig or ErrListen.
func New(c Config) (*Relay, error) {
	if c.Quotas == nil {
		quotas := DefaultQuotas()
		c.Quotas = &quotas
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case c.Identity == nil, c.Rooms == nil, len(c.Listen) == 0:
		return nil, fmt.Errorf("%w: identity, address and rooms are needed", ErrConfig)
	case !c.Quotas.valid():
		return nil, fmt.Errorf("%w: a quota is missing", ErrConfig)
	}
	r := &Relay{}
	if err := r.open(c); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Relay) open(c Config) error {
	q := *c.Quotas
	resources, err := p2p.Limits{
		Connections: q.Connections, PerAddress: q.PerAddress, PerPeer: perPeer, Streams: perStreams, Memory: memory,
	}.Resources()
	if err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	// Long before nobody else may connect, whoever has no reservation is let go.
	manager, err := connmgr.NewConnManager(q.Connections/2, q.Connections*3/4)
	if err != nil {
		return errors.Join(fmt.Errorf("relay: connection manager: %w", err), resources.Close())
	}
	r.host, err = p2p.New(p2p.Config{
		Identity: c.Identity, Listen: c.Listen, Resources: resources, Manager: manager, Announce: announce(c.Names),
	})
	if err != nil {
		if errors.Is(err, p2p.ErrListen) {
			return fmt.Errorf("%w: %w", ErrListen, err)
		}
		return fmt.Errorf("relay: %w", err)
	}
	r.circuit, err = circuit.New(&metered{Host: r.host, quotas: q},
		circuit.WithResources(circuit.Resources{
			ReservationTTL: q.ReservationTime, MaxReservations: q.Reservations, MaxCircuits: q.PerPeer, BufferSize: 4096,
			MaxReservationsPerIP: q.PerAddress, MaxReservationsPerASN: q.Reservations,
		}),
		circuit.WithACL(&allowed{rooms: c.Rooms, quotas: q, strangers: make(map[peer.ID]time.Time)}),
		// A relay of one building has no public address, and works all the same.
		circuit.WithReservationAddressFilter(func(ma.Multiaddr) bool { return true }))
	if err != nil {
		return fmt.Errorf("relay: circuits: %w", err)
	}
	if r.reach, err = newReach(r.host, c.Identity); err != nil {
		return err
	}
	if r.stun, err = newSTUN(r.host); err != nil {
		return err
	}
	c.Logger.Info("nodes meet at the relay", "peer", c.Identity.PeerID())
	return nil
}

// Addresses are the relay's full addresses, with its peer ID.
func (r *Relay) Addresses() []string {
	self := ma.StringCast("/p2p/" + r.host.ID().String())
	var all []string
	for _, address := range r.host.Addrs() {
		all = append(all, address.Encapsulate(self).String())
	}
	return all
}

// maxSTUNServers is how many are told: a browser asks every one.
const maxSTUNServers = 2

// STUN are the URLs (RFC 7064) at which links of WebRTC can ask how they are seen
// from outside; none when the relay serves this machine alone.
func (r *Relay) STUN() []string {
	var urls []string
	for _, address := range r.host.Addrs() {
		host := address[0].Value()
		port, quic := p2p.QUICPort(address)
		if !quic || !Elsewhere(host) || len(urls) == maxSTUNServers {
			continue
		}
		urls = append(urls, "stun:"+net.JoinHostPort(host, strconv.Itoa(int(port))))
	}
	return urls
}

// Run waits until ctx ends and closes the relay.
func (r *Relay) Run(ctx context.Context) error {
	<-ctx.Done()
	r.Close()
	return nil
}

// Close ends every connection and circuit. A second Close is harmless.
func (r *Relay) Close() {
	r.close.Do(func() {
		if r.stun != nil {
			r.stun.close()
		}
		if r.reach != nil {
			r.reach.close()
		}
		if r.circuit != nil {
			_ = r.circuit.Close()
		}
		if r.host != nil {
			_ = r.host.Close()
		}
	})
}
