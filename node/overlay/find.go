package overlay

import (
	"context"
	"slices"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/parley-mesh/parley/pkg/meeting"
	"github.com/parley-mesh/parley/pkg/p2p"
)

// findProtocol asks a member where another member is. The asker writes the
// meeting's nine digits and the sought peer ID and half-closes; the answer is the
// addresses as bytes, each after one byte of length, none when there are none.
const findProtocol protocol.ID = "/parley/1/find"

const (
	maxFound     = 16 // addresses in an answer
	maxAddress   = 255
	maxFind      = meetingSize + 128
	maxFindReply = maxFound * (1 + maxAddress)
	askAtOnce    = 3 // members
)

func encodeFind(id meeting.ID, sought peer.ID) []byte {
	return append([]byte(id), sought.String()...)
}

func parseFind(data []byte) (meeting.ID, peer.ID, error) {
	if len(data) <= meetingSize || len(data) > maxFind {
		return "", "", errMalformed
	}
	id, err := meeting.ParseID(string(data[:meetingSize]))
	if err != nil {
		return "", "", errMalformed
	}
	sought, err := peer.Decode(string(data[meetingSize:]))
	if err != nil {
		return "", "", errMalformed
	}
	return id, sought, nil
}

func encodeFound(addresses []ma.Multiaddr) []byte {
	data := []byte{}
	for _, address := range addresses {
		if bytes := address.Bytes(); len(bytes) <= maxAddress {
			data = append(append(data, byte(len(bytes))), bytes...)
		}
	}
	return data
}

// parseFound reads direct addresses only; it skips what it does not know.
func parseFound(data []byte) (addresses []ma.Multiaddr, err error) {
	for len(data) > 0 && len(addresses) < maxFound {
		size := int(data[0])
		if len(data) < 1+size {
			return nil, errMalformed
		}
		address, err := ma.NewMultiaddrBytes(data[1 : 1+size])
		if _, _, direct := endpoint(address, err); direct {
			addresses = append(addresses, address)
		}
		data = data[1+size:]
	}
	return addresses, nil
}

func (o *Overlay) handleFind(s network.Stream) {
	o.serve(s, maxFind, func(from peer.ID, request []byte) []byte {
		id, sought, err := parseFind(request)
		if err != nil {
			return nil
		}
		t := o.room(id, from)
		if t == nil || !slices.Contains(t.members(), sought) {
			return nil
		}
		return encodeFound(o.direct(sought))
	})
}

// direct are the addresses at which a peer is, or was, found without a relay.
func (o *Overlay) direct(p peer.ID) []ma.Multiaddr {
	var all []ma.Multiaddr
	for _, conn := range o.host.Network().ConnsToPeer(p) {
		all = append(all, conn.RemoteMultiaddr())
	}
	all = ma.Unique(append(all, o.host.Peerstore().Addrs(p)...))
	all = slices.DeleteFunc(all, func(a ma.Multiaddr) bool {
		_, _, direct := endpoint(a, nil)
		return !direct
	})
	return all[:min(len(all), maxFound)]
}

// find asks connected members of a common room for a member that nothing is
// known of, and remembers what they say. What they say is no more than a place to
// try: who is there must prove who it is.
func (o *Overlay) find(ctx context.Context, sought peer.ID) {
	asked := 0
	for _, t := range o.joined() {
		members := t.members()
		if !slices.Contains(members, sought) {
			continue
		}
		for _, member := range members {
			if asked == askAtOnce {
				return
			}
			if member == sought || o.host.Network().Connectedness(member) != network.Connected {
				continue
			}
			asked++
			answer, err := o.ask(ctx, member, findProtocol, encodeFind(t.meeting.ID, sought), maxFindReply)
			if err != nil {
				continue
			}
			if addresses, err := parseFound(answer); err == nil {
				o.host.Peerstore().AddAddrs(sought, addresses, peerstore.TempAddrTTL)
			}
		}
	}
}

// endpoint is p2p.Endpoint of what a decoder returned.
func endpoint(address ma.Multiaddr, err error) (any, bool, bool) {
	if err != nil || len(address) == 0 {
		return nil, false, false
	}
	at, quic, ok := p2p.Endpoint(address)
	return at, quic, ok
}
