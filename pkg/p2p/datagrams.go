package p2p

import (
	"errors"
	"fmt"
	"net"
)

// Datagrams returns, for each UDP port that the host listens at, a connection
// that reads and writes what is no QUIC packet (RFC 9443), as STUN messages are.
// They are closed by the caller, before the host. There is one reader for each.
func (h *Host) Datagrams() ([]net.PacketConn, error) {
	var all []net.PacketConn
	for _, address := range h.Network().ListenAddresses() {
		at, quic, ok := Endpoint(address)
		if !ok || !quic {
			continue
		}
		conn, err := h.quic.SharedNonQUICPacketConn("udp", net.UDPAddrFromAddrPort(at))
		if err != nil {
			for _, opened := range all {
				err = errors.Join(err, opened.Close())
			}
			return nil, fmt.Errorf("p2p: share a UDP port: %w", err)
		}
		all = append(all, conn)
	}
	return all, nil
}
