package link

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/transport/v5"
)

// listedFor is how long a list of this machine's addresses is good for.
const listedFor = 2 * time.Second

// localAddresses are the addresses that a port can be reached on.
type localAddresses struct {
	network  transport.Net // nil: the system's
	listen   netip.Addr    // the only one, unless unspecified
	loopback bool
	ipv4Only bool

	mu    sync.Mutex
	found []net.IP
	at    time.Time
}

func (l *localAddresses) list(port uint16) []net.Addr {
	ips := l.current()
	addrs := make([]net.Addr, len(ips))
	for i, ip := range ips {
		addrs[i] = &net.UDPAddr{IP: ip, Port: int(port)}
	}
	return addrs
}

func (l *localAddresses) current() []net.IP {
	if l.listen.IsValid() && !l.listen.IsUnspecified() {
		return []net.IP{l.listen.AsSlice()}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.found == nil || now.Sub(l.at) > listedFor {
		l.found, l.at = l.usable(l.all()), now
	}
	return l.found
}

// forget has the next list be made anew.
func (l *localAddresses) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found = nil
}

// usable leaves out what no peer can reach; loopback is for who asks, and for a
// machine that has nothing else.
func (l *localAddresses) usable(all []net.IP) []net.IP {
	var global, loopback []net.IP
	for _, ip := range all {
		switch {
		case ip.To4() == nil && l.ipv4Only, ip.IsUnspecified(), ip.IsMulticast(), ip.IsLinkLocalUnicast() && ip.To4() == nil:
		case ip.IsLoopback():
			loopback = append(loopback, ip)
		default:
			global = append(global, ip)
		}
	}
	if l.loopback || len(global) == 0 {
		return append(global, loopback...)
	}
	return global
}

func (l *localAddresses) all() []net.IP {
	var ips []net.IP
	for _, addr := range l.interfaceAddrs() {
		if network, ok := addr.(*net.IPNet); ok {
			ips = append(ips, network.IP)
		}
	}
	return ips
}

func (l *localAddresses) interfaceAddrs() []net.Addr {
	if l.network == nil {
		addrs, _ := net.InterfaceAddrs() // none is as good as an error
		return addrs
	}
	interfaces, _ := l.network.Interfaces()
	var all []net.Addr
	for _, each := range interfaces {
		addrs, _ := each.Addrs()
		all = append(all, addrs...)
	}
	return all
}
