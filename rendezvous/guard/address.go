package guard

import (
	"fmt"
	"net/netip"
	"strings"
)

// The part of an address that counts as one client: what one household or office is given.
const (
	PrefixBits4 = 24
	PrefixBits6 = 56
)

// maxHops bounds how far a forwarding header is followed.
const maxHops = 32

// Prefix is the network that addr counts for. An IPv4 address written as IPv6 is an IPv4 address. The zero
// address, of a peer that has none, counts for the zero prefix.
func Prefix(addr netip.Addr) netip.Prefix {
	addr = plain(addr)
	bits := PrefixBits6
	if addr.Is4() {
		bits = PrefixBits4
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// ParseProxy reads what --trusted-proxy gives: a CIDR prefix or one address. It fails with ErrProxy.
func ParseProxy(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%w, as in 10.0.0.0/8 or ::1", ErrProxy)
	}
	if addr := prefix.Addr(); addr.Is4In6() {
		if prefix.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("%w: write IPv4 networks as IPv4", ErrProxy)
		}
		prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), nil
}

// ClientAddr is the address that a request came from: remote, or if remote is a trusted proxy, the nearest hop
// in the X-Forwarded-For headers (in the order they came in) that is no trusted proxy. Whoever is not
// trusted can write what they like in that header: nothing left of an untrusted hop is looked at. A hop that is no address counts as the proxy
// that passed it on.
func ClientAddr(remote netip.Addr, forwarded []string, trusted []netip.Prefix) netip.Addr {
	client := plain(remote)
	hops := 0
	for i := len(forwarded) - 1; i >= 0; i-- {
		rest := forwarded[i]
		for more := true; more; {
			if !trusts(trusted, client) || hops == maxHops {
				return client
			}
			hops++
			var hop string
			if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
				rest, hop = rest[:comma], rest[comma+1:]
			} else {
				hop, more = rest, false
			}
			addr, ok := parseHop(strings.TrimSpace(hop))
			if !ok {
				return client
			}
			client = addr
		}
	}
	return client
}

// ClientPrefix is the Prefix of the ClientAddr.
func ClientPrefix(remote netip.Addr, forwarded []string, trusted []netip.Prefix) netip.Prefix {
	return Prefix(ClientAddr(remote, forwarded, trusted))
}

func trusts(trusted []netip.Prefix, addr netip.Addr) bool {
	for _, prefix := range trusted {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// parseHop reads an address as proxies write it: bare, in brackets, or with a port.
func parseHop(s string) (netip.Addr, bool) {
	const longest = len("[0000:0000:0000:0000:0000:ffff:255.255.255.255]:65535")
	if len(s) > longest {
		return netip.Addr{}, false
	}
	if addr, err := netip.ParseAddr(s); err == nil {
		return plain(addr), true
	}
	if bare, bracketed := strings.CutPrefix(s, "["); bracketed {
		if bare, bracketed = strings.CutSuffix(bare, "]"); bracketed {
			addr, err := netip.ParseAddr(bare)
			return plain(addr), err == nil && addr.Is6()
		}
	}
	withPort, err := netip.ParseAddrPort(s)
	return plain(withPort.Addr()), err == nil
}
