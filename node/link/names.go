package link

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"
)

// nameWithin is how long a .local name may take to be found.
const nameWithin = 5 * time.Second

// maxNames bounds how many are looked for at once.
const maxNames = 32

// names finds the addresses behind the .local names that browsers put in their
// candidates (draft-ietf-mmusic-mdns-ice-candidates). It opens its socket when
// the first name comes.
type names struct {
	off    bool
	logger *slog.Logger
	slots  chan struct{}

	mu     sync.Mutex
	conn   *mdns.Conn
	tried  bool
	closed bool
}

func newNames(off bool, logger *slog.Logger) *names {
	return &names{off: off, logger: logger, slots: make(chan struct{}, maxNames)}
}

// find gives the address of a name, or false when nobody on this network
// answers to it.
func (n *names) find(ctx context.Context, name string) (netip.Addr, bool) {
	select {
	case n.slots <- struct{}{}:
		defer func() { <-n.slots }()
	default:
		return netip.Addr{}, false
	}
	conn := n.open()
	if conn == nil {
		return netip.Addr{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, nameWithin)
	defer cancel()
	_, addr, err := conn.QueryAddr(ctx, name)
	return addr.Unmap(), err == nil && addr.IsValid()
}

func (n *names) open() *mdns.Conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.off || n.tried || n.closed {
		return n.conn
	}
	n.tried = true
	addr, err := net.ResolveUDPAddr("udp4", mdns.DefaultAddressIPv4)
	if err != nil {
		return nil
	}
	socket, err := net.ListenUDP("udp4", addr)
	if err != nil {
		return nil // somebody else has the port: names stay unknown
	}
	conn, err := mdns.NewServer(ipv4.NewPacketConn(socket), nil, mdns.WithLoggerFactory(pionLog{logger: n.logger}))
	if err != nil {
		_ = socket.Close()
		return nil
	}
	n.conn = conn
	return conn
}

func (n *names) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.conn != nil {
		_ = n.conn.Close()
		n.conn = nil
	}
}
