package link

import (
	"log/slog"
	"net/netip"

	"github.com/pion/transport/v5"
)

// TransportConfig says what this machine's links share.
type TransportConfig struct {
	// Listen is the UDP address and port of all links. Zero: all addresses,
	// any port.
	Listen netip.AddrPort
	// Net is the network, a virtual one in tests. Nil: the system's.
	Net transport.Net
	// Loopback offers loopback addresses too. Without it they are offered when
	// there is nothing else.
	Loopback bool
	// Logger takes what goes wrong; nil: nothing is said.
	Logger *slog.Logger
}

// Transport is this machine's share of all links: one UDP port, and how
// PeerConnections are made.
type Transport struct{}

// NewTransport opens the port.
func NewTransport(TransportConfig) (*Transport, error) { return nil, ErrConfig }

// Close ends the transport. Its links are to be closed before.
func (t *Transport) Close() error { return nil }

// Port is the UDP port of all links.
func (t *Transport) Port() int { return 0 }
