package p2p

import (
	"encoding/binary"
	"errors"

	"github.com/libp2p/go-libp2p/core/protocol"
)

// ReachProtocol asks a relay to call back: the node sends a [Reach] and
// half-closes, the relay answers with [Reached] once it has called, or resets the
// stream.
const ReachProtocol protocol.ID = "/parley/1/reach"

// Reach names the ports to call at the address that the asking connection comes
// from; 0 is none. On the wire: two bytes each, big endian.
type Reach struct{ QUIC, TCP uint16 }

// Reached tells at which ports the node answered. On the wire: one byte each, 0
// or 1.
type Reached struct{ QUIC, TCP bool }

// Sizes of both, in bytes.
const (
	MaxReach   = 4
	MaxReached = 2
)

// ErrReach says that bytes are no Reach or Reached.
var ErrReach = errors.New("p2p: malformed call-back")

// Encode puts it on the wire.
func (r Reach) Encode() []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, r.QUIC), r.TCP)
}

// ParseReach reads what Encode wrote.
func ParseReach(data []byte) (Reach, error) {
	if len(data) != MaxReach {
		return Reach{}, ErrReach
	}
	return Reach{QUIC: binary.BigEndian.Uint16(data), TCP: binary.BigEndian.Uint16(data[2:])}, nil
}

// Encode puts it on the wire.
func (r Reached) Encode() []byte {
	data := make([]byte, MaxReached)
	for i, yes := range []bool{r.QUIC, r.TCP} {
		if yes {
			data[i] = 1
		}
	}
	return data
}

// ParseReached reads what Encode wrote.
func ParseReached(data []byte) (Reached, error) {
	if len(data) != MaxReached || data[0] > 1 || data[1] > 1 {
		return Reached{}, ErrReach
	}
	return Reached{QUIC: data[0] == 1, TCP: data[1] == 1}, nil
}
