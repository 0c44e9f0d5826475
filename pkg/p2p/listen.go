package p2p

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	ma "github.com/multiformats/go-multiaddr"
)

// Everywhere is every address of this machine at one port, of both families.
func Everywhere(port uint16) []netip.AddrPort {
	return []netip.AddrPort{
		netip.AddrPortFrom(netip.IPv4Unspecified(), port), netip.AddrPortFrom(netip.IPv6Unspecified(), port),
	}
}

// Address is an address of QUIC (over UDP) or of TCP.
func Address(at netip.AddrPort, quic bool) ma.Multiaddr {
	family := "ip4"
	if at.Addr().Is6() {
		family = "ip6"
	}
	return ma.StringCast("/" + family + "/" + at.Addr().WithZone("").String() + carrier(at.Port(), quic))
}

func carrier(port uint16, quic bool) string {
	if quic {
		return "/udp/" + strconv.Itoa(int(port)) + "/quic-v1"
	}
	return "/tcp/" + strconv.Itoa(int(port))
}

// NamedAddress is an address of a host by its name or IP address.
func NamedAddress(host string, port uint16, quic bool) (ma.Multiaddr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return Address(netip.AddrPortFrom(ip.Unmap(), port), quic), nil
	}
	return ma.NewMultiaddr("/dns/" + host + carrier(port, quic))
}

// Endpoint is where a multiaddress leads, and whether by QUIC; ok is false for a
// circuit, a name, or another transport. A peer ID at the end is allowed.
func Endpoint(address ma.Multiaddr) (at netip.AddrPort, quic, ok bool) {
	rest := address
	zone := ""
	if len(rest) > 0 && rest[0].Code() == ma.P_IP6ZONE {
		zone, rest = rest[0].Value(), rest[1:]
	}
	if len(rest) < 2 || rest[0].Code() != ma.P_IP4 && rest[0].Code() != ma.P_IP6 {
		return at, false, false
	}
	ip, valid := netip.AddrFromSlice(rest[0].RawValue())
	port, err := strconv.ParseUint(rest[1].Value(), 10, 16)
	if !valid || err != nil {
		return at, false, false
	}
	at = netip.AddrPortFrom(ip.Unmap().WithZone(zone), uint16(port))
	switch {
	case rest[1].Code() == ma.P_TCP:
		rest = rest[2:]
	case rest[1].Code() == ma.P_UDP && len(rest) > 2 && rest[2].Code() == ma.P_QUIC_V1:
		quic, rest = true, rest[3:]
	default:
		return netip.AddrPort{}, false, false
	}
	if len(rest) > 1 || len(rest) == 1 && rest[0].Code() != ma.P_P2P {
		return netip.AddrPort{}, false, false
	}
	return at, quic, true
}

func cutQUIC(address ma.Multiaddr) (quic, udp ma.Multiaddr, ok bool) {
	udp, quic = ma.SplitFunc(address, func(c ma.Component) bool { return c.Code() == ma.P_QUIC_V1 })
	return quic, udp, len(quic) > 0
}

// IsCircuit tells whether an address leads through a relay.
func IsCircuit(address ma.Multiaddr) bool {
	_, err := address.ValueForProtocol(ma.P_CIRCUIT)
	return err == nil
}

// listen takes every address by both transports, or fails. A machine without
// IPv6 may still ask for all addresses.
func listen(s *swarm.Swarm, addresses []netip.AddrPort) error {
	for i, at := range addresses {
		for _, quic := range []bool{true, false} {
			err := s.Listen(Address(at, quic))
			if err != nil && (i == 0 || !at.Addr().IsUnspecified()) {
				return fmt.Errorf("%w: %w", ErrListen, err)
			}
		}
	}
	return nil
}

// QUICPort is the UDP port of an address of QUIC, by whatever name or IP address.
func QUICPort(address ma.Multiaddr) (port uint16, ok bool) {
	_, udp, ok := cutQUIC(address)
	if !ok {
		return 0, false
	}
	text, err := udp.ValueForProtocol(ma.P_UDP)
	if err != nil {
		return 0, false
	}
	number, err := strconv.ParseUint(text, 10, 16)
	return uint16(number), err == nil
}
