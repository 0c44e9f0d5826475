package p2p

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/core/transport"
	basichost "github.com/libp2p/go-libp2p/p2p/host/basic"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/host/observedaddrs"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	tptu "github.com/libp2p/go-libp2p/p2p/net/upgrader"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	"github.com/libp2p/go-libp2p/p2p/protocol/holepunch"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	libp2pquic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/quicreuse"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"github.com/quic-go/quic-go"

	"github.com/parley-mesh/parley/pkg/identity"
)

// Config of a host. Identity and Resources are required.
type Config struct {
	Identity *identity.Identity
	// Listen are the addresses to accept connections at, by QUIC and TCP alike.
	// Port 0 takes any free ones. None: the host only dials.
	Listen []netip.AddrPort
	// Circuits lets the host be reached, and reach others, through relays, and
	// then try to do without by punching holes.
	Circuits bool
	// Announce changes the addresses that others are told. Default: those that the
	// host listens at, and is observed at.
	Announce  func([]ma.Multiaddr) []ma.Multiaddr
	Resources network.ResourceManager // see Limits; closed with the host
	Manager   connmgr.ConnManager     // closed with the host; default: none is cut
	Gater     connmgr.ConnectionGater // default: everybody may connect
}

// Host is a libp2p host.
type Host struct {
	*basichost.BasicHost
	quic     *quicreuse.ConnManager
	observed *observedaddrs.Manager
	punch    *holepunch.Service // nil without circuits
	closers  []io.Closer        // in the order to close them
	close    sync.Once
}

// UserAgent is what a host calls itself, without a version: that is nobody's
// affair.
const UserAgent = "parley"

// New makes a host that listens. It fails with ErrKey or ErrListen.
func New(c Config) (*Host, error) {
	key, err := privateKey(c.Identity)
	if err != nil {
		return nil, err
	}
	h := &Host{}
	if err := h.assemble(c, key); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *Host) assemble(c Config, key crypto.PrivKey) error {
	h.closes(c.Resources)
	self, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return ErrKey
	}
	store, err := pstoremem.NewPeerstore()
	if err != nil {
		return fmt.Errorf("p2p: peerstore: %w", err)
	}
	h.closes(store)
	if err := errors.Join(store.AddPrivKey(self, key), store.AddPubKey(self, key.GetPublic())); err != nil {
		return fmt.Errorf("p2p: peerstore: %w", err)
	}
	bus := eventbus.NewBus()
	options := []swarm.Option{swarm.WithResourceManager(c.Resources)}
	if c.Gater != nil {
		options = append(options, swarm.WithConnectionGater(c.Gater))
	}
	net, err := swarm.NewSwarm(self, store, bus, options...)
	if err != nil {
		return fmt.Errorf("p2p: swarm: %w", err)
	}
	upgrader, err := h.addTransports(c, key, net)
	if err != nil {
		return errors.Join(err, net.Close())
	}
	h.closes(net)
	h.observed, err = observedaddrs.NewManager(bus, net)
	if err != nil {
		return fmt.Errorf("p2p: observed addresses: %w", err)
	}
	h.closes(h.observed)
	h.BasicHost, err = basichost.NewHost(net, &basichost.HostOpts{
		EventBus: bus, ConnManager: c.Manager, AddrsFactory: c.Announce, EnablePing: true, UserAgent: UserAgent,
		ObservedAddrsManager: h.observed,
	})
	if err != nil {
		return fmt.Errorf("p2p: host: %w", err)
	}
	h.closes(h.BasicHost)
	if c.Circuits {
		if err := h.addCircuits(upgrader); err != nil {
			return err
		}
	}
	if err := listen(net, c.Listen); err != nil {
		return err
	}
	h.observed.Start(net)
	h.Start()
	return nil
}

// punchWithin is for one try to be direct, of three.
const punchWithin = 3 * time.Second

func (h *Host) addCircuits(upgrader transport.Upgrader) (err error) {
	if err := client.AddTransport(h.BasicHost, upgrader); err != nil {
		return fmt.Errorf("p2p: circuits: %w", err)
	}
	h.punch, err = holepunch.NewService(h.BasicHost, h.IDService(), h.punchable, holepunch.DirectDialTimeout(punchWithin))
	if err != nil {
		return fmt.Errorf("p2p: hole punching: %w", err)
	}
	h.closes(h.punch)
	return nil
}

