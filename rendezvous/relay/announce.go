package relay

import (
	"net/netip"

	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/p2p"
)

// maxAnnounced bounds what nodes are told: a machine may have many interfaces.
const maxAnnounced = 16

// announce returns what of the relay's own addresses others are told: each name
// with each port, or the addresses themselves when there is no name or nobody
// else could come.
func announce(names []string) func([]ma.Multiaddr) []ma.Multiaddr {
	return func(own []ma.Multiaddr) []ma.Multiaddr {
		var local, others, named []ma.Multiaddr
		type port struct {
			number uint16
			quic   bool
		}
		seen := make(map[port]bool)
		for _, address := range own {
			at, quic, ok := p2p.Endpoint(address)
			if !ok {
				continue
			}
			if at.Addr().IsLoopback() {
				local = append(local, address)
				continue
			}
			others = append(others, address)
			if p := (port{at.Port(), quic}); !seen[p] {
				seen[p] = true
				for _, name := range names {
					if address, err := p2p.NamedAddress(name, p.number, quic); err == nil {
						named = append(named, address)
					}
				}
			}
		}
		switch {
		case len(others) == 0:
			return local
		case len(named) > 0:
			return named[:min(len(named), maxAnnounced)]
		default:
			return others[:min(len(others), maxAnnounced)]
		}
	}
}

// Elsewhere tells whether a name is more than this machine's name for itself.
func Elsewhere(name string) bool {
	if name == "" || name == "localhost" {
		return false
	}
	ip, err := netip.ParseAddr(name)
	return err != nil || !ip.IsLoopback() && !ip.IsUnspecified()
}
