package p2p

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
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
// circuit, a name, or another transport.
func Endpoint(address ma.Multiaddr) (at netip.AddrPort, quic, ok bool) {
	if IsCircuit(address) {
		return at, false, false
	}
	to, err := manet.ToNetAddr(address)
	if err != nil {
		if _, udp, cut := cutQUIC(address); cut {
			if to, err = manet.ToNetAddr(udp); err != nil {
				return at, false, false
			}
		} else {
			return at, false, false
		}
	}
	switch to := to.(type) {
	case *net.UDPAddr:
		at, quic = to.AddrPort(), true
	case *net.TCPAddr:
		at = to.AddrPort()
	default:
		return at, false, false
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), quic, true
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