// punchable are the addresses at which others may find a hole: public ones, as
// somebody saw them.
func (h *Host) punchable() []ma.Multiaddr {
	all := ma.Unique(append(h.AllAddrs(), h.observed.Addrs(1)...))
	return slices.DeleteFunc(all, func(a ma.Multiaddr) bool { return IsCircuit(a) || !manet.IsPublicAddr(a) })
}

// Punch tries to replace a circuit, which the peer opened, by a direct connection
// and returns when that is done or has failed. The host tries once by itself; this
// is for once more, when the network changed or the first try was too early. Only
// one try with a peer is under way at a time.
func (h *Host) Punch(p peer.ID) error {
	if h.punch == nil || len(h.punchable()) == 0 {
		return ErrNoHole
	}
	if err := h.punch.DirectConnect(p); err != nil {
		return fmt.Errorf("p2p: punch: %w", err)
	}
	return nil
}

// closes puts a part before those that it was made of.
func (h *Host) closes(c io.Closer) {
	if c != nil {
		h.closers = append([]io.Closer{c}, h.closers...)
	}
}

// Close ends every connection. A second Close is harmless.
func (h *Host) Close() (err error) {
	h.close.Do(func() {
		for _, c := range h.closers {
			err = errors.Join(err, c.Close())
		}
	})
	return err
}

func (h *Host) addTransports(c Config, key crypto.PrivKey, net *swarm.Swarm) (transport.Upgrader, error) {
	muxers := []tptu.StreamMuxer{{ID: yamux.ID, Muxer: yamux.DefaultTransport}}
	secureTLS, err := libp2ptls.New(libp2ptls.ID, key, muxers)
	if err != nil {
		return nil, fmt.Errorf("p2p: TLS: %w", err)
	}
	secureNoise, err := noise.New(noise.ID, key, muxers)
	if err != nil {
		return nil, fmt.Errorf("p2p: Noise: %w", err)
	}
	upgrader, err := tptu.New([]sec.SecureTransport{secureTLS, secureNoise}, muxers, nil, c.Resources, c.Gater)
	if err != nil {
		return nil, fmt.Errorf("p2p: upgrader: %w", err)
	}
	var options []tcp.Option
	if !c.Circuits {
		// Only who punches holes must dial from where it listens; to others, a port
		// that somebody else listens at is taken.
		options = append(options, tcp.DisableReuseport())
	}
	overTCP, err := tcp.NewTCPTransport(upgrader, c.Resources, nil, options...)
	if err != nil {
		return nil, fmt.Errorf("p2p: TCP: %w", err)
	}
	if h.quic, err = quicManager(key, c.Resources); err != nil {
		return nil, err
	}
	h.closes(h.quic)
	overQUIC, err := libp2pquic.NewTransport(key, h.quic, nil, c.Gater, c.Resources)
	if err != nil {
		return nil, fmt.Errorf("p2p: QUIC: %w", err)
	}
	return upgrader, errors.Join(net.AddTransport(overTCP), net.AddTransport(overQUIC))
}

// quicManager counts a connection from its first packet on, before its handshake
// has cost anything.
func quicManager(key crypto.PrivKey, resources network.ResourceManager) (*quicreuse.ConnManager, error) {
	reset, token, err := quicKeys(key)
	if err != nil {
		return nil, err
	}
	manager, err := quicreuse.NewConnManager(reset, token,
		quicreuse.ConnContext(func(ctx context.Context, from *quic.ClientInfo) (context.Context, error) {
			address, err := quicreuse.ToQuicMultiaddr(from.RemoteAddr, quic.Version1)
			if err != nil {
				address = nil // the resource manager decides
			}
			scope, err := resources.OpenConnection(network.DirInbound, false, address)
			if err != nil {
				return ctx, err
			}
			ctx = network.WithConnManagementScope(ctx, scope)
			context.AfterFunc(ctx, scope.Done)
			return ctx, nil
		}),
		quicreuse.VerifySourceAddress(func(from net.Addr) bool { return resources.VerifySourceAddress(from) }),
	)
	if err != nil {
		return nil, fmt.Errorf("p2p: QUIC: %w", err)
	}
	return manager, nil
}
